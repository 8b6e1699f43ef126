"""Papers reproduced at the smallest scale, trained in this process: torch is imported once for all."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from attnbench import harness
from attnbench.harness import pool
from attnbench.harness.configure import Run
from attnbench.harness.run import execute


def train_here(runs: Sequence[Run], jobs: int, console: Console) -> None:
    """Stand in for ``pool.execute_all``."""
    for run in runs:
        execute(run, lambda *said: None)


def reproduce(name: str, out: Path, work: Path, systems: Sequence[str] = (), **said: Any) -> Path:
    """Reproduce a paper without a word; return its results folder."""
    asked = harness.request(name, scale="smoke", device="cpu", out=out, work=work, systems=systems, **said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "execute_all", train_here)
        return harness.reproduce(asked, jobs=1, force=False, console=Console(file=io.StringIO())).folder
