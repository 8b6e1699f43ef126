"""The results folder: every table, curve, verdict and page, rebuilt from the records in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from attnbench import plots, records, report
from attnbench.errors import BadInput
from attnbench.harness.configure import Request, Run, restored
from attnbench.machine import manifest
from attnbench.machine.files import alone_in, remove, seal, unseal, write_csv, write_json, write_whole
from attnbench.paper import Figure, Paper
from attnbench.results import SPEED_COLUMNS, Results
from attnbench.scoring import Metric

TABLES = (
    "scores.csv",
    "lengths.csv",
    "history.csv",
    "claims.csv",
    "measurements.csv",
    "report.md",
    "lengths.png",
)
"""What is written anew from the records."""

_JOINED = {"command", "configuration", "commit", "started", "seconds", "jobs", "load_before", "quiet"}
"""What run.json must hold to be joined with another command's."""


class Standing(NamedTuple):
    """What is in a results folder before a command writes into it."""

    stays: Sequence[tuple[str, int]]
    """System and seed of each run whose records stay beside those of the command."""
    goes: Mapping[Path, str]
    """Records of another time, and what they are of."""
    run: Mapping[str, Any]
    """run.json, where something stays and it is there; else empty."""
    speed: pd.DataFrame | None
    """speed.csv, where something stays and it is there."""


def standing(request: Request, runs: Sequence[Run], *, force: bool) -> Standing:
    """Look at a results folder before anything is trained.

    Records of other systems and seeds stay if they are of the same corpus, and a system's other seeds if
    they were trained and tested with the same settings. Raises ``BadInput`` for records of another corpus,
    which only ``force`` lets go, and for files that should stay and are not as they were written.
    """
    folder, found = request.folder, Results(request.folder)
    corpora, now = {run.fingerprint for run in runs}, {run.system: run.configuration for run in runs}
    stays: list[tuple[str, int]] = []
    goes: dict[Path, str] = {}
    for path in records.paths(folder):
        own = path.stem in {run.name for run in runs}
        try:
            about = found.about(path)
        except BadInput:
            if own:  # written anew anyway
                continue
            raise
        if about.get("corpus") not in corpora and not force:
            raise BadInput(
                f"{folder} holds results of another corpus ({path.name}); add --label NAME or --out DIR for "
                "a folder of their own, or --force to let the earlier ones go"
            )
        if own:
            continue
        same = about["system"] not in now or now[about["system"]] == _configuration(request.paper, about)
        if about.get("corpus") not in corpora:
            goes[path] = "another corpus"
        elif not same:
            goes[path] = "other settings"
        else:
            stays.append((about["system"], about["seed"]))
    kept = tuple(f"predictions/{system}.{seed}." for system, seed in stays)
    found.check(lambda name: name.startswith(kept))
    told, speed = (stays and os.path.lexists(folder / name) for name in ("run.json", "speed.csv"))
    if told and not found.run.keys() >= _JOINED:
        raise BadInput(f"{folder / 'run.json'} is not what attnbench writes; delete it")
    return Standing(stays, goes, found.run if told else {}, found.speed if speed else None)


def write(request: Request, runs: Sequence[Run], before: Standing, told: dict[str, Any]) -> Results:
    """Copy the runs' records, write speed.csv and run.json (``told``), then all that follows from them."""
    folder = request.folder
    own = [path for run in runs for path in _own(folder, run)]
    gone = [one for path in before.goes for one in (path, *_predictions(folder, path.stem))]
    named = [path.relative_to(folder).as_posix() for path in (*own, *gone)]
    unseal(folder, *TABLES, "speed.csv", "run.json", *named)
    for path in (*own, *gone):
        remove(path)
    for run in runs:
        _copy(run.records, folder / "records" / f"{run.name}.parquet")
        if request.source.kind == "embedded":
            for made in sorted(run.decoded.glob("*.jsonl")):
                _copy(made, folder / "predictions" / f"{run.name}.{made.name}")
    _write(folder / "speed.csv", lambda path: write_csv(path, _speed(runs, before)))
    _write(folder / "run.json", lambda path: write_json(path, told))
    results = Results(folder)
    _write_tables(results)
    return results


def _own(folder: Path, run: Run) -> list[Path]:
    """Return the files of a results folder that are a run's."""
    return [folder / "records" / f"{run.name}.parquet", *_predictions(folder, run.name)]


