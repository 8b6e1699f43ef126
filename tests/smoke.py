"""Papers reproduced at the smallest scale, trained in this process: torch is imported once for all."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from attnbench import harness
from attnbench.harness import pool
from attnbench.harness.configure import Request, Run
from attnbench.harness.run import execute
from attnbench.settings import override

QUICK = {"data.limit": "40", "training.updates": "4", "training.evaluations": "1", "data.test_per_bin": "1"}
"""Settings with which a run takes a fraction of a second."""


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


def quick(tmp_path: Path, systems: Sequence[str] = ("rnnsearch-50",), **said: Any) -> Request:
    """Return a request of Bahdanau et al. with the settings of ``QUICK``."""
    asked = {"scale": "smoke", "device": "cpu", "out": tmp_path / "out", "work": tmp_path / "work"}
    return harness.request("bahdanau2015", systems=systems, **(asked | {"changes": QUICK} | said))


def with_changes(one: Run, changes: dict[str, Any]) -> Run:
    """Return a run whose settings, those of its stages too, are changed."""
    stages = {name: override(settings, changes) for name, settings in one.stages.items()}
    return replace(one, settings=override(one.settings, changes), stages=stages)
