"""The device that is measured: its name, how many threads, and how much memory is free."""

from __future__ import annotations

from typing import Any, NamedTuple

from attnbench.machine.provenance import provenance, version_of
from attnbench.machine.room import free_memory

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
        versions = {package: version_of(package) for package in COMPILERS}
        return {"device": self.device, "name": self.name, "threads": self.threads, "versions": versions}


def look(device: str, threads: int | None) -> Machine:
    """Return this machine; ``threads`` None is torch's own choice. Call it in a process of its own."""
    import torch

    threads = threads or torch.get_num_threads()
    if device == "cuda":
        return Machine(device, torch.cuda.get_device_name(0), threads, torch.cuda.mem_get_info(0)[0])
    return Machine(device, provenance()["hardware"]["processor"], threads, free_memory())
