"""The device that is measured: its name, how many threads, and how much memory is free."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from attnbench.provenance import provenance

COMPILERS = ("attnbench", "torch", "numba", "triton")
"""Packages that make what is measured faster or slower."""


class Machine(NamedTuple):
    """What is measured, apart from the case."""

    device: str
    """``cpu`` or ``cuda``."""
    name: str
    threads: int
    free: int
    """Bytes of the device's memory that nobody uses."""

    def identity(self) -> dict[str, Any]:
        """Return what two measurements must share to stand in one table."""
        versions = {package: _version(package) for package in COMPILERS}
        return {"device": self.device, "name": self.name, "threads": self.threads, "versions": versions}


def look(device: str, threads: int | None) -> Machine:
    """Return this machine; ``threads`` None is torch's own choice. Call it in a process of its own."""
    import torch

    threads = threads or torch.get_num_threads()
    if device == "cuda":
        return Machine(device, torch.cuda.get_device_name(0), threads, torch.cuda.mem_get_info(0)[0])
    return Machine(device, provenance()["hardware"]["processor"], threads, _free())


def _free() -> int:
    """Return the bytes of the machine's memory that can be had, within what its container may take."""
    try:
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        free = next(1024 * int(words[1]) for words in lines if words[0] == "MemAvailable:")
    except (OSError, StopIteration):
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    group = Path("/sys/fs/cgroup")
    try:
        most, used = ((group / f"memory.{name}").read_text() for name in ("max", "current"))
        return max(0, min(free, int(most) - int(used)))
    except (OSError, ValueError):  # no such group, or one without a limit
        return free


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
