"""What the cache holds, and how to free it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from attnbench.errors import unknown
from attnbench.harness.configure import default_work
from attnbench.paper import names


def _runs(work: Path, paper: str | None) -> list[Path]:
    if paper is not None and paper not in names():
        raise unknown("paper", paper, names())
    return sorted(path for path in (work / "runs").glob(f"{paper or '*'}/*/*") if path.is_dir())


def _finished(run: Path) -> bool:
    return any(run.glob("decoded.*/records.parquet"))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def listing(work: Path | None) -> pd.DataFrame:
    """Return a row for each run and each prepared corpus: folder, state, size in MiB."""
    work = work or default_work()
    rows = [
        {"folder": str(run.relative_to(work)), "state": "finished" if _finished(run) else "unfinished",
         "mib": round(_size(run) / 2**20, 2)}
        for run in _runs(work, None)
    ]  # fmt: skip
    rows += [
        {"folder": str(corpus.relative_to(work)), "state": "corpus", "mib": round(_size(corpus) / 2**20, 2)}
        for corpus in sorted((work / "corpora").glob("[!.]*"))
    ]
    return pd.DataFrame(rows, columns=["folder", "state", "mib"])


def clean(work: Path | None, paper: str | None, everything: bool) -> int:
    """Delete unfinished runs, or all runs (and, for no one paper, the corpora); return the bytes freed."""
    work = work or default_work()
    unwanted = [run for run in _runs(work, paper) if everything or not _finished(run)]
    if everything and paper is None:
        unwanted += sorted(path for path in (work / "corpora").glob("*") if path.is_dir())
    freed = sum(map(_size, unwanted))
    for folder in unwanted:
        shutil.rmtree(folder)
    return freed
