"""Runs side by side whose processes end in every way, and what the pool says of them."""

import errno
import io
import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from attnbench.errors import BadInput, RunFailed
from attnbench.harness import pool
from attnbench.harness.configure import Run, defaults
from attnbench.harness.pool import Display, Event
from attnbench.paper import load


def ending(seed: int) -> Run:
    """Return a run whose process ends in the way that the seed names; see ``stand_in``."""
    settings = defaults(load("bahdanau2015"))
    return Run(
        paper="bahdanau2015", system="rnnencdec-50", scale="smoke", data="embedded", seed=seed, device="cpu",
        settings=settings, stages={}, corpus=Path("corpus"), fingerprint="0", root=Path("runs"),
    )  # fmt: skip


def execute(run: Run, tell: Any) -> None:
    """Stand in for what a worker does."""
    tell("train", 1, 2, "")
    if run.seed == 1:
        raise IsADirectoryError(errno.EISDIR, "Is a directory", "runs/lock")
    if run.seed == 2:
        raise KeyError("nobody foresaw")
    if run.seed == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if run.seed == 4:
        os._exit(0)
    if run.seed == 5:
        raise MemoryError


def stand_in(index: int, run: Run, sender: Any) -> None:
    """Do what a worker does, without torch."""
    sys.modules["attnbench.harness.run"] = SimpleNamespace(execute=execute)  # type: ignore[assignment]
    pool.work(index, run, sender)


def test_each_way_to_end_is_told_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pool, "work", stand_in)
    kept: dict[str, Any] = {}
    monkeypatch.setattr(pool, "_raise", lambda runs, failures: kept.update(failures))
    pool.execute_all([ending(seed) for seed in range(6)], 2, Console(file=io.StringIO()))
    assert [type(kept[place]) for place in range(1, 6)] == [BadInput, *[RunFailed] * 4] and 0 not in kept
    assert str(kept[1]) == "runs/lock: Is a directory"
    assert str(kept[2]) == "KeyError: 'nobody foresaw'"
    assert "in execute" in kept[2].__notes__[0]
    assert str(kept[3]).startswith("its process was killed by the system, as it does when memory runs out;")
    assert str(kept[4]) == "its process ended with exit code 0"
    assert str(kept[5]).startswith("memory ran out (MemoryError); fewer runs at a time")
    assert multiprocessing.active_children() == []
    said = capsys.readouterr()
    assert said.out == ""
    assert "rnnencdec-50.0 done" in said.err.splitlines() and "rnnencdec-50.3 trains 1/2" in said.err
    assert "Traceback" not in said.err


def test_the_first_failure_is_said_with_its_run_and_keeps_its_traceback() -> None:
    broken = RunFailed("KeyError: 'a'")
    broken.add_note("Traceback …")
    with pytest.raises(RunFailed) as raised:
        pool._raise([ending(0), ending(1)], {1: broken})
    assert str(raised.value) == (
        "run rnnencdec-50.1: KeyError: 'a'; finished runs are kept, the same command goes on"
    )
    assert raised.value.__notes__ == ["Traceback …"]
    with pytest.raises(BadInput, match=r"^run rnnencdec-50.0: x \(1 more failed\);"):
        pool._raise([ending(0), ending(1)], {1: broken, 0: BadInput("x")})


def test_names_and_notes_are_no_markup_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=200, legacy_windows=False, _environ={})
    with Display([replace(ending(0), system="[red]a[/x]")], console) as display:
        display.show(Event(0, "train", 1, 2, "[bold]b"))
    assert "[red]a[/x].0 trains" in screen.getvalue() and "[bold]b" in screen.getvalue()
    dumb = Console(file=screen, force_terminal=True, width=200, _environ={"TERM": "dumb"})
    assert Display([ending(0)], dumb).bars is None


def killed(run: Run) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_plan_whose_process_is_killed_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from attnbench.harness import plan  # which imports torch, as every process that imports this file would

    asked = SimpleNamespace(side_by_side=lambda jobs: jobs, seeds=[0], paper=load("bahdanau2015"))
    monkeypatch.setattr(plan, "measure", killed)
    monkeypatch.setattr("attnbench.harness.plan.configure.runs", lambda asked, tell: [ending(0)])
    monkeypatch.setattr("attnbench.harness.plan.memory.together", lambda runs, jobs: None)
    with pytest.raises(RunFailed, match="killed by the system, as it does when memory runs out"):
        plan.estimate(asked, jobs=1, console=Console(file=io.StringIO()))  # type: ignore[arg-type]
