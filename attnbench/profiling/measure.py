"""Time and memory of one call, as measured on this machine.

Both want a process of their own: what ran before leaves its traces in an allocator.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

Call = Callable[[], object]

FEWEST, MOST = 3, 200
"""Bounds on how often a call is repeated; the first wins over the time."""

TRIM, TOP_PAD, MMAP, ARENAS = -1, -2, -3, -8
"""glibc's names for the settings of malloc: M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, M_ARENA_MAX."""
COUNTED = 1 << 16
"""Bytes from which an allocation gets pages of its own while memory is measured."""
SMALLEST = 256
"""Bytes of a hole in the heap that is not worth filling."""
USUAL = 1 << 25
"""Bytes from which glibc maps pages in a process that has run for a while: the ceiling of its own rule."""

STATUS = Path("/proc/self/status")


def seconds(call: Call, device: str, *, budget: float) -> list[float]:
    """Return how long each of several calls took, in about ``budget`` seconds; warm up before.

    On CUDA it is the device's own time between two events, else that of the clock on the wall.
    """
    timed = _on_cuda if device == "cuda" else _on_the_wall
    taken: list[float] = []
    until = time.perf_counter() + budget
    while len(taken) < FEWEST or (len(taken) < MOST and time.perf_counter() < until):
        taken.append(timed(call))
    return taken


def _on_the_wall(call: Call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _on_cuda(call: Call) -> float:
    began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    began.record()
    call()
    ended.record()
    torch.cuda.synchronize()
    return float(began.elapsed_time(ended)) / 1000


def peak_bytes(call: Call, device: str) -> int | None:
    """Return the most memory in use during the call beyond what was held before; None where unknown.

    On CUDA it is what torch's allocator gave out. On a CPU it is what the process had mapped, to a page;
    call ``count_pages`` first. Only Linux with glibc tells it.
    """
    gc.collect()
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        held = torch.cuda.memory_allocated()
        call()
        torch.cuda.synchronize()
        return int(torch.cuda.max_memory_allocated() - held)
    libc = _glibc()
    if libc is None or mapped() is None:
        return None
    with _holes_filled(libc), _at_the_peak():
        before = _status()["VmPeak"]
        call()
        return _status()["VmPeak"] - before


def count_pages() -> None:
    """Give every tensor pages of its own from now on, so that ``peak_bytes`` sees it come and go.

    Else malloc would keep what is freed, and a later tensor would take its place unseen. One arena only,
    since a second would map 64 MiB at once.
    """
    libc = _glibc()
    if libc is not None:
        for setting, value in ((MMAP, COUNTED), (TOP_PAD, 0), (TRIM, COUNTED), (ARENAS, 1)):
            libc.mallopt(setting, value)


def keep_pages() -> None:
    """Let malloc keep what is freed, as it would in a long run, so that no call waits for new pages."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(MMAP, USUAL)
        libc.mallopt(TRIM, 2 * USUAL)


@contextmanager
def _holes_filled(libc: ctypes.CDLL) -> Iterator[None]:
    """Take all that malloc keeps of what was freed, so that the heap must grow for every tensor on it.

    Each size is asked for until the heap's end moves; the piece that moved it is given back. There cannot
    be more to take than the process holds.
    """
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    pieces: list[ctypes.c_void_p] = []
    size, left = COUNTED // 2, _status()["VmData"]
    while size >= SMALLEST and left > 0:
        left -= size
        end = libc.sbrk(0)
        piece = ctypes.c_void_p(libc.malloc(size))
        if libc.sbrk(0) == end:
            pieces.append(piece)
        else:
            libc.free(piece)
            libc.malloc_trim(0)
            size //= 2
    try:
        yield
    finally:
        for piece in pieces:
            libc.free(piece)


@contextmanager
def _at_the_peak() -> Iterator[None]:
    """Map so much untouched memory that the process is at its peak: what comes on top is then seen.

    The peak of what is mapped (VmPeak) cannot be set back, but it is exact. The peak of what is resident
    (VmHWM) can be, but the kernel adds it up for each core apart, and is off by 32 pages a core or more.
    Peak and size come from one reading: between two another thread may map memory.
    """
    status = _status()
    missing = status["VmPeak"] - status["VmSize"]
    if missing <= 0:
        yield
        return
    with mmap.mmap(-1, missing, prot=0, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS):
        yield


def mapped() -> int | None:
    """Return the bytes of memory that the process may write to, or None where no /proc tells it."""
    try:
        return _status()["VmData"]
    except (OSError, KeyError):
        return None


def _status() -> dict[str, int]:
    """Return what one reading of /proc/self/status tells of memory, in bytes, by the names of its lines."""
    lines = (line.split() for line in STATUS.read_text().splitlines())
    return {words[0].removesuffix(":"): 1024 * int(words[1]) for words in lines if words[-1:] == ["kB"]}


def _glibc() -> ctypes.CDLL | None:
    """Return the C library where it has glibc's malloc."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
