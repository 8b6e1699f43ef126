"""A paper outside of attnbench: its task, metric, lengths, mechanism and decodings are new files alone."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from smoke import reproduce

from attnbench import cli, paper
from attnbench.harness import stages
from attnbench.harness.plan import measure
from attnbench.harness.predict import find, predict_lines
from attnbench.harness.run import decode
from attnbench.settings import override

HERE = Path(__file__).parent / "outside"
NAME = "tiles2026"


@pytest.fixture(scope="module")
def outside() -> Iterator[None]:
    """Let the package be found, entry point and all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HERE))
        yield
        for module in [name for name in sys.modules if name.partition(".")[0] == "tiles"]:
            del sys.modules[module]


@pytest.fixture(scope="module")
def folder(outside: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("outside")
    return reproduce(NAME, place / "out", place / "work", ["all"])


def called(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", ["attnbench", *words])
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    return out


def work(folder: Path) -> Path:
    return folder.parents[2] / "work"


def run_of(folder: Path, system: str) -> stages.Opened:
    (place,) = (work(folder) / "runs" / NAME / "embedded.smoke").glob(f"{system}.0.*")
    return stages.open_run(find(str(place), place))


def test_its_commands_are_those_of_every_paper(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert NAME in paper.names()
    assert "attends" in called(["list"], capsys)
    shown = called(["compare", str(folder), "--by", "density", "--bins", "0,0.5,1.01"], capsys)
    assert "0–0.5" in shown and "0.5–1.01" in shown
    assert "objects" in called(["compare", str(folder), "--by", "length", "--format", "csv"], capsys)
    assert "attention-errs-less" in called(["claims", str(folder)], capsys)
    assert "Six tiles each" in called(["data", "show", "tiles"], capsys)
    assert "tiles" in called(["data", "list"], capsys)
    counted = called(["data", "check", NAME], capsys)
    assert "0–0.25" in counted and "density" in counted
    report = (folder / "report.md").read_text()
    called(["rebuild", str(folder)], capsys)
    assert (folder / "report.md").read_text() == report


def test_scores_are_its_metric_s(folder: Path) -> None:
    scores = pd.read_csv(folder / "scores.csv")
    assert set(scores["metric"]) == {"colour-errors"} and set(scores["signature"]) == {"order:any"}
    silent = scores[(scores["system"] == "silent") & (scores["seed"] == "all")]
    assert set(silent["value"]) == {100.0}, "silence gets every word wrong"


def test_lengths_are_its_own_and_may_be_fractions(folder: Path) -> None:
    records = pd.read_parquet(folder / "records" / "silent.0.parquet")
    assert {"objects", "density", "words"} <= set(records.columns)
    lengths = pd.read_csv(folder / "lengths.csv")
    assert set(lengths["by"]) == {"objects in tiles"}
    rows = lengths[lengths["decoding"] == "greedy"].set_index(["system", "seed"]).sort_index()
    objects = records.loc[(records["test"] == "test") & (records["decoding"] == "greedy"), "objects"]
    counts = [int(((objects >= low) & (objects < high)).sum()) for low, high in ((0, 2), (2, 4), (4, 7))]
    assert list(rows.loc[("silent", "0"), "n"]) == counts and counts[0] > 0


def test_a_decoding_is_for_the_test_sets_that_it_names(folder: Path) -> None:
    records = pd.read_parquet(folder / "records" / "attends.0.parquet")
    pairs = set(zip(records["decoding"], records["test"], strict=True))
    assert pairs == {("peaked", "test"), ("greedy", "test"), ("seen", "test"), ("twice", "full")}


def test_a_decoding_s_scorer_bars_and_adapts(folder: Path) -> None:
    outputs = {
        name: [json.loads(line) for line in path.read_text().splitlines()]
        for name in ("seen", "greedy")
        for path in [folder / "predictions" / f"attends.0.{name}.test.jsonl"]
    }
    opened = run_of(folder, "attends")
    test = opened.corpus.tests["test"]
    gold = dict(zip(test["id"], map(set, map(str.split, test["caption"])), strict=True))
    assert all(set(row["output"].split()) <= gold[row["id"]] for row in outputs["seen"])
    assert any(row["output"] for row in outputs["seen"])


def test_a_decoding_s_change_of_a_model_is_its_own(folder: Path) -> None:
    opened = run_of(folder, "attends")
    model = stages.finished(opened)
    peaked = next(one for one in paper.load(NAME).decodings if one.name == "peaked")
    decode(opened, model, peaked, opened.corpus.tests["test"], lambda _: None)
    assert model.attention.sharper is None  # type: ignore[union-attr]


def test_alignments_are_kept_where_the_decoding_asks(folder: Path) -> None:
    kept = sorted(path.name for path in work(folder).rglob("*.alignments.safetensors"))
    assert kept == ["peaked.test.alignments.safetensors"]
    weights = load_file(next(work(folder).rglob("*.alignments.safetensors")))
    assert len(weights) == 60 and next(iter(weights.values())).shape == (1, 6)


def test_each_stage_goes_on_from_the_one_before(folder: Path) -> None:
    history = pd.read_csv(folder / "history.csv")
    assert list(zip(history["stage"], history["update"], strict=True)) == [
        ("clean", 3), ("clean", 6), ("noisy", 2), ("noisy", 4),
    ]  # fmt: skip
    opened = run_of(folder, "attends")
    configured = json.loads((folder / "run.json").read_text())["configuration"]
    assert configured["attends"]["stages"]["noisy"]["model"]["noise"] == 0.3
    assert "stages" not in configured["silent"] and configured["attends"]["model"]["noise"] == 0
    rates = {name: settings.training.learning_rate for name, settings in opened.run.stages.items()}
    assert rates == {"clean": 1e-3, "noisy": 0.01, "tuned": 1e-3}
    weights = {name: load_file(opened.run.checkpoint(name) / "model.safetensors") for name in rates}
    clean, noisy, tuned = (one["encoder.cells.weight"] for one in weights.values())
    assert not torch.equal(clean, noisy) and torch.equal(noisy, tuned)
    assert weights["noisy"]["attention.temperature"] == 1
    model = stages.finished(opened)
    assert float(model.attention.temperature) in (0.5, 1.0, 2.0)  # type: ignore[union-attr, arg-type]
    speed = pd.read_csv(folder / "speed.csv")
    assert list(speed[speed["system"] == "attends"]["phase"])[:2] == ["train clean", "train noisy"]
    assert not any("train" in phase for phase in speed[speed["system"] == "silent"]["phase"])


def test_what_a_stage_that_tunes_decodes_with_changes_the_weights(folder: Path) -> None:
    run = run_of(folder, "attends").run
    for name, changed in (("noisy", False), ("tuned", True)):
        settings = override(run.stages[name], {"decoding.beam": 7})
        other = replace(run, stages={**run.stages, name: settings})
        assert (other.key != run.key) == changed


def test_two_stages_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two stages of one name: fit, fit"):
        paper.System("twice", "", "tiles.model:silent", stages=(paper.FIT, paper.FIT))


def scaled(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> paper.Paper:
    """Let the paper's scale be another, and return the paper."""
    now = paper.load(NAME)
    other = replace(now, scales=tuple(replace(one, **changes) for one in now.scales))
    monkeypatch.setattr(sys.modules["tiles"], "PAPER", other)
    return other


def test_a_scale_may_leave_stages_out(outside: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scaled(monkeypatch, drop=("noisy", "tuned"))
    folder = reproduce(NAME, tmp_path / "out", tmp_path / "work", ["all"])
    history = pd.read_csv(folder / "history.csv")
    assert list(zip(history["stage"], history["update"], strict=True)) == [("clean", 3), ("clean", 6)]
    opened = run_of(folder, "attends")
    assert list(opened.run.stages) == ["clean"] and measure(opened.run)["updates"] == 6
    assert not any((opened.run.folder / name).exists() for name in ("noisy", "tuned"))
    kept = load_file(opened.run.checkpoint("clean") / "model.safetensors")
    left = stages.finished(opened).state_dict()
    assert all(torch.equal(tensor, kept[name]) for name, tensor in left.items())


@pytest.mark.parametrize(
    ("drop", "says"),
    [
        (("noisy", "tune"), "scale smoke drops stages that are not there: {'tune'}"),
        (("clean", "noisy", "tuned"), "scale smoke leaves no stage to attends"),
    ],
)
def test_a_scale_leaves_out_what_is_there_and_not_all(
    drop: tuple[str, ...], says: str, outside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=says):
        scaled(monkeypatch, drop=drop)


def test_weight_noise_goes_on_from_stage_to_stage(outside: None, tmp_path: Path) -> None:
    """Adam moves a log variance by 2048 times its rate in each update: up, from so small a variance."""
    changes = {"training.batch_size": "1", "training.weight_noise": "1", "training.learning_rate": "1e-4"}
    folder = reproduce(NAME, tmp_path / "out", tmp_path / "work", ["attends"], changes=changes)
    run = run_of(folder, "attends").run
    start = 2 * math.log(1e-12)
    for stage, updates in (("clean", 6), ("noisy", 6 + 4)):
        logs = 2048 * load_file(run.checkpoint(stage) / "noise.safetensors")["log_variances"]
        torch.testing.assert_close(logs, torch.full_like(logs, start + updates * 0.2048), rtol=1e-3, atol=0)


@pytest.mark.parametrize("declared", [1, 4])
def test_a_finished_run_keeps_its_stages_when_its_paper_changes_them(
    declared: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = run_of(folder, "attends")
    now = paper.load(NAME)
    others = (*now.system("attends").stages, paper.Stage("later"))[:declared]
    systems = tuple(replace(one, stages=others) if one.stages else one for one in now.systems)
    monkeypatch.setattr(stages, "load", lambda name: replace(now, systems=systems))
    kept = load_file(opened.run.checkpoint("tuned") / "model.safetensors")
    assert all(
        torch.equal(tensor, kept[name]) for name, tensor in stages.finished(opened).state_dict().items()
    )


@pytest.mark.parametrize("stage", ["clean", "noisy", "tuned"])
def test_a_run_killed_in_any_stage_ends_as_if_it_never_was(
    stage: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stages._tune if stage == "tuned" else stages._fit
    done = []

    def killed(opened: stages.Opened, model: torch.nn.Module, settings: object, *rest: object) -> object:
        if settings is opened.run.stages[stage] and not done:
            done.append(stage)
            raise KeyboardInterrupt
        return whole(opened, model, settings, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(stages, whole.__name__, killed)
    with pytest.raises(KeyboardInterrupt):
        reproduce(NAME, tmp_path / "out", tmp_path / "work", ["attends"])
    again = reproduce(NAME, tmp_path / "out", tmp_path / "work", ["attends"])
    for name in ("scores.csv", "history.csv"):
        rows = pd.read_csv(folder / name)
        pd.testing.assert_frame_equal(
            pd.read_csv(again / name), rows[rows["system"] == "attends"].reset_index(drop=True)
        )


def test_a_column_of_its_own_is_batched_from_the_map(folder: Path) -> None:
    split = run_of(folder, "attends").corpus.tests["full"]
    batch = split.batch(np.array([3, 1]), torch.device("cpu"))
    assert batch.grid.shape == (2, 6, 3) and batch.grid.dtype == torch.float32
    assert batch.grid.sum(dim=(1, 2)).tolist() == [6, 6]
    assert batch.grid[0].tolist() == split["grid"][3]


def test_a_plan_counts_the_updates_of_all_stages(folder: Path) -> None:
    attends, silent = (measure(run_of(folder, name).run) for name in ("attends", "silent"))
    assert attends["updates"] == 6 + 4 and attends["ms an update"] > 0
    assert (silent["updates"], silent["ms an update"], silent["weights"]) == (0, 0, 0)
    assert attends["seconds"] > attends["ms an update"] / 100


def test_a_trained_system_is_used_on_new_input(folder: Path) -> None:
    for system in ("attends", "silent"):
        assert list(predict_lines(f"{NAME}/{system}", ["a"], work(folder))) == ["a"]
