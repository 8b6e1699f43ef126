"""A trained system on new input."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from attnbench.corpora import plain
from attnbench.errors import BadInput
from attnbench.harness.configure import Run, default_work
from attnbench.harness.work import tested
from attnbench.machine.places import readable
from attnbench.paper import load, names


def find(trained: str, work: Path | None) -> Run:
    """Return the latest finished run of ``PAPER[/SYSTEM[.SEED]]``, or the one in a run's folder.

    The folder may be named as ``attnbench work list`` shows it. Without a system it is the paper's last
    main one. Raises ``BadInput`` where no such run is finished.
    """
    work = work or default_work()
    for folder in (Path(trained), work / trained):
        if done := tested(folder):
            return _latest(done)
    name, _, rest = trained.partition("/")
    for folder in (Path(trained), work / trained):
        if name not in names() and folder.is_dir():
            raise BadInput(
                f"{folder} is not the folder of a finished run; `attnbench work list` shows those that are, "
                "and the `attnbench reproduce` command that began it finishes it"
            )
    paper = load(name)
    system, dot, seed = rest.rpartition(".")
    if not (dot and seed.isdigit()):
        system, seed = rest, "*"
    main = [one.name for one in paper.systems if not one.extra]
    system = paper.system(system).name if system else main[-1]
    root = work / "runs" / name
    done = [one for run in root.glob(f"*/{system}.{seed}.*") for one in tested(run)]
    if not done:
        readable(root, *(folder for below in ("*", "*/*", "*/*/*") for folder in root.glob(below)))
        raise BadInput(
            f"no finished run of {name}/{system} under {root}; "
            f"run `attnbench reproduce {name} --systems {system}` first"
        )
    return _latest(done)


def _latest(decoded: Sequence[Path]) -> Run:
    """Return the run that was begun last, of those with the same time the one tested last."""
    return Run.load(max(decoded, key=lambda folder: (Run.begun(folder), folder.stat().st_mtime)))


def read_lines(source: str) -> list[str]:
    """Return the lines of a file, plain or gzip, or of standard input for ``-``; see ``corpora.plain``."""
    if source != "-":
        return list(plain.lines(Path(source), f"--input {source}"))
    if sys.stdin is None:
        raise BadInput("--input -: standard input is closed; name a file")
    return list(plain.lines(cast(io.BufferedIOBase, sys.stdin.buffer), "--input - (standard input)"))


def predict_lines(trained: str, lines: list[str], work: Path | None) -> Iterator[str]:
    """Yield the system's output for each line."""
    from attnbench.harness.stages import finished, open_run

    run = find(trained, work)
    opened = open_run(run)
    return opened.engine.predict(finished(opened), opened.corpus, lines, run.settings.decoding, opened.device)
