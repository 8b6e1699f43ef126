"""How much memory and disk is free, and the refusal of what needs more."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from attnbench.errors import BadInput

GROUP = Path("/sys/fs/cgroup")
"""Where a container's bounds stand, if it has any."""

UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50, "EiB": 1 << 60}


def require(who: str, needed: int, free: int, what: str, mend: str) -> None:
    """Raise ``BadInput`` with both figures for what needs more bytes of ``what`` than are free.

    ``who`` ends with its verb, such as ``rnnsearch-50 needs``.
    """
    if needed > free:
        raise BadInput(f"{who} at least {size(needed)} of {what}, and {size(free)} is free; {mend}")


def free_memory() -> int:
    """Return the bytes of the machine's memory that can be had, within what its container may take."""
    try:
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        free = next(1024 * int(words[1]) for words in lines if words[0] == "MemAvailable:")
    except (OSError, StopIteration):
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        most, used = (int((GROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
    except (OSError, ValueError):  # no such group, or one without a limit
        return free
    return max(0, min(free, most - used + _given_back()))


def _given_back() -> int:
    """Return the bytes that count as used by the container, but only keep what files hold."""
    try:
        lines = (line.split() for line in (GROUP / "memory.stat").read_text().splitlines())
        return sum(int(words[1]) for words in lines if words[0] == "inactive_file")
    except (OSError, ValueError):
        return 0


def free_disk(folder: Path) -> int:
    """Return the bytes that may still be written under a folder, which is there."""
    return shutil.disk_usage(folder).free


def size(number: float) -> str:
    """Return bytes as a person reads them."""
    for unit, its_bytes in reversed(UNITS.items()):
        if number >= its_bytes:
            return f"{number / its_bytes:.3g} {unit}"
    return f"{number:.0f} B"
