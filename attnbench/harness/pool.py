"""Runs side by side, each in a process of its own, with one progress display.

A process of its own gives each run its own peak memory and, on a CPU, its one thread. A worker whose
parent has died ends itself.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from attnbench.errors import BadInput, RunFailed
from attnbench.harness.configure import Run

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
    error: BaseException | None = None


def work(index: int, run: Run, events: Any) -> None:
    """Do one run in a worker process and say how it goes."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    threading.Thread(target=_die_with_parent, daemon=True).start()
    from attnbench.harness.run import execute

    try:
        execute(run, lambda stage, done, total, note: events.put(Event(index, stage, done, total, note)))
        events.put(Event(index, "done"))
    except (BadInput, RunFailed) as error:
        events.put(Event(index, "failed", error=error))
    except Exception as error:
        failure = RunFailed(f"{error!r}\n{traceback.format_exc()}")
        events.put(Event(index, "failed", error=failure))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def execute_all(runs: Sequence[Run], jobs: int, console: Console) -> None:
    """Do all runs, at most ``jobs`` at a time.

    A run that fails does not stop the others; the first failure is raised when they have ended.
    """
    context = multiprocessing.get_context("spawn")
    events: Any = context.Queue()
    waiting = list(enumerate(runs))
    live: dict[int, BaseProcess] = {}
    failures: dict[int, BaseException] = {}
    display = Display(runs, console)
    try:
        with display:
            while waiting or live:
                while waiting and len(live) < jobs:
                    index, run = waiting.pop(0)
                    live[index] = context.Process(target=work, args=(index, run, events), daemon=True)
                    live[index].start()
                _listen(events, live, failures, display)
    finally:
        for process in live.values():
            process.terminate()
    if failures:
        _raise(runs, failures)


def _listen(
    events: Any, live: dict[int, BaseProcess], failures: dict[int, BaseException], display: Display
) -> None:
    """Take the next event, or notice that a worker has died without one."""
    try:
        event: Event = events.get(timeout=0.5)
    except queue.Empty:
        for index, process in list(live.items()):
            if not process.is_alive() and events.empty():
                failures[index] = RunFailed(f"its process ended with exit code {process.exitcode}")
                del live[index]
        return
    display.show(event)
    if event.error is not None:
        failures[event.run] = event.error
    if event.stage in ("done", "failed") and event.run in live:
        live.pop(event.run).join()


def _raise(runs: Sequence[Run], failures: dict[int, BaseException]) -> None:
    index, error = min(failures.items())
    more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
    message = f"run {runs[index].name}: {error}{more}; finished runs are kept, the same command goes on"
    raise (BadInput if isinstance(error, BadInput) else RunFailed)(message)


class Display:
    """Bars on a terminal, a line now and then elsewhere."""

    def __init__(self, runs: Sequence[Run], console: Console) -> None:
        """Make a bar for each run."""
        self.names = [run.name for run in runs]
        self.console = console
        self.bars: Progress | None = None
        self.tasks: dict[int, TaskID] = {}
        self.spoken: dict[int, tuple[str, float]] = {}
        if console.is_terminal:
            self.bars = Progress(
                TextColumn("{task.description:<34}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
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
