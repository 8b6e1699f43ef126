"""The results folder: every table, curve, verdict and page, rebuilt from the records in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attnbench import claims, plots, records, report, tables
from attnbench.errors import BadInput
from attnbench.files import write_csv, write_json, write_whole
from attnbench.harness.configure import SPEED, Request, Run
from attnbench.paper import Paper, load
from attnbench.scoring import METRICS

COLUMNS = [
    "system", "seed", "device", "phase",
    "tokens_per_second", "examples_per_second", "peak_memory_mib", "seconds",
]  # fmt: skip
"""The columns of speed.csv."""


def collect(request: Request, runs: Sequence[Run]) -> pd.DataFrame:
    """Copy the runs' records into the results folder; return the rows of speed.csv.

    Records of other systems and seeds stay if they are of the same corpus; others are of another time
    and go.
    """
    folder = request.folder
    corpora = {run.fingerprint for run in runs}
    for path in sorted((folder / "records").glob("*.parquet")):
        if records.read_file(path)[1].get("corpus") not in corpora:
            path.unlink()
            for said in (folder / "predictions").glob(f"{path.stem}.*"):
                said.unlink()
    for run in runs:
        records.read_file(run.records)
        target = folder / "records" / f"{run.name}.parquet"
        write_whole(target, lambda beside, run=run: shutil.copyfile(run.records, beside))  # type: ignore[misc]
        if request.source.kind == "embedded":
            for said in sorted(run.decoded.glob("*.jsonl")):
                copy = folder / "predictions" / f"{run.name}.{said.name}"
                write_whole(copy, lambda beside, said=said: shutil.copyfile(said, beside))  # type: ignore[misc]
    return _speed(folder, runs)


def _speed(folder: Path, runs: Sequence[Run]) -> pd.DataFrame:
    new = pd.DataFrame([row for run in runs for row in said_of(run)["rows"]])
    old = folder / "speed.csv"
    if old.exists():
        kept = pd.read_csv(old)
        names = {f"{run.system}.{run.seed}" for run in runs}
        stays = [
            f"{system}.{seed}" not in names and (folder / "records" / f"{system}.{seed}.parquet").exists()
            for system, seed in zip(kept["system"], kept["seed"], strict=True)
        ]
        new = pd.concat([kept[stays], new], ignore_index=True)
    return new.sort_values(["system", "seed"], kind="stable", ignore_index=True)[COLUMNS]


def recorded(folder: Path) -> list[tuple[str, int]]:
    """Return the system and seed of every run whose records are in a results folder."""
    paths = sorted((folder / "records").glob("*.parquet"))
    return [(about["system"], about["seed"]) for about in (records.read_file(path)[1] for path in paths)]


def rebuild(folder: Path) -> None:
    """Write every table of a results folder anew from its records, such as after a claim was added.

    Nothing is trained; speed.csv and run.json, which tell of the training, stay as they are.
    """
    try:
        said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        speed = pd.read_csv(folder / "speed.csv")
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{folder} is not a whole results folder: {error}; run `attnbench reproduce`"
        ) from error
    write(folder, load(said["paper"]), speed, said)


def said_of(run: Run) -> dict[str, Any]:
    """Return how fast a finished run was, and in what circumstances."""
    said: dict[str, Any] = json.loads((run.decoded / SPEED).read_text(encoding="utf-8"))
    return said


def write(folder: Path, paper: Paper, speed: pd.DataFrame, run: dict[str, Any]) -> pd.DataFrame:
    """Write every table, the figure, the page and run.json from the records; return the verdicts."""
    table = records.read(folder)
    learnt = records.history(table)
    scores, lengths = tables.scores(table), tables.lengths(table)
    verdicts = claims.judge(paper, table, learnt)
    for name, frame in (
        ("scores", scores), ("lengths", lengths), ("history", learnt), ("claims", verdicts), ("speed", speed),
    ):  # fmt: skip
        write_csv(folder / f"{name}.csv", frame)
    draw(folder / "lengths.png", paper, table, lengths)
    main = records.main_test(table, METRICS[paper.headline].columns[0]) or "test"
    about = {"data": run["data"]["data"], "scale": run["scale"], "main_test": main}
    views = [lengths, *_other_views(paper, table)]
    pairs = tables.differences(table, paper.headline, paper.decodings[0].name, main)
    report.write(folder / "report.md", paper, about, scores, views, pairs, verdicts, learnt, speed, run)
    write_json(folder / "run.json", run)
    return verdicts


def _other_views(paper: Paper, table: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the headline by each further length that the paper's report shows."""
    return [tables.lengths(table, by=view, metrics=(paper.headline,)) for view in paper.views[1:]]


def draw(path: Path, paper: Paper, table: pd.DataFrame, lengths: pd.DataFrame) -> None:
    """Draw the headline metric over length on the main test set, the training caps marked."""
    decoding, metric = paper.decodings[0].name, METRICS[paper.headline]
    test = records.main_test(table, metric.columns[0]) or ""
    caps = {about["settings"]["data"].get("max_length") for about in table.attrs["about"]} - {None}
    run = f"{paper.name}, {table['data'].iloc[0]} at scale {table['scale'].iloc[0]}"
    title = f"{run}: {metric.unit}, {decoding}, {test}"
    plots.length_curves(lengths, path, paper.headline, decoding, test, title, metric.unit, sorted(caps))
