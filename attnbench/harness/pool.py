"""Runs side by side, each in a process of its own, with one progress display.

A process of its own gives each run its own peak memory and, on a CPU, its one thread. A worker whose
parent has died ends itself.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from attnbench.errors import BadInput, RunFailed, told
from attnbench.harness.configure import Run
from attnbench.machine.children import died, end, follow_parent, start

STAGES = {"open": "opens the corpus", "train": "trains", "test": "tests", "done": "done"}
QUIET_SECONDS = 15.0
"""Where no terminal shows bars, each run says how far it is this often."""


@dataclass(frozen=True)
class Event:
    """What a worker says: how far it is, or how it ended."""

    run: int
    stage: str
    done: int = 0
    total: int = 1
    note: str = ""
    error: BadInput | RunFailed | None = None


def work(index: int, run: Run, sender: Connection) -> None:
    """Do one run in a worker process and say how it goes."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    follow_parent()
    try:
        from attnbench.harness.run import execute

        execute(run, lambda stage, done, total, note: sender.send(Event(index, stage, done, total, note)))
        sender.send(Event(index, "done"))
    except Exception as error:
        sender.send(Event(index, "failed", error=told(error)))


def execute_all(runs: Sequence[Run], jobs: int, console: Console) -> None:
    """Do all runs, at most ``jobs`` at a time.

    A run that fails does not stop the others; the first failure is raised when they have ended.
    """
    waiting = list(enumerate(runs))
    live: dict[Connection, tuple[int, BaseProcess]] = {}
    failures: dict[int, BadInput | RunFailed] = {}
    display = Display(runs, console)
    try:
        with display:
            while waiting or live:
                while waiting and len(live) < jobs:
                    _start(*waiting.pop(0), live)
                for receiver in multiprocessing.connection.wait(list(live)):
                    _hear(cast(Connection, receiver), live, failures, display)
    finally:
        for _, process in live.values():
            end(process)
    if failures:
        _raise(runs, failures)


def _start(index: int, run: Run, live: dict[Connection, tuple[int, BaseProcess]]) -> None:
    """Start a worker; that the other end of its pipe is closed then tells that it has ended."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(index, run, sender), daemon=True)
    start(process)
    sender.close()
    live[receiver] = index, process


def _hear(
    receiver: Connection,
    live: dict[Connection, tuple[int, BaseProcess]],
    failures: dict[int, BadInput | RunFailed],
    display: Display,
) -> None:
    """Take what a worker says, or notice that it has ended without a last word."""
    index, process = live[receiver]
    try:
        event: Event = receiver.recv()
    except (EOFError, OSError):
        process.join()
        event = Event(index, "failed", error=died(process.exitcode))
    display.show(event)
    if event.error is not None:
        failures[index] = event.error
    if event.stage in ("done", "failed"):
        del live[receiver]
        receiver.close()
        process.join()


def _raise(runs: Sequence[Run], failures: dict[int, BadInput | RunFailed]) -> None:
    index, error = min(failures.items())
    more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
    message = f"run {runs[index].name}: {error}{more}; finished runs are kept, the same command goes on"
    raised = (BadInput if isinstance(error, BadInput) else RunFailed)(message)
    for note in getattr(error, "__notes__", ()):
        raised.add_note(note)
    raise raised


class Display:
    """Bars on a terminal, a line now and then elsewhere."""

    def __init__(self, runs: Sequence[Run], console: Console) -> None:
        """Make a bar for each run."""
        self.names = [run.name for run in runs]
        self.console = console
        self.bars: Progress | None = None
        self.tasks: dict[int, TaskID] = {}
        self.spoken: dict[int, tuple[str, float]] = {}
        if console.is_terminal and not console.is_dumb_terminal:
            self.bars = Progress(
                TextColumn("{task.description:<34}", markup=False),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}", markup=False),
                console=console,
            )

    def __enter__(self) -> Display:
        """Start the bars."""
        if self.bars:
            self.bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the bars."""
        if self.bars:
            self.bars.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        text = f"{self.names[event.run]} {STAGES.get(event.stage, event.stage)}"
        if self.bars:
            if event.run not in self.tasks:
                self.tasks[event.run] = self.bars.add_task(text, note="")
            done, total = (1, 1) if event.stage == "done" else (event.done, event.total)
            self.bars.update(
                self.tasks[event.run], description=text, completed=done, total=total, note=event.note
            )
            return
        stage, spoken = self.spoken.get(event.run, ("", 0.0))
        if stage != event.stage or time.monotonic() - spoken > QUIET_SECONDS:
            share = "" if event.total <= 1 else f" {event.done}/{event.total} {event.note}".rstrip()
            print(f"{text}{share}", file=sys.stderr, flush=True)
            self.spoken[event.run] = (event.stage, time.monotonic())
