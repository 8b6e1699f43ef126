"""The timer and the memory meter, on what is known; children and how they end."""

import mmap
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from attnbench.errors import RunFailed
from attnbench.profiling import ceilings, isolation, machine
from attnbench.profiling.isolation import OutOfMemory, Unavailable
from attnbench.profiling.measure import MOST, STATUS, _at_the_peak, count_pages, mapped, peak_bytes, seconds

PAGE = os.sysconf("SC_PAGE_SIZE")

needs_meter = pytest.mark.skipif(not STATUS.exists(), reason="memory is measured from /proc")


def peak_of(call: Callable[[], object]) -> int:
    """Return the second call's peak: the first may start threads and load libraries."""
    torch.set_num_threads(2)
    count_pages()
    call()
    peak = peak_bytes(call, "cpu")
    assert peak is not None
    return peak


def known(size: int) -> int:
    return peak_of(lambda: torch.ones(size, dtype=torch.uint8))


def one_after_the_other(size: int) -> int:
    def call() -> None:
        torch.ones(size, dtype=torch.uint8)
        torch.ones(size, dtype=torch.uint8)

    return peak_of(call)


def freed_before(size: int) -> int:
    """Leave holes in the heap that the call could hide in."""
    count_pages()
    pieces = [torch.ones(1 << 14, dtype=torch.uint8) for _ in range(1000)]
    del pieces[::2]
    return peak_of(lambda: [torch.ones(1 << 14, dtype=torch.uint8) for _ in range(size >> 14)])


def held_at_a_lower_peak(size: int) -> int:
    torch.ones(4 * size, dtype=torch.uint8)
    return known(size)


@needs_meter
@pytest.mark.parametrize("size", [1 << 17, 3_000_000, 40_000_001])
@pytest.mark.parametrize("call", [known, one_after_the_other, held_at_a_lower_peak])
def test_a_known_allocation_is_found_to_a_page(call: Callable[[int], int], size: int) -> None:
    found = isolation.call(call, size)
    assert 0 <= found - size <= 2 * PAGE  # rounded up to pages, and malloc's own words before it


@needs_meter
def test_small_tensors_do_not_hide_in_what_was_freed_before() -> None:
    size = 4 << 20
    assert size <= isolation.call(freed_before, size) <= 1.05 * size


@needs_meter
def test_gradients_are_counted() -> None:
    assert 2 * 4_000_000 <= isolation.call(gradients, 1_000_000) <= 2 * 4_000_000 + 16 * PAGE


def gradients(count: int) -> int:
    x = torch.ones(count, requires_grad=True)
    return peak_of(lambda: torch.autograd.grad(x.exp(), x, torch.ones(1).expand(count)))


def while_another_thread_maps(times: int) -> None:
    """Bring the process to its peak so often, while a thread maps ever more and frees some of it."""
    sys.setswitchinterval(1e-5)
    done = threading.Event()
    held: list[mmap.mmap] = []

    def grow() -> None:
        while not done.is_set():
            held.append(mmap.mmap(-1, 1 << 16))
            if len(held) % 3 == 0:
                held.pop(0).close()
            time.sleep(1e-5)

    other = threading.Thread(target=grow)
    other.start()
    try:
        for _ in range(times):
            with _at_the_peak():
                pass
    finally:
        done.set()
        other.join()


@needs_meter
def test_a_process_is_brought_to_its_peak_a_hundred_times() -> None:
    isolation.call(while_another_thread_maps, 100)


def test_peak_and_size_are_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    class Growing:
        """A process that maps more between any two readings."""

        size = 0

        def read_text(self) -> str:
            self.size += 1
            return f"Name:\tx\nVmPeak:\t{self.size} kB\nVmSize:\t{self.size} kB\n"

    monkeypatch.setattr("attnbench.profiling.measure.STATUS", Growing())
    for _ in range(100):
        with _at_the_peak():
            pass


