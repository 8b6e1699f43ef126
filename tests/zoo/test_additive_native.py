"""The compiled loops: their threads, and the steps of a decoder."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from torch import Tensor

pytest.importorskip("numba", reason="the compiled loops need numba")

from attnbench.zoo import additive_kernels
from attnbench.zoo.additive_kernels import native

SIZES = ((4, 5, 16), (3, 1, 1), (2, 7, 37), (5, 6, 64))
"""b, k, a: one vector, one element, tails, pairs of vectors."""


def _inputs(b: int, q: int, k: int, a: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Return the gradient of scores, query, keys and energy."""
    generator = torch.Generator().manual_seed(b + q + k + a)
    shapes = ((b, q, k), (b, q, a), (b, k, a), (a,))
    return [torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes]


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Let little work be worth a thread; return the sizes of the pools that are made."""
    made: list[int] = []

    class Counted(ThreadPoolExecutor):
        def __init__(self, threads: int) -> None:
            made.append(threads)
            super().__init__(threads)

    monkeypatch.setattr(native, "ThreadPoolExecutor", Counted)
    monkeypatch.setattr(native, "GRAIN", 1)
    before = torch.get_num_threads()
    yield made
    torch.set_num_threads(before)


@pytest.mark.parametrize("sizes", [(2, 13, 9, 50), (1, 3, 40, 100)])
def test_the_bits_do_not_depend_on_the_number_of_threads(
    pools: list[int], sizes: tuple[int, int, int, int]
) -> None:
    given, query, keys, energy = _inputs(*sizes, dtype=torch.float32)
    found = []
    for threads in (1, 2, 3, 8):
        torch.set_num_threads(threads)
        found.append((native.scores(query, keys, energy), *native.gradients(given, query, keys, energy)))
    assert set(pools) >= {2, 3} and max(pools) <= 8 and 1 not in pools
    for others in found[1:]:
        assert all(torch.equal(one, other) for one, other in zip(found[0], others, strict=True))


def test_one_thread_and_little_work_start_none(pools: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    given, query, keys, energy = _inputs(2, 13, 9, 50)
    torch.set_num_threads(1)
    native.gradients(given, query, keys, energy)
    torch.set_num_threads(2)
    monkeypatch.setattr(native, "GRAIN", 2 * 13 * 9 * 50)
    native.gradients(given, query, keys, energy)
    assert pools == []


def test_callers_in_several_threads_do_not_disturb_each_other(pools: list[int]) -> None:
    torch.set_num_threads(2)
    work = [_inputs(2, 13 + i, 9, 50, dtype=torch.float32) for i in range(4)]
    alone = [native.gradients(*tensors) for tensors in work]
    found: dict[int, list[tuple[Tensor, ...]]] = {i: [] for i in range(4)}

    def call(i: int) -> None:
        found[i] = [native.gradients(*work[i]) for _ in range(10)]

    callers = [threading.Thread(target=call, args=(i,)) for i in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    for i, expected in enumerate(alone):
        assert len(found[i]) == 10
        for one in found[i]:
            assert all(torch.equal(x, y) for x, y in zip(one, expected, strict=True))


def test_without_a_cache_that_numba_may_write_the_tiles_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    njit = native.numba.njit

    def refuse(**options: Any) -> Any:
        def decorate(function: Any) -> Any:
            raise RuntimeError(f"cannot cache function '{function.__name__}': no locator available")

        return decorate if options.get("cache") else njit(**options)

    monkeypatch.setattr(native.numba, "njit", refuse)
    with pytest.raises(ImportError, match=r"no locator available; NUMBA_CACHE_DIR names a folder"):
        native.compiled(_forked)
    monkeypatch.delitem(sys.modules, native.__name__)
    monkeypatch.setattr(additive_kernels, "_fused", additive_kernels._fused.__wrapped__)
    assert additive_kernels.pick("auto", torch.device("cpu")) == "blocked"
    with pytest.raises(ValueError, match=r"not available: cannot cache .*NUMBA_CACHE_DIR .*; use 'blocked'"):
        additive_kernels.pick("fused", torch.device("cpu"))


def _forked(connection: Any, tensors: list[Tensor]) -> None:
    connection.send([gradient.tolist() for gradient in native.gradients(*tensors)])


def test_a_forked_process_can_use_them_too(pools: list[int]) -> None:
    """Nothing is kept between calls that a fork would leave behind."""
    torch.set_num_threads(1)  # torch's own threads do not survive a fork
    tensors = _inputs(2, 5, 4, 8)
    expected = [gradient.tolist() for gradient in native.gradients(*tensors)]
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_forked, args=(sender, tensors))
    child.start()
    assert receiver.poll(60)
    assert receiver.recv() == expected
    child.join(60)
    assert child.exitcode == 0
