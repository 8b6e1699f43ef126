"""The errors a person can mend. The command line prints them as one line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


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
