"""What the cache holds, who is at work in it, and how to free it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from attnbench.errors import BadInput, reason, require_known
from attnbench.harness.configure import default_work
from attnbench.machine import manifest
from attnbench.machine.files import remove, sweep
from attnbench.machine.places import readable
from attnbench.paper import names


@contextmanager
def at_work(run: Path) -> Iterator[None]:
    """Hold a run's folder, making it if need be; raise ``BadInput`` if another process has it."""
    run.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run / "lock", timeout=0):
            yield
    except Timeout:
        raise BadInput(f"another process is at work on {run}; wait for it, or use another --work") from None
    except OSError as error:
        raise BadInput(
            f"{run} cannot be worked on ({reason(error)}); delete it, or use another --work"
        ) from error


def discard(run: Path) -> None:
    """Remove a run's folder, whatever is in it.

    Raises ``BadInput`` if another process is at work on it, or if the system does not let it go.
    """
    if (run / "lock").is_file():
        with at_work(run):
            pass
    try:
        remove(run)
    except OSError as error:
        raise BadInput(
            f"{run} cannot be removed ({reason(error)}); delete it, or use another --work"
        ) from error


def _runs(work: Path, paper: str | None) -> list[Path]:
    if paper is not None:
        require_known("paper", paper, names())
    readable(work, work / "runs", *(work / "runs").glob("*"), *(work / "runs").glob("*/*"))
    return sorted(path for path in (work / "runs").glob(f"{paper or '*'}/*/*") if path.is_dir())


def tested(run: Path) -> list[Path]:
    """Return where the records of a finished run lie, for each way of decoding."""
    return [path.parent for path in run.glob(f"decoded.*/{manifest.MANIFEST}")]


def _finished(run: Path) -> bool:
    """Return whether a run was tested; raise ``BadInput`` where that cannot be seen."""
    readable(run, *run.glob("decoded.*"))
    return any(not manifest.fault(folder, hashed=False) for folder in tested(run))


def _state(run: Path) -> str:
    try:
        return "finished" if _finished(run) else "unfinished"
    except BadInput:
        return "unreadable"


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def listing(work: Path | None) -> pd.DataFrame:
    """Return a row for each run and each prepared corpus: folder, state, size in MiB."""
    work = work or default_work()
    rows = [
        {"folder": str(run.relative_to(work)), "state": _state(run),
         "mib": round(_size(run) / 2**20, 2)}
        for run in _runs(work, None)
    ]  # fmt: skip
    rows += [
        {"folder": str(corpus.relative_to(work)), "state": "corpus", "mib": round(_size(corpus) / 2**20, 2)}
        for corpus in sorted((work / "corpora").glob("[!.]*"))
    ]
    return pd.DataFrame(rows, columns=["folder", "state", "mib"])


def clean(work: Path | None, paper: str | None, everything: bool) -> tuple[int, list[str]]:
    """Delete unfinished runs, or all runs (and, for no one paper, the corpora), and what was half written.

    Return the bytes freed, and for each run that stays, why: a process is at work on it, as a rule.
    """
    work = work or default_work()
    before = _size(work)
    sweep(work)
    busy = []
    for run in _runs(work, paper):
        try:
            if not _finished(run) or everything:
                discard(run)
        except BadInput as error:
            busy.append(str(error))
    if everything and paper is None and not busy:
        for corpus in sorted(path for path in (work / "corpora").glob("[!.]*") if path.is_dir()):
            remove(corpus)
    return before - _size(work), busy
