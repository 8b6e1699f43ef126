"""The committed results: tables that follow from their records, and a README that quotes them."""

import re
import shlex
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attnbench import comparison, records, report
from attnbench.errors import BadInput
from attnbench.harness.results import rebuild
from attnbench.machine.files import write_csv, write_json
from attnbench.paper import Figure
from attnbench.results import SPEED_COLUMNS, Results
from attnbench.tasks.translation.measures import METRICS
from reproductions import bahdanau2015

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path.parent for path in ROOT.glob("results/*/*/records"))


def test_there_are_results_of_generated_and_of_real_text() -> None:
    names = {folder.name.split(".")[0] for folder in FOLDERS}
    assert {"embedded", "files-multi30k", "files-translation"} <= names


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_the_tables_follow_from_the_records(folder: Path) -> None:
    results = Results(folder)
    rebuilt = {
        "scores": results.table(),
        "lengths": results.table("length"),
        "history": results.history,
        "claims": results.verdicts,
        "measurements": results.measurements,
    }
    for name, frame in rebuilt.items():
        text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        assert (folder / f"{name}.csv").read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_the_results_say_where_they_came_from(folder: Path) -> None:
    run = Results(folder).run
    assert re.fullmatch(r"[0-9a-f]{12}(, [0-9a-f]{12})*", run["commit"]), "clean checkouts"
    for path in (folder / "records").iterdir():
        assert records.metadata(path)["corpus"] == run["data"]["fingerprint"]
    assert shlex.split(run["command"])[:3] == ["attnbench", "reproduce", folder.parent.name]
    if not run["data"]["data"].startswith("embedded"):
        assert not (folder / "predictions").exists(), "text of others is not ours to give"


MODELS, CAPS = ("rnnencdec", "rnnsearch"), (30, 50)


def made_up(folder: Path) -> Results:
    """Write a results folder of trained systems and of rules, which have no history and no training."""
    rng, ids = np.random.default_rng(0), [f"{place:03d}" for place in range(90)]
    run: dict[str, Any] = {"paper": "bahdanau2015", "data": "embedded", "scale": "small", "seed": 0}
    history = [{"update": 5, "tokens": 9, "train_nll": 1.0, "valid_nll": 2.0, "valid_score": 3.0}]
    systems = [("rnnsearch", history, 0.9), ("rnnencdec", [], 0.4)]
    for cap, (model, curve, share) in product(CAPS, systems):
        system = f"{model}-{cap}"
        lengths = rng.integers(1, 41, size=len(ids))
        totals = np.maximum(lengths[:, None] - np.arange(4), 0)
        rows = np.column_stack([lengths, lengths, rng.binomial(totals, share), totals]).astype(float)
        frame = pd.DataFrame({"decoding": "beam", "test": "test", "id": ids, "source_length": lengths})
        frame[list(METRICS["bleu"].columns)] = rows
        metadata = {**run, "system": system, "history": curve, "settings": {"data": {"max_length": cap}}}
        records.write(folder / "records" / f"{system}.0.parquet", frame, metadata)
    cells = {"seed": 0, "device": "cpu", "tokens_per_second": 1.0, "examples_per_second": 1.0,
             "peak_memory_mib": 1.0, "seconds": 1.0}  # fmt: skip
    phases = [("rnnencdec-50", "beam"), ("rnnsearch-50", "train"), ("rnnsearch-50", "beam")]
    speed = pd.DataFrame([{"system": system, "phase": phase, **cells} for system, phase in phases])
    write_csv(folder / "speed.csv", speed[SPEED_COLUMNS])
    write_json(folder / "run.json", {"scale": "small", "data": {"data": "embedded"}})
    results = Results(folder)
    rebuild(results)
    return results


def test_a_rule_has_scores_curves_and_verdicts_and_no_history(tmp_path: Path) -> None:
    results = made_up(tmp_path)
    assert set(results.table()["system"]) == {f"{model}-{cap}" for model in MODELS for cap in CAPS}
    assert set(results.history["system"]) == {"rnnsearch-30", "rnnsearch-50"}
    verdicts = results.verdicts.set_index("claim")
    assert verdicts.loc["attention-beats-fixed-vector", "verdict"] == "held once"
    reason = "no training history of rnnencdec-50"
    assert verdicts.loc["fewer-updates-suffice", ["verdict", "reason"]].tolist() == ["not run", reason]
    page = (tmp_path / "report.md").read_text(encoding="utf-8")
    curves = page[page.index("## Learning curves") : page.index("## Speed")]
    assert "rnnsearch-50" in curves and "rnnencdec-50" not in curves
    assert "| rnnencdec-50 | 0 | cpu | beam |" in page and "| rnnencdec-50 | 0 | cpu | train |" not in page
    assert (tmp_path / "lengths.png").stat().st_size > 10_000
    assert (tmp_path / "history.csv").read_text().startswith("system,seed,stage,update,")