def test_a_known_sleep_is_found() -> None:
    found = seconds(lambda: time.sleep(0.02), "cpu", budget=0.1)
    assert 3 <= len(found) <= 6
    assert all(one >= 0.02 for one in found) and min(found) < 0.03
    assert len(seconds(lambda: time.sleep(0.02), "cpu", budget=0.0)) == 3
    assert len(seconds(lambda: None, "cpu", budget=5.0)) == MOST


@pytest.mark.gpu
def test_a_known_kernel_is_found() -> None:
    tensor = torch.empty(1 << 28, device="cuda")
    tensor.fill_(1.0)
    (least, *_) = sorted(seconds(lambda: tensor.fill_(1.0), "cuda", budget=0.2))
    assert 2**30 / 6e12 < least < 2**30 / 1e11
    assert peak_bytes(lambda: torch.ones(1 << 20, device="cuda"), "cuda") == 4 << 20


def test_ceilings_are_measured_and_bind() -> None:
    best = isolation.call(ceilings.measure, "cpu", "float32", 1, 0.01)
    assert 0.1 < best.gbyte_per_s < 10_000
    assert 0.1 < best.gflop_per_s < 100_000
    assert 0.01 < best.gtanh_per_s < 1_000
    rates = ceilings.Ceilings(gbyte_per_s=10, gflop_per_s=100, gtanh_per_s=2)
    assert rates.least_seconds(gflop=50, gbyte=1, gtanh=0.1) == 0.5
    assert rates.least_seconds(gflop=50, gbyte=8, gtanh=0.1) == 0.8
    assert rates.least_seconds(gflop=50, gbyte=8, gtanh=4) == 2


@pytest.mark.gpu
def test_ceilings_of_a_gpu() -> None:
    best = isolation.call(ceilings.measure, "cuda", "bfloat16", 1, 0.2)
    assert best.gbyte_per_s > 300 and best.gflop_per_s > 10_000 and best.gtanh_per_s > 100


def memory_that_is_not_there(size: int) -> int:
    return len(torch.empty(size, dtype=torch.uint8))


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stopped(code: int) -> None:
    os._exit(code)


def wanting() -> None:
    raise Unavailable("no compiler")


def python_memory() -> None:
    raise MemoryError


def wrong(size: int) -> int:
    raise ValueError(f"{size} is odd")


@pytest.mark.skipif(not STATUS.exists(), reason="the limit needs Linux")
def test_memory_beyond_the_limit_is_refused_before_it_is_touched() -> None:
    assert isolation.call(memory_that_is_not_there, 1 << 20, limit=1 << 24) == 1 << 20
    with pytest.raises(OutOfMemory, match="can't allocate memory"):
        isolation.call(memory_that_is_not_there, (1 << 26) + isolation.SLACK, limit=1 << 24)


def test_what_becomes_of_a_child() -> None:
    for function, error, message in (
        (killed, OutOfMemory, "killed by the system"),
        (python_memory, OutOfMemory, "MemoryError"),
        (wanting, Unavailable, "no compiler"),
    ):
        with pytest.raises(error, match=message):
            isolation.call(function)
    with pytest.raises(RunFailed, match="ended with exit code 7"):
        isolation.call(stopped, 7)
    with pytest.raises(RunFailed, match=r"ValueError: 3 is odd\n(?s:.*)line \d+, in wrong"):
        isolation.call(wrong, 3)
    assert multiprocessing.active_children() == []


def test_this_machine_is_known() -> None:
    here = isolation.call(machine.look, "cpu", None)
    assert here.threads >= 1 and here.name
    assert 1 << 20 < here.free < 1 << 50
    assert isolation.call(machine.look, "cpu", 3).threads == 3
    assert here.identity()["versions"]["torch"] == torch.__version__.partition("+")[0] or (
        here.identity()["versions"]["torch"] == torch.__version__
    )


def test_memory_is_not_guessed_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("attnbench.profiling.measure.STATUS", tmp_path / "none")
    assert mapped() is None
    assert peak_bytes(lambda: torch.ones(1000), "cpu") is None
