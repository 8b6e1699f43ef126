"""Child processes: how they start, whom they follow, and what their end means."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any

from attnbench.errors import NEED_LESS, BadInput, RunFailed, refusal

KILLED = "killed by the system, as it does when memory runs out"

GOODBYE = 5.0
"""Seconds that a child has to end by itself once it is told to."""


def start(process: BaseProcess) -> None:
    """Start a child that no Ctrl-C reaches: it is for the parent to end it.

    The child imports nothing from the current folder, whatever the names of the files there. Raises
    ``BadInput`` where the system starts none.
    """
    try:
        with _alone(), _held_back():
            process.start()
    except OSError as error:
        reason = refusal(error)
        if "AF_UNIX" in reason:  # the server of children has its address there
            reason += "; set TMPDIR to a folder with a short name"
        raise BadInput(f"cannot start a process: {reason}") from error


@contextmanager
def _alone() -> Iterator[None]:
    """Let a new interpreter look for modules where this one does, and not first of all where it starts."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def _held_back() -> Iterator[None]:
    """Hold back a Ctrl-C until the block has ended: a child that starts halfway would complain of it.

    The child inherits that the signal is blocked. Another thread of this process may still take it, so
    Python's own answer to it waits too.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let signals in again, were it started later
    taken: list[Any] = []
    usual = signal.signal(signal.SIGINT, lambda *what: taken.append(what))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, usual)
        if taken:
            signal.raise_signal(signal.SIGINT)


def follow_parent() -> None:
    """Let this process end as soon as its parent has."""
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def end(process: BaseProcess) -> None:
    """Stop a child, and wait until it is gone."""
    process.terminate()
    process.join(GOODBYE)
    process.kill()
    process.join()


def died(code: int | None) -> RunFailed:
    """Return the error for a child that ended without an answer, from its exit code."""
    if code == -signal.SIGKILL:
        return RunFailed(f"its process was {KILLED}; {NEED_LESS}")
    if code is not None and code < 0:
        return RunFailed(f"its process was ended by {signal.Signals(-code).name}")
    return RunFailed(f"its process ended with exit code {code}")
