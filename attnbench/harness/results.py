"""The results folder: every table, curve, verdict and page, rebuilt from the records in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attnbench import plots, records, report
from attnbench.errors import BadInput
from attnbench.files import write_csv, write_json, write_whole
from attnbench.harness.configure import SPEED, Request, Run, restored
from attnbench.paper import Paper
from attnbench.results import Results

COLUMNS = [
    "system", "seed", "device", "phase",
    "tokens_per_second", "examples_per_second", "peak_memory_mib", "seconds",
]  # fmt: skip
"""The columns of speed.csv."""


def collect(request: Request, runs: Sequence[Run]) -> pd.DataFrame:
    """Copy the runs' records into the results folder; return the rows of speed.csv.

    Records of other systems and seeds stay if they are of the same corpus, and a system's other seeds if
    they were trained and tested with the same settings; the rest are of another time and go.
    """
    folder = request.folder
    corpora = {run.fingerprint for run in runs}
    now = {run.system: run.configuration for run in runs}
    for path in sorted((folder / "records").glob("*.parquet")):
        about = records.metadata(path)
        same = about["system"] not in now or now[about["system"]] == _configuration(request.paper, about)
        if about.get("corpus") not in corpora or not same:
            path.unlink()
            for prediction in (folder / "predictions").glob(f"{path.stem}.*"):
                prediction.unlink()
    for run in runs:
        records.metadata(run.records)
        target = folder / "records" / f"{run.name}.parquet"
        write_whole(target, lambda beside, run=run: shutil.copyfile(run.records, beside))  # type: ignore[misc]
        if request.source.kind == "embedded":
            for made in sorted(run.decoded.glob("*.jsonl")):
                copy = folder / "predictions" / f"{run.name}.{made.name}"
                write_whole(copy, lambda beside, made=made: shutil.copyfile(made, beside))  # type: ignore[misc]
    return _speed(folder, runs)


def _configuration(paper: Paper, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the settings of records as ``Run.configuration`` has them, newer ones as they are by default;
    None where a setting is no longer there."""
    found = dict(about.get("settings", {}))
    try:
        stages = {name: restored(paper, one).json() for name, one in found.pop("stages", {}).items()}
        return restored(paper, found).json() | ({"stages": stages} if stages else {})
    except BadInput:
        return None


def _speed(folder: Path, runs: Sequence[Run]) -> pd.DataFrame:
    new = pd.DataFrame([row for run in runs for row in speed_of(run)["rows"]])
    old = folder / "speed.csv"
    if old.exists():
        kept = _kept(old)
        names = {f"{run.system}.{run.seed}" for run in runs}
        stays = [
            f"{system}.{seed}" not in names and (folder / "records" / f"{system}.{seed}.parquet").exists()
            for system, seed in zip(kept["system"], kept["seed"], strict=True)
        ]
        new = pd.concat([kept[stays], new], ignore_index=True)
    return new.sort_values(["system", "seed"], kind="stable", ignore_index=True)[COLUMNS]


def _kept(path: Path) -> pd.DataFrame:
    """Return an earlier speed.csv; raise ``BadInput`` for another table."""
    try:
        return pd.read_csv(path)[COLUMNS]
    except (KeyError, ValueError) as error:
        raise BadInput(f"{path} is not a table of speed ({error}); delete it") from error


def recorded(folder: Path) -> list[tuple[str, int]]:
    """Return the system and seed of every run whose records are in a results folder."""
    paths = sorted((folder / "records").glob("*.parquet"))
    return [(run["system"], run["seed"]) for run in map(records.metadata, paths)]


def speed_of(run: Run) -> dict[str, Any]:
    """Return how fast a finished run was, and in what circumstances."""
    speed: dict[str, Any] = json.loads((run.decoded / SPEED).read_text(encoding="utf-8"))
    return speed


def write(folder: Path, speed: pd.DataFrame, run: dict[str, Any]) -> Results:
    """Write speed.csv and run.json, then all that follows from the records; return the results."""
    write_csv(folder / "speed.csv", speed)
    write_json(folder / "run.json", run)
    results = Results(folder)
    rebuild(results)
    return results


def rebuild(results: Results) -> None:
    """Write every table, the figure and the page anew from the records, such as after a claim was added.

    Nothing is trained; speed.csv and run.json, which tell of the training, stay as they are.
    """
    report.write(results.folder / "report.md", results)  # first: it refuses a folder that is not whole
    for name, frame in (
        ("scores", results.table()), ("lengths", results.table("length")), ("history", results.history),
        ("claims", results.verdicts), ("measurements", results.measurements),
    ):  # fmt: skip
        write_csv(results.folder / f"{name}.csv", frame)
    draw(results.folder / "lengths.png", results)


def draw(path: Path, results: Results) -> None:
    """Draw the headline metric over length on the main test set, the training caps marked."""
    metric, decoding = results.headline, results.decoding
    test = results.main_test(metric)
    caps = {run.get("settings", {}).get("data", {}).get("max_length") for run in results.records.metadata} - {
        None
    }
    run = results.table().iloc[0]
    title = f"{run['paper']}, {run['data']} at scale {run['scale']}: {metric.unit}, {decoding}, {test}"
    plots.length_curves(results.table("length"), path, metric, decoding, test, title, sorted(caps))