def _predictions(folder: Path, name: str) -> list[Path]:
    return sorted((folder / "predictions").glob(f"{escape(name)}.*"))


def _copy(made: Path, target: Path) -> None:
    _write(target, lambda path: write_whole(path, lambda beside: shutil.copyfile(made, beside)))


def _write(path: Path, writer: Callable[[Path], None]) -> None:
    """Let a writer replace a file; a folder in its place goes."""
    if path.is_dir():
        remove(path)
    writer(path)


def _configuration(paper: Paper, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the settings of records as ``Run.configuration`` has them, newer ones as they are by default;
    None where a setting is no longer there."""
    found = dict(about.get("settings", {}))
    try:
        stages = {name: restored(paper, one).json() for name, one in found.pop("stages", {}).items()}
        return restored(paper, found).json() | ({"stages": stages} if stages else {})
    except BadInput:
        return None


def _speed(runs: Sequence[Run], before: Standing) -> pd.DataFrame:
    """Return the rows of speed.csv: those of what stays, and of the runs."""
    speed = pd.DataFrame([row for run in runs for row in run.speed["rows"]])
    if before.speed is not None:
        named = zip(before.speed["system"], before.speed["seed"], strict=True)
        kept = before.speed[[one in before.stays for one in named]]
        speed = pd.concat([kept, speed], ignore_index=True)
    return speed.sort_values(["system", "seed"], kind="stable", ignore_index=True)[SPEED_COLUMNS]


def rebuild(results: Results) -> list[Path]:
    """Write every table, the figure and the page anew from the records, such as after a claim was added.

    Nothing is trained; speed.csv and run.json, which tell of the training, stay as they are. Records and
    predictions that are no longer there are forgotten, and returned.
    """
    with alone_in(results.folder):
        return _write_tables(results)


def _write_tables(results: Results) -> list[Path]:
    folder = results.folder
    listed = manifest.read(folder)
    gone = [name for name in listed or () if not os.path.lexists(folder / name)]
    if listed is None:
        seal(folder)
    else:
        unseal(folder, *TABLES, *_drawn(listed), *gone)
        results.check(lambda name: name.startswith("predictions/"))
    _write(folder / "report.md", lambda path: report.write(path, results))  # first: it refuses broken folders
    for name, frame in (
        ("scores", results.table()), ("lengths", results.table("length")), ("history", results.history),
        ("claims", results.verdicts), ("measurements", results.measurements),
    ):  # fmt: skip
        _write(folder / f"{name}.csv", lambda path, frame=frame: write_csv(path, frame))  # type: ignore[misc]
    _write(folder / "lengths.png", lambda path: draw(path, results))
    for name in _drawn(listed or ()):
        (folder / name).unlink(missing_ok=True)
    for figure, table in results.figures:
        _write_figure(folder, figure, table, results.task.metric(figure.metric))
    seal(folder)
    return [folder / name for name in gone if name not in (*TABLES, *_drawn(listed or ()))]


def _drawn(listed: Iterable[str]) -> list[str]:
    """Return the names of the paper's own figures, and of their tables, among those of a folder's files."""
    others = [name for name in listed if "/" not in name and name not in (*TABLES, "speed.csv")]
    return [name for name in others if name.endswith((".csv", ".png"))]


def _write_figure(folder: Path, figure: Figure, table: pd.DataFrame, metric: Metric) -> None:
    """Write what a figure of the paper draws, and the figure."""
    _write(folder / f"{figure.name}.csv", lambda path: write_csv(path, table))
    _write(folder / f"{figure.name}.png", lambda path: plots.panels(table, path, metric, figure))


def draw(path: Path, results: Results) -> None:
    """Draw the headline metric over length on the main test set, the training caps marked."""
    metric, decoding = results.headline, results.decoding
    test = results.main_test(metric)
    cap = results.length("length").cap
    caps = {run.get("settings", {}).get("data", {}).get(cap) for run in results.records.metadata} - {None}
    run = results.table().iloc[0]
    title = f"{run['paper']}, {run['data']} at scale {run['scale']}: {metric.unit}, {decoding}, {test}"
    plots.length_curves(results.table("length"), path, metric, decoding, test, title, sorted(caps))
