"""One case, built, warmed up and measured in this process."""

from __future__ import annotations

from typing import NamedTuple

import torch

from attnbench.profiling import decoders, mechanisms
from attnbench.profiling.cases import Case
from attnbench.profiling.measure import count_pages, keep_pages, peak_bytes, seconds


class Measured(NamedTuple):
    """What was found."""

    seconds: list[float]
    """Of every call."""
    peak: int | None
    """Bytes; None where unknown."""


def measured(case: Case, threads: int, limit: int, budget: float) -> Measured:
    """Measure a case for about ``budget`` seconds; call it in a process of its own.

    On CUDA memory beyond ``limit`` bytes is refused; on a CPU the process should be held to it.
    """
    torch.set_num_threads(threads)
    if case.device == "cuda":
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, limit / total))
    count_pages()
    torch.manual_seed(0)
    call = (decoders if case.decodes else mechanisms).build(case)
    call()  # compiles, and takes what is taken once
    peak = peak_bytes(call, case.device)
    keep_pages()
    return Measured(seconds(call, case.device, budget=budget), peak)
