"""From what was typed to the cases of a sweep."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from attnbench.errors import BadInput, require_known
from attnbench.machine.places import writable_file
from attnbench.machine.room import UNITS
from attnbench.profiling.cases import DIRECTIONS, OFFERED, PREFIX, Case
from attnbench.profiling.sweep import Request
from attnbench.values import SIZE, shown

DEFAULT = ("additive", "scaled-dot", "decoder:additive", "decoder:fixed-vector")
"""Mechanisms that tell the story in a few minutes."""

DTYPES = ("float32", "float64", "bfloat16", "float16")

_DIGITS = "[0-9]{1,18}"


def sweep(
    *, device: str, memory_limit: str | None, threads: int | None, out: Path, force: bool, **of_cases: Any
) -> Request:
    """Return the sweep that was asked for; ``of_cases`` is what ``cases`` takes. Raises ``BadInput``."""
    found = cases(device=device, **of_cases)
    limit = None if memory_limit is None else memory(memory_limit)
    cores = os.cpu_count() or 1
    if threads is not None and threads > cores:
        raise BadInput(f"--threads {threads}: this machine has {cores}; more only wait for one another")
    writable_file(out, "--out", ".csv")
    return Request(found, out, threads, limit, force)


def cases(
    *, mechanisms: str | None, implementations: str | None, lengths: str, batch: str, dim: str, dtype: str,
    device: str, align: bool | None, backward: bool,
) -> list[Case]:  # fmt: skip
    """Return the cases of a sweep; all but ``device``, ``align`` and ``backward`` may be several, by commas.

    ``align`` None is with and without the alignment, where without needs less memory. Raises ``BadInput``
    for what is unknown or empty.
    """
    lines = _lines(_names("--mechanisms", mechanisms), _names("--implementations", implementations), align)
    sizes = _lengths(lengths), _numbers("--batch", batch), _numbers("--dim", dim), _names("--dtype", dtype)
    for name in sizes[3]:
        require_known("data type", name, DTYPES)
    return [
        Case(mechanism, implementation, aligned, device, dtype, batch, length, length, dim, direction)
        for (mechanism, implementation, aligned), length, batch, dim, dtype in product(lines, *sizes)
        for direction in _directions(mechanism, backward)
    ]


def _directions(mechanism: str, backward: bool) -> tuple[str, ...]:
    """Return what is measured of a mechanism: a decoder is trained only with gradients."""
    both = DIRECTIONS[2:] if mechanism.startswith(PREFIX) else DIRECTIONS[:2]
    return both if backward else both[:1]


def _lines(
    mechanisms: Sequence[str], implementations: Sequence[str], align: bool | None
) -> list[tuple[str, str, bool]]:
    """Return mechanism, implementation and alignment of what is wanted; each named one must be among them."""
    for name in mechanisms:
        require_known("mechanism", name, OFFERED)
    known = {name for offered in OFFERED.values() for name in offered}
    for name in implementations:
        require_known("implementation", name, known)
    found = [
        (mechanism, implementation, aligned)
        for mechanism in mechanisms or DEFAULT
        for implementation, alignments in OFFERED[mechanism].items()
        for aligned in alignments
        if implementation in (implementations or known) and align in (None, aligned)
    ]
    for place, named in ((0, mechanisms), (1, implementations)):
        for name in named:
            if name not in {line[place] for line in found}:
                raise BadInput(_without(name, place, mechanisms or DEFAULT, align))
    if not found:
        raise BadInput(f"nothing to measure {'with' if align else 'without'} the alignment; leave that out")
    return found


def _without(name: str, place: int, mechanisms: Sequence[str], align: bool | None) -> str:
    """Return why a mechanism (place 0) or an implementation (1) gives no case."""
    how = {None: "", True: " with --align", False: " with --no-align"}[align]
    if place == 0:
        has = [other for other, alignments in OFFERED[name].items() if align in (None, *alignments)]
        return f"mechanism {name!r}{how} has the implementations: {', '.join(has) or 'none'}"
    having = [other for other, offered in OFFERED.items() if align in (None, *offered.get(name, ()))]
    having = [other for other in having if name in OFFERED[other]]
    named = ", ".join(mechanisms)
    return f"none of {named} has the implementation {name!r}{how}; it is offered for: {', '.join(having)}"


def _names(option: str, text: str | None) -> list[str]:
    """Return names without repetition, in order; none for None."""
    names = list(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
    if text is not None and not names:
        raise BadInput(f"{option} {text!r} names nothing; give names by commas, or leave it out")
    return names


def _numbers(option: str, text: str) -> list[int]:
    names = [name.strip() for name in text.split(",")]
    if not all(re.fullmatch(_DIGITS, name) and 0 < int(name) <= SIZE for name in names):
        raise BadInput(
            f"{option} {shown(text)}: give whole numbers above 0 by commas, such as 1,4, at most {SIZE}"
        )
    return list(dict.fromkeys(map(int, names)))


def _lengths(text: str) -> list[int]:
    """Return ``64,100`` as it is, and ``64:1024`` as 64, 128, 256, 512, 1024."""
    ends = re.fullmatch(f"({_DIGITS}):({_DIGITS})", text.strip())
    if ends is None:
        try:
            return sorted(_numbers("--lengths", text))
        except BadInput:
            raise BadInput(
                f"--lengths {shown(text)}: give numbers by commas (64,128), or the ends of doublings "
                f"(64:4096), above 0 and at most {SIZE}"
            ) from None
    low, high = map(int, ends.groups())
    if not 0 < low <= high <= SIZE:
        raise BadInput(
            f"--lengths {text!r}: the first end must be above 0 and not above the second, which is at most "
            f"{SIZE}"
        )
    return [low << place for place in range((high // low).bit_length())]


def memory(text: str) -> int:
    """Return ``8GiB`` as bytes, 1 MiB at the least."""
    found = re.fullmatch(rf"({_DIGITS}(?:\.{_DIGITS})?) ?([KMGT]iB)", text.strip())
    size = int(float(found[1]) * UNITS[found[2]]) if found else 0
    if not UNITS["MiB"] <= size <= SIZE * UNITS["GiB"]:
        raise BadInput(
            f"--memory-limit {shown(text)} is no size from 1MiB to {SIZE}GiB; write it as 8GiB or 500MiB"
        )
    return size
