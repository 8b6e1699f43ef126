"""A function in a process of its own, so that what it does to memory disturbs nobody else.

Children are forked from a server that has imported what they need and done nothing else, so each starts
in milliseconds, with an allocator that nothing has touched and without a CUDA context.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable
from typing import Any

from attnbench.errors import RunFailed, first_line, out_of_memory, told
from attnbench.machine.children import GOODBYE, KILLED, died, end, follow_parent, start
from attnbench.profiling.measure import mapped

SLACK = 1 << 30
"""Bytes that a child may take beyond its memory limit: for compilers, threads and the interpreter."""

_FORKS = "forkserver" in multiprocessing.get_all_start_methods()


class OutOfMemory(RunFailed):
    """A child asked for more memory than there is, or was killed for it."""


class Unavailable(Exception):
    """A child cannot do its work on this machine, such as for want of a compiler."""


def prepare(*modules: str) -> None:
    """Let the server import torch and these modules, once, before its first child."""
    if _FORKS:
        multiprocessing.set_forkserver_preload(["__main__", "torch", __name__, *modules])


def call(function: Callable[..., Any], *arguments: Any, limit: int | None = None) -> Any:
    """Return what ``function(*arguments)`` returns in a child of its own.

    ``limit`` is how many bytes of memory it may take, with some slack, where the system can hold it to
    that. Raises ``OutOfMemory``, ``Unavailable``, and every other error as ``attnbench.errors.told`` has it.
    """
    context: Any = multiprocessing.get_context("forkserver" if _FORKS else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(sender, function, arguments, limit), daemon=True)
    start(child)
    sender.close()
    try:
        answer = receiver.recv()
        child.join(GOODBYE)
    except (EOFError, OSError):
        child.join()
        answer = OutOfMemory(KILLED) if child.exitcode == -signal.SIGKILL else died(child.exitcode)
    finally:
        end(child)
        receiver.close()
    if isinstance(answer, Exception):
        raise answer
    return answer[0]


def _answer(sender: Any, function: Callable[..., Any], arguments: tuple[Any, ...], limit: int | None) -> None:
    """Send what the function returns, as a tuple of one, or an error."""
    follow_parent()
    try:
        if limit is not None:
            _hold_to(limit)
        answer: Any = (function(*arguments),)
    except Unavailable as error:
        answer = error
    except Exception as error:
        answer = OutOfMemory(first_line(error)) if out_of_memory(error) else told(error)
    sender.send(answer)


def _hold_to(limit: int) -> None:
    """Let the system refuse memory beyond the limit; Linux counts all that is private and writable."""
    held = mapped()
    if held is None:
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = held + limit + SLACK
    with contextlib.suppress(ValueError, OSError):  # a hard limit below it is a limit too
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
