"""A window scores only what it sees: the numbers are those of scoring all, the tensors are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from largest import Largest
from torch import Tensor, nn

from attnbench.zoo.attention import (
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    GeneralAttention,
    Hard,
    LocationAwareAttention,
    Mechanism,
    Previous,
    ScaledDotAttention,
    Sharpened,
    Smoothed,
    Softmax,
    Windowed,
)

Draw = Callable[[nn.Module, int], None]

SIZE, WIDTH, LENGTHS = 5, 2, (13, 7, 1, 0)
MECHANISMS: dict[str, Callable[..., Mechanism]] = {
    "additive": lambda n, given: AdditiveAttention(n, n, n, normaliser=given),
    "additive-blocked": lambda n, given: AdditiveAttention(
        n, n, n, normaliser=given, implementation="blocked"
    ),
    "concat": lambda n, given: ConcatAttention(n, n, n, normaliser=given),
    "dot": lambda n, given: DotAttention(n, n, normaliser=given),
    "scaled-dot": lambda n, given: ScaledDotAttention(n, n, normaliser=given),
    "general": lambda n, given: GeneralAttention(n, n, normaliser=given),
    "location": lambda n, given: LocationAwareAttention(n, n, n, filters=4, width=7, normaliser=given),
}
INNER: dict[str, Callable[[], nn.Module]] = {
    "softmax": Softmax,
    "sharpened": partial(Sharpened, beta=2.0, keep=3),
    "smoothed": Smoothed,
    "hard": Hard,
    "windowed": partial(Windowed, WIDTH + 1),
}
every_mechanism = pytest.mark.parametrize("name", [*MECHANISMS])


class ScoresAll(Windowed):
    """The same window, laid over the energies of all tokens."""

    def window(self, mask: Tensor, state: Any) -> None:
        return None


@pytest.fixture
def mechanism(draw: Draw) -> Callable[..., Mechanism]:
    def make(name: str, inner: str, window: type[Windowed]) -> Mechanism:
        made = MECHANISMS[name](SIZE, window(WIDTH, INNER[inner]())).double()  # type: ignore[arg-type]
        draw(made, 1)
        return made.eval()

    return make


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    """Return queries (4 steps, b, k, SIZE), annotations (b, s, SIZE), 1e3 where padded, and the mask."""
    generator = torch.Generator().manual_seed(5)
    queries = torch.randn(4, len(LENGTHS), 3, SIZE, generator=generator, dtype=torch.float64)
    annotations = torch.randn(len(LENGTHS), 13, SIZE, generator=generator, dtype=torch.float64)
    mask = torch.arange(13) < torch.tensor(LENGTHS)[:, None]
    return queries, annotations.masked_fill(~mask.unsqueeze(-1), 1e3), mask


def _before(name: str, inner: str) -> Previous:
    """Return the state of hypotheses that looked at the first token, at the middle and at the last."""
    alignment = torch.zeros(len(LENGTHS), 3, 13, dtype=torch.float64)
    for b, length in enumerate(LENGTHS):
        for k, token in enumerate((0, length // 2, max(length - 1, 0))):
            alignment[b, k, token] = float(length > 0)
    state = Previous(alignment, Previous(alignment, None) if inner == "windowed" else None)
    return Previous(alignment, state) if name == "location" else state


def _steps(
    made: Mechanism, name: str, inner: str, queries: Tensor, annotations: Tensor, mask: Tensor
) -> list[Tensor]:
    """Return contexts and alignments of steps from the first on, and from ``_before`` on."""
    memory, found = made.prepare(annotations, mask), []
    for state in (None, _before(name, inner)):
        for query in queries:
            context, alignment, state = made(query, memory, state)
            assert alignment is not None and state is not None
            assert torch.equal(state[0], alignment) and alignment.shape == (*query.shape[:2], 13)
            found += [context, alignment]
    return found


@every_mechanism
@pytest.mark.parametrize("inner", [*INNER])
def test_numbers_and_gradients_are_those_of_scoring_all(
    name: str, inner: str, mechanism: Callable[..., Mechanism]
) -> None:
    both = []
    for window in (Windowed, ScoresAll):
        made = mechanism(name, inner, window)
        queries, annotations, mask = _inputs()
        leaves = [queries.requires_grad_(), annotations.requires_grad_(), *made.parameters()]
        found = _steps(made, name, inner, queries, annotations, mask)
        total = sum(((i + 1) * x.square().sum() for i, x in enumerate(found)), torch.zeros(()).double())
        gradients = torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
        both.append([*found, *gradients])
    for one, other in zip(*both, strict=True):
        torch.testing.assert_close(one, other, atol=1e-11, rtol=1e-9)


def test_the_windows_lie_over_both_ends_and_between(mechanism: Callable[..., Mechanism]) -> None:
    """Else the test above would compare little."""
    made = mechanism("additive", "softmax", Windowed)
    queries, annotations, mask = _inputs()
    alignment = made(queries[0], made.prepare(annotations, mask), _before("additive", "softmax"))[1]
    assert alignment is not None
    seen = [[row.nonzero().flatten().tolist() for row in entry] for entry in alignment]
    assert seen[0] == [[0, 1], [4, 5, 6, 7], [10, 11, 12]]
    assert seen[1] == [[0, 1], [1, 2, 3, 4], [4, 5, 6]]
    assert seen[2:] == [[[0]] * 3, [[]] * 3]


@pytest.mark.parametrize("length", [2 * WIDTH, 2 * WIDTH + 1])
def test_a_window_is_asked_for_where_it_leaves_something_out(length: int) -> None:
    mask = torch.ones(1, 1, length, dtype=torch.bool)
    window = Windowed(WIDTH).window(mask, None)
    assert (window is None) is (length == 2 * WIDTH)
    assert Softmax().window(mask, None) is None


@every_mechanism
def test_a_step_makes_nothing_of_source_by_size(name: str) -> None:
    """5,000 tokens, two entries and hypotheses, a window of 6, and sizes of 64; an encoder's time first."""
    length, size = 5000, 64
    most = {}
    for window in (Windowed, ScoresAll):
        made = MECHANISMS[name](size, window(3))
        annotations = torch.randn(length, 2, size).transpose(0, 1)
        with torch.no_grad():
            memory = made.prepare(annotations, torch.ones(2, length, dtype=torch.bool))
            _, _, state = made(torch.randn(2, 2, size), memory)
            with Largest() as seen:
                made(torch.randn(2, 2, size), memory, state)
        most[window] = seen.numbers
    assert most[Windowed] <= 4 * (length + 6), "two numbers a token: its weights"
    if name not in ("dot", "scaled-dot", "general"):  # a product makes energies alone
        assert most[ScoresAll] >= length * min(size, 8)