def test_a_papers_own_figure_is_drawn_where_there_are_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Figure("curve", "BLEU once more", "bleu", "source-length", ("test", "other"), ("beam",))
    nowhere = Figure("nowhere", "Nothing", "bleu", "source-length", ("other",), ("beam",))
    paper = replace(bahdanau2015.PAPER, figures=(there, nowhere))
    monkeypatch.setattr("attnbench.results.load", lambda name: paper)
    results = made_up(tmp_path)
    table = pd.read_csv(tmp_path / "curve.csv")
    assert set(table["decoding"]) == {"beam"} and set(table["test"]) == {"test"}
    assert table["value"].tolist() == pytest.approx(
        results.table("source-length", None, METRICS["bleu"])["value"].tolist(), nan_ok=True, rel=1e-5
    )
    first = (tmp_path / "curve.png").read_bytes()
    assert first.startswith(b"\x89PNG") and len(first) > 10_000
    assert not (tmp_path / "nowhere.png").exists() and not (tmp_path / "nowhere.csv").exists()
    page = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert page.count("![BLEU once more](curve.png)") == 1 and "Nothing" not in page
    (tmp_path / "curve.png").unlink()
    assert rebuild(Results(tmp_path)) == []
    assert (tmp_path / "curve.png").read_bytes() == first


def test_a_length_that_no_record_has_is_named(tmp_path: Path) -> None:
    results = made_up(tmp_path)
    with pytest.raises(BadInput, match="has no target-length: its records have no target_length"):
        comparison.show([results], comparison.View(by="target-length"))
    with pytest.raises(BadInput, match="has no nll for decoding beam"):
        comparison.show([results], comparison.View(by="target-length", metric="nll"))


def test_length_is_the_first_that_the_leading_test_set_has(tmp_path: Path) -> None:
    results = made_up(tmp_path)
    first, second = results.task.lengths[:2]
    assert results.length("length") == first
    frame = results.records.frame.rename(columns={first.column: second.column})
    results.records = replace(results.records, frame=frame)
    assert results.length("length") == second and results.length(first.name) == first
    results.records = replace(results.records, frame=frame.drop(columns=second.column))
    assert results.length("length") == first, "none is known"


def test_a_table_is_made_once_and_cut_to_a_metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = made_up(tmp_path)
    whole = results.table("length")
    monkeypatch.setattr("attnbench.tables.lengths", None)
    assert results.table("source-length") is whole
    bleu = results.table("length", metric=results.headline)
    assert len(bleu) == len(whole) > 0 and set(bleu["metric"]) == {"bleu"}
    assert not len(results.table("length", metric=METRICS["nll"]))


def test_the_page_names_the_corpus_of_each_system_where_they_differ() -> None:
    sizes = {"train": 9, "valid": 2}
    told = [
        {"system": name, "corpus": corpus, "examples": sizes} for name, corpus in zip("ab", "xy", strict=True)
    ]
    run = {"data": {"fingerprint": "x"}}
    same = report.how_it_was_run(run, told[:1])
    assert "- corpus fingerprint: x\n" in same and "corpus of" not in same
    apart = report.how_it_was_run(run, told)
    assert "- corpus of a: x, train 9, valid 2\n- corpus of b: y, train 9, valid 2\n" in apart


def test_records_that_are_gone_are_forgotten_and_named(tmp_path: Path) -> None:
    made_up(tmp_path)
    gone = tmp_path / "records" / "rnnsearch-50.0.parquet"
    gone.unlink()
    with pytest.raises(
        BadInput, match=r"rnnsearch-50.0.parquet is not there; .*`attnbench rebuild .*forgets"
    ):
        Results(tmp_path).table()
    assert rebuild(Results(tmp_path)) == [gone]
    assert "rnnsearch-50" not in set(Results(tmp_path).table()["system"])
    assert rebuild(Results(tmp_path)) == []


@pytest.mark.parametrize("name", ["speed.csv", "run.json"])
def test_a_file_that_is_gone_is_said_to_be_gone(tmp_path: Path, name: str) -> None:
    """Nobody can delete what is not there."""
    made_up(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BadInput) as refused:
        rebuild(Results(tmp_path))
    command = "run the `attnbench reproduce` command that wrote it again"
    assert str(refused.value) == f"{tmp_path / name} is not there; {command}"
