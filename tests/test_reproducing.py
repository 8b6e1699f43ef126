"""From a command to its results folder: what is trained, what stays there, and what is said of it."""

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from smoke import QUICK, quick, with_changes

from attnbench import harness, records
from attnbench.errors import BadInput, RunFailed
from attnbench.harness import pool
from attnbench.harness.configure import Request, Run
from attnbench.harness.run import execute
from attnbench.machine.files import seal, write_json
from attnbench.results import SPEED_COLUMNS
from attnbench.tasks.engine import silent


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the harness train in this process; return the list that the names of runs are added to."""
    trained: list[str] = []

    def execute_all(runs: Sequence[Run], jobs: int, console: Console) -> None:
        for one in runs:
            trained.append(one.name)
            execute(one, lambda *said: None)

    monkeypatch.setattr(pool, "execute_all", execute_all)
    return trained


def reproduce(asked: Request, force: bool = False, command: str = "") -> Path:
    """Give a command, of its own for each systems and seeds, and return the results folder."""
    named = ",".join(system.name for system in asked.systems)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["attnbench", command or f"{named}.{list(asked.seeds)}"])
        return harness.reproduce(asked, jobs=1, force=force, console=Console(file=io.StringIO())).folder


def test_a_system_named_twice_is_run_once(tmp_path: Path, in_process: list[str]) -> None:
    folder = reproduce(quick(tmp_path, ["rnnencdec-50", "rnnencdec-50"]))
    assert in_process == ["rnnencdec-50.0"]
    assert list(pd.read_csv(folder / "speed.csv")["phase"]) == ["train", "beam", "greedy", "forced"]


def test_a_finished_run_is_not_repeated_and_keeps_its_times(tmp_path: Path, in_process: list[str]) -> None:
    folder = reproduce(quick(tmp_path))
    assert in_process == ["rnnsearch-50.0"]
    then = json.loads((folder / "run.json").read_text())
    assert then["seconds"] > 0 and then["quiet"] is (then["load_before"] < harness.QUIET_LOAD)
    tables = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    assert len(tables) == 6
    reproduce(quick(tmp_path))
    again = json.loads((folder / "run.json").read_text())
    assert in_process == ["rnnsearch-50.0"], "nothing is left to train"
    assert again == then
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == tables
    reproduce(quick(tmp_path), force=True)
    assert in_process == ["rnnsearch-50.0"] * 2


def test_another_beam_decodes_anew_with_the_same_weights(tmp_path: Path, in_process: list[str]) -> None:
    reproduce(quick(tmp_path))
    (weights,) = tmp_path.rglob("model.safetensors")
    before = weights.stat()
    reproduce(quick(tmp_path, changes=QUICK | {"decoding.beam": "3"}))
    assert in_process == ["rnnsearch-50.0"] * 2
    assert list(tmp_path.rglob("model.safetensors")) == [weights]
    assert (weights.stat().st_ino, weights.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(list(tmp_path.rglob("decoded.*/records.parquet"))) == 2


def test_records_of_another_corpus_go_only_by_force_and_those_of_other_systems_stay(
    tmp_path: Path, in_process: list[str]
) -> None:
    asked = quick(tmp_path)
    folder = reproduce(asked)
    kept, about = records.read_file(folder / "records" / "rnnsearch-50.0.parquet")
    sister = about | {"system": "rnnsearch-30"}
    records.write(folder / "records" / "rnnsearch-30.0.parquet", kept, sister)
    records.write(
        folder / "records" / "rnnencdec-30.0.parquet", kept, about | {"system": "rnnencdec-30", "corpus": "0"}
    )
    stale = folder / "predictions" / "rnnencdec-30.0.beam.test.jsonl"
    shutil.copyfile(folder / "predictions" / "rnnsearch-50.0.beam.test.jsonl", stale)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match=r"another corpus .*rnnencdec-30.*--label NAME or --out DIR .*--force"):
        reproduce(asked)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert reproduce(replace(asked, label="own")).name == f"{folder.name}.own"
    reproduce(asked, force=True)
    names = sorted(path.name for path in (folder / "records").iterdir())
    assert names == ["rnnsearch-30.0.parquet", "rnnsearch-50.0.parquet"]
    assert sorted(pd.read_csv(folder / "scores.csv")["system"].unique()) == ["rnnsearch-30", "rnnsearch-50"]
    assert not stale.exists(), "predictions go with their records"


def test_other_seeds_of_a_system_stay_if_its_settings_are_theirs(
    tmp_path: Path, in_process: list[str]
) -> None:
    asked = quick(tmp_path, ["rnnsearch-50"], seeds="1-1")
    folder = reproduce(asked)
    kept, about = records.read_file(folder / "records" / "rnnsearch-50.1.parquet")
    older = {name: dict(section) for name, section in about["settings"].items()}
    del older["training"]["batch_tokens"]  # a setting that was not there yet: as it is by default
    other = about["settings"] | {"model": about["settings"]["model"] | {"hidden": 17}}
    for seed, settings in ((2, older), (3, other)):
        path = folder / "records" / f"rnnsearch-50.{seed}.parquet"
        records.write(path, kept, about | {"seed": seed, "settings": settings})
    reproduce(replace(asked, seeds=range(1)))
    names = sorted(path.name for path in (folder / "records").iterdir())
    assert names == [f"rnnsearch-50.{seed}.parquet" for seed in range(3)]
    told = json.loads((folder / "run.json").read_text())
    assert told["seeds"] == [0, 1, 2] and len(told["earlier_commands"]) == 1
    reproduce(replace(asked, seeds=range(1)))
    assert json.loads((folder / "run.json").read_text()) == told, "the same command again changes nothing"


def test_run_json_joins_the_circumstances_of_two_commands(tmp_path: Path, in_process: list[str]) -> None:
    path = reproduce(quick(tmp_path, seeds="1-1"), command="first") / "run.json"
    first = json.loads(path.read_text()) | {"commit": "zzz", "seconds": 1000.0, "started": "1999", "jobs": 9,
                                            "load_before": 77.0, "quiet": True}  # fmt: skip
    write_json(path, first)
    seal(path.parent)
    reproduce(quick(tmp_path), command="then")
    told = json.loads(path.read_text())
    assert (told["command"], told["earlier_commands"]) == ("attnbench then", ["attnbench first"])
    assert "zzz" in told["commit"].split(", ") and told["seconds"] > 1000
    assert (told["started"], told["jobs"], told["load_before"], told["quiet"]) == ("1999", 9, 77.0, False)


def test_no_commit_is_told_outside_a_checkout(
    tmp_path: Path, in_process: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnbench.machine.provenance._commit", lambda: None)
    folder = reproduce(quick(tmp_path, seeds="1-1"))
    assert json.loads((folder / "run.json").read_text())["commit"] is None
    reproduce(quick(tmp_path))
    assert json.loads((folder / "run.json").read_text())["commit"] is None
    assert "- commit" not in (folder / "report.md").read_text()


def test_speed_of_other_systems_stays(tmp_path: Path, in_process: list[str]) -> None:
    reproduce(quick(tmp_path, ["rnnencdec-50"]))
    speed = pd.read_csv(reproduce(quick(tmp_path, ["rnnsearch-50"])) / "speed.csv")
    assert list(speed["system"]) == ["rnnencdec-50"] * 4 + ["rnnsearch-50"] * 4
    assert list(speed.columns) == SPEED_COLUMNS


def test_run_json_keeps_the_settings_of_other_systems(tmp_path: Path, in_process: list[str]) -> None:
    first = json.loads((reproduce(quick(tmp_path, ["rnnencdec-50"])) / "run.json").read_text())
    assert "earlier_commands" not in first
    both = json.loads((reproduce(quick(tmp_path, ["rnnsearch-50"])) / "run.json").read_text())
    assert list(both["configuration"]) == ["rnnencdec-50", "rnnsearch-50"]
    assert both["configuration"]["rnnencdec-50"] == first["configuration"]["rnnencdec-50"]
    assert both["earlier_commands"] == [first["command"]]


@pytest.mark.parametrize(
    ("name", "text"), [("run.json", "{"), ("run.json", "{}"), ("run.json", "[]"), ("speed.csv", "a,b\n")]
)
def test_a_broken_file_of_an_earlier_command_is_named(
    tmp_path: Path, in_process: list[str], name: str, text: str
) -> None:
    asked = quick(tmp_path, ["rnnsearch-50"])
    folder = reproduce(asked)
    kept, about = records.read_file(folder / "records" / "rnnsearch-50.0.parquet")
    records.write(folder / "records" / "rnnsearch-30.0.parquet", kept, about | {"system": "rnnsearch-30"})
    (folder / name).write_text(text)
    for sealed in (False, True):  # changed since it was written, and written so
        with pytest.raises(BadInput, match=rf"{name} is not .*; delete it"):
            reproduce(asked)
        if not sealed:
            seal(folder)
    (folder / name).unlink()
    reproduce(asked)
    assert (folder / name).exists()


def test_a_failed_run_does_not_stop_the_others(tmp_path: Path) -> None:
    asked = quick(tmp_path, ["rnnencdec-50", "rnnsearch-50"], seeds=1)
    bad, good = harness.configure.runs(asked, silent)
    bad = with_changes(bad, {"training.learning_rate": 1e30, "training.warmup": 0})
    with pytest.raises(RunFailed, match=r"^run rnnencdec-50.0: the .* is (nan|inf) at update \d+"):
        pool.execute_all([bad, good], 2, Console(file=io.StringIO()))
    assert good.records.exists() and not bad.records.exists()
    assert records.read_file(good.records)[1]["system"] == "rnnsearch-50"
