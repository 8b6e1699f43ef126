"""The errors a person can mend. The command line prints them as one line."""

from __future__ import annotations

import difflib
import errno
import os
import re
import traceback
from collections.abc import Collection, Iterable

NO_MEMORY = (
    "can't allocate memory", "cannot allocate memory", "not enough memory", "out of memory", "bad_alloc",
    "bad allocation",
)  # fmt: skip
"""How libraries put it when they raise no error of their own for it."""

NEED_LESS = (
    "fewer runs at a time (--jobs 1), smaller batches (--set training.batch_size=N decoding.batch_size=N) "
    "or fewer examples (--set data.limit=N) need less"
)
"""What to do where memory runs out."""

NO_FOLDER = "the current folder is no longer there; change into another one"

HINTS = {
    errno.ENOSPC: "free some space, or choose another place",
    errno.EDQUOT: "free some space, or choose another place",
    errno.EFBIG: "`ulimit -f` bounds how large a file may be",
    errno.EMFILE: "`ulimit -n` bounds how many files may be open",
    errno.EAGAIN: "`ulimit -u` bounds how many processes there may be",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EROFS: "choose another place",
    errno.ELOOP: "a symbolic link leads back to itself",
}
"""What to do about what the system refuses, where its own words do not say it."""

COMMANDING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that end a line, turn its direction, command a terminal, or are no characters."""


class BadInput(Exception):
    """What was asked for cannot be done: says what, where, and how to mend it. Exit code 2."""


class RunFailed(Exception):
    """A run broke while it was under way, such as a loss that is not a number. Exit code 1."""


def require_known(kind: str, name: str, known: Collection[str]) -> None:
    """Raise ``BadInput`` for a name that is not among the known ones; see ``unknown``."""
    if name not in known:
        raise unknown(kind, name, known)


def unknown(kind: str, name: str, known: Iterable[str]) -> BadInput:
    """Return the error for a name that is not among the known ones, suggesting the nearest."""
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "choose from: " + ", ".join(choices)
    return BadInput(f"unknown {kind} {name!r}; {hint}")


def printable(text: str) -> str:
    """Return a text as one line that no terminal obeys: control characters are written as escapes."""
    return COMMANDING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def is_utf8(text: str) -> bool:
    """Return whether a text can be written; Python reads what is not UTF-8 as halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def told(error: Exception) -> BadInput | RunFailed:
    """Return any error as one that says in a line what happened.

    What the system refuses is ``BadInput``: the path and the reason. What nobody foresaw is a ``RunFailed``
    that carries its traceback as a note.
    """
    if isinstance(error, BadInput | RunFailed):
        return error
    if out_of_memory(error):
        return RunFailed(f"memory ran out ({first_line(error)}); {NEED_LESS}")
    if isinstance(error, OSError):
        return BadInput(refusal(error))
    if foreign := re.search(r"\(os error (\d+)\)", str(error)):  # as libraries written in Rust put it
        return BadInput(_hinted(first_line(error), int(foreign[1])))
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return BadInput(_hinted(first_line(error), errno.EAGAIN))
    failed = RunFailed(f"{type(error).__name__}: {first_line(error)}")
    failed.add_note("".join(traceback.format_exception(error)))
    return failed


def refusal(error: OSError) -> str:
    """Return what the system refused: the path, where it names one, the reason, and what can be done."""
    names = [name for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    if not names and isinstance(error, FileNotFoundError) and not in_a_folder():
        return NO_FOLDER
    place = f"{' -> '.join(map(os.fsdecode, names))}: " if names else ""
    return _hinted(f"{place}{reason(error)}", error.errno)


def reason(error: OSError) -> str:
    """Return why the system refused something, for a message that names the place itself."""
    return error.strerror or re.sub(r"^\[Errno -?\d+\] ", "", first_line(error))


def _hinted(text: str, number: int | None) -> str:
    return f"{text}; {HINTS[number]}" if number in HINTS else text


def in_a_folder() -> bool:
    """Return whether the current folder is still there."""
    try:
        return bool(os.getcwd())  # noqa: PTH109 (it may be gone)
    except OSError:
        return False


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its name where it says nothing."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that there is no more memory, on the machine or its GPU."""
    message = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or getattr(error, "errno", None) == errno.ENOMEM
        or (isinstance(error, RuntimeError) and any(words in message for words in NO_MEMORY))
    )
