"""Additive attention on a CPU: its implementations in turns, and a decoder's step beside its plain form.

One thread. Scores and their gradients: 256 queries and keys, alignment size 512, batch 4. A step: one
query for each of 32 sentences of 30 words.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from timing import in_turns, ratio
from torch import Tensor

from attnbench.zoo.additive_kernels import IMPLEMENTATIONS, additive_scores
from attnbench.zoo.additive_kernels.steps import FusedSteps, PlainSteps

pytest.importorskip("numba")

BATCH, LENGTH, SIZE = 4, 256, 512
SENTENCES, SOURCE = 32, 30
ROUNDS = 5
STEPS = 30


def _nanoseconds(seconds: np.ndarray, elements: int) -> str:
    """Return the median time of an element (b, q, k, a)."""
    return f"{np.median(seconds) / elements * 1e9:.3f} ns"


@pytest.mark.parametrize("direction", ["forward", "both"])
def test_implementations(benchmark: BenchmarkFixture, direction: str) -> None:
    query, keys = (torch.randn(BATCH, LENGTH, SIZE).requires_grad_() for _ in range(2))
    energy = (torch.randn(SIZE) / SIZE**0.5).requires_grad_()
    given = torch.randn(BATCH, LENGTH, LENGTH)

    def call(implementation: str) -> Callable[[], object]:
        def run() -> object:
            with torch.set_grad_enabled(direction == "both"):
                scores = additive_scores(query, keys, energy, implementation=implementation)
            return torch.autograd.grad(scores, (query, keys, energy), given) if scores.requires_grad else None

        return run

    calls = {name: call(name) for name in IMPLEMENTATIONS}
    seconds = in_turns(calls, ROUNDS)
    elements = BATCH * LENGTH**2 * SIZE
    benchmark.extra_info |= {name: _nanoseconds(seconds[name], elements) for name in calls}
    benchmark.extra_info |= {
        f"{name} / fused": ratio(seconds, name, "fused") for name in calls if name != "fused"
    }
    benchmark.pedantic(calls["fused"], rounds=3)


@pytest.mark.parametrize("size", [128, 512])
def test_decoder_step(benchmark: BenchmarkFixture, size: int) -> None:
    """Scores of one query for each sentence, and its gradient; the keys serve ``STEPS`` steps."""
    query, keys = torch.randn(SENTENCES, size), torch.randn(SENTENCES, SOURCE, size)
    energy, given = torch.randn(size), torch.randn(SENTENCES, SOURCE)
    mask = torch.ones(SENTENCES, SOURCE, dtype=torch.bool)

    def call(form: type[PlainSteps] | type[FusedSteps]) -> Callable[[], Tensor]:
        scores, of_query = torch.empty_like(given), torch.empty_like(query)

        def run() -> Tensor:
            steps = form(keys, energy, mask)
            for _ in range(STEPS):
                steps.scores(query, scores)
                steps.of_query(given, query, of_query)
            return of_query

        return run

    calls = {"plain": call(PlainSteps), "fused": call(FusedSteps)}
    torch.testing.assert_close(calls["fused"](), calls["plain"](), atol=1e-4, rtol=0)
    seconds = in_turns(calls, ROUNDS)
    elements = STEPS * SENTENCES * SOURCE * size
    benchmark.extra_info |= {name: _nanoseconds(seconds[name], elements) for name in calls}
    benchmark.extra_info["plain / fused"] = ratio(seconds, "plain", "fused")
    benchmark.pedantic(calls["fused"], rounds=3)
