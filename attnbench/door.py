"""The outermost door of the command line: its streams, and what leaves it as one line and an exit code."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnbench.errors import NO_FOLDER, BadInput, RunFailed, in_a_folder, is_utf8, printable, told

if TYPE_CHECKING:
    from rich.console import Console

FAILED, REFUSED, STOPPED, UNHEARD = 1, 2, 130, 141
"""Exit codes: a run failed; bad input; a Ctrl-C; a reader that left early. The last two as shells count."""


class _Unheard(Exception):
    """Standard output takes no more; holds the system's error."""


class _Raw(io.FileIO):
    """A stream that fails in a way of its own. What standard error cannot take is lost without a word."""

    def write(self, data: Any) -> int:
        """Write bytes; return how many were taken."""
        try:
            return super().write(data)
        except OSError as error:
            if self.fileno() == 2:
                return len(data)
            raise _Unheard(error) from error


def run(command: Callable[[], int | None]) -> int:
    """Run a command and return its exit code.

    What a person can mend, and what the system refuses, is one line on standard error; what nobody foresaw
    has its traceback before it.
    """
    _open_streams()
    try:
        code = _run(command)
        sys.stdout.flush()
    except _Unheard as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where what is still unsaid goes
        reason = error.args[0]
        return (
            UNHEARD if reason.errno == errno.EPIPE else _refuse(f"standard output: {told(reason)}", REFUSED)
        )
    return code


def _run(command: Callable[[], int | None]) -> int:
    try:
        _check()
        code = command() or 0
    except _Unheard:
        raise
    except KeyboardInterrupt:
        code = STOPPED
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # which typer takes for a reader that left
            return _say_error(told(ended.__context__))
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for words it cannot parse
            return _say_error(told(error))
        message, context = error.format_message(), getattr(error, "ctx", None)
        path = context.command_path if context else "attnbench"
        return _refuse(f"{message.rstrip('.')}; see `{path} --help`", REFUSED)
    if code == STOPPED:  # typer's answer to a Ctrl-C, or ours
        _refuse("stopped; the same command goes on where it stood", STOPPED)
    return code


def _check() -> None:
    """Raise ``BadInput`` for words and places of no use; forget what OpenMP would complain of."""
    for word in sys.argv[1:]:
        if not is_utf8(word):
            raise BadInput(f"{word}: not UTF-8; type it in UTF-8, or choose another name")
    if not in_a_folder():  # libraries end the process over it
        raise BadInput(NO_FOLDER)
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    if not re.fullmatch(r"\s*[1-9][0-9]*\s*(,\s*[1-9][0-9]*\s*)*", threads):
        del os.environ["OMP_NUM_THREADS"]


def _say_error(error: BadInput | RunFailed) -> int:
    message, tracebacks = str(error), getattr(error, "__notes__", ())
    for traceback in tracebacks:
        print(traceback, file=sys.stderr)
    if tracebacks:
        message += "; this is a mistake in attnbench: please report it with the lines above"
    return _refuse(message, REFUSED if isinstance(error, BadInput) else FAILED)


def _refuse(message: str, code: int) -> int:
    note(message)
    return code


def _open_streams() -> None:
    """Put the null device in the place of what is closed, and streams that take every character elsewhere.

    A stream that a caller has put in the place of Python's own is left as it is.
    """
    while (free := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(free, True)
    os.close(free)
    for place, name in ((1, "stdout"), (2, "stderr")):
        usual = getattr(sys, name)
        if usual is getattr(sys, f"__{name}__"):
            setattr(sys, name, io.TextIOWrapper(
                io.BufferedWriter(_Raw(place, "w", closefd=False)),
                encoding=usual.encoding if usual else "utf-8",
                errors="backslashreplace",
                line_buffering=usual is None or usual.line_buffering or usual.write_through,
            ))  # fmt: skip


def say(text: str, end: str = "\n") -> None:
    """Print on standard output; what would command a terminal reaches none as it is."""
    if sys.stdout.isatty():
        text = "\n".join(map(printable, text.split("\n")))
    print(text, end=end)


def note(text: str) -> None:
    """Print a line on standard error."""
    print(f"attnbench: {printable(text)}", file=sys.stderr)


def console() -> Console:
    """Return where progress goes, standard error: what it prints is text, never markup."""
    from rich.console import Console

    return Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)
