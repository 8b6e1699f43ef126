"""A function in a process of its own, so that what it does to memory disturbs nobody else.

Children are forked from a server that has imported what they need and done nothing else, so each starts
in milliseconds, with an allocator that nothing has touched and without a CUDA context.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from attnbench.errors import BadInput, RunFailed
from attnbench.profiling.measure import mapped

SLACK = 1 << 30
"""Bytes that a child may take beyond its memory limit: for compilers, threads and the interpreter."""

GOODBYE = 5.0
"""Seconds that a child has to end by itself once it has answered."""

NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc", "bad allocation")
"""How libraries put it when they raise no error of their own for it."""


_FORKS = "forkserver" in multiprocessing.get_all_start_methods()


class OutOfMemory(Exception):
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
    that. Raises ``OutOfMemory``, ``Unavailable``, and ``RunFailed`` for every other error.
    """
    context: Any = multiprocessing.get_context("forkserver" if _FORKS else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(sender, function, arguments, limit), daemon=True)
    child.start()
    sender.close()
    try:
        answer = receiver.recv()
        child.join(GOODBYE)
    except EOFError:
        child.join()
        answer = _death(child.exitcode)
    finally:
        child.kill()
        child.join()
        receiver.close()
    if isinstance(answer, Exception):
        raise answer
    return answer[0]


def _death(code: int | None) -> Exception:
    if code == -signal.SIGKILL:
        return OutOfMemory("killed by the system, as it does when memory runs out")
    return RunFailed(f"its process ended with exit code {code}")


def _answer(sender: Any, function: Callable[..., Any], arguments: tuple[Any, ...], limit: int | None) -> None:
    """Send what the function returns, as a tuple of one, or an error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        if limit is not None:
            _hold_to(limit)
        answer: Any = (function(*arguments),)
    except (OutOfMemory, Unavailable, BadInput, RunFailed) as error:
        answer = error
    except Exception as error:
        if _no_memory(error):
            answer = OutOfMemory((str(error).strip() or type(error).__name__).splitlines()[0])
        else:
            answer = RunFailed(f"{error!r}\n{traceback.format_exc()}")
    sender.send(answer)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


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


def _no_memory(error: BaseException) -> bool:
    torch = sys.modules.get("torch")
    own = (MemoryError, torch.OutOfMemoryError) if torch else (MemoryError,)
    message = str(error).lower()
    return isinstance(error, own) or (
        isinstance(error, RuntimeError) and any(words in message for words in NO_MEMORY)
    )
