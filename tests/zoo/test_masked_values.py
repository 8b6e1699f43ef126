"""What a masked position holds changes no bit, neither of what is made nor of a gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from masked import assert_same, numbers, outcome
from torch import Tensor, nn

from attnbench.zoo.additive_kernels import additive_attention
from attnbench.zoo.attention import (
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    FixedVector,
    Gated,
    GeneralAttention,
    Hard,
    LocationAwareAttention,
    Mean,
    Mechanism,
    Memory,
    Previous,
    ScaledDotAttention,
    Sharpened,
    Smoothed,
    SmoothedDot,
    Softmax,
    Windowed,
)
from attnbench.zoo.padded import zeroed
from attnbench.zoo.recurrent import GatedUnit

Draw = Callable[[nn.Module, int], None]

SIZE = 4
"""Of queries, annotations and states."""
MASK = torch.tensor(
    [[True] * 6, [True, False, True, True, False, False], [False] * 6, [True] * 2 + [False] * 4]
)
"""Of all, with holes, of none, and padded at the end."""
HOLDS: dict[str, float | None] = {
    "nan": math.nan, "inf": math.inf, "-inf": -math.inf, "large": 1e38, "another's": None
}  # fmt: skip
"""What masked positions hold; None: random numbers."""
ADDITIVE = ("naive", "blocked", "fused", pytest.param("compiled", marks=pytest.mark.slow))

every_hold = pytest.mark.parametrize("hold", HOLDS)
every_type = pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)


@pytest.fixture(autouse=True)
def _fused(request: pytest.FixtureRequest) -> None:
    if "fused" in request.node.name:
        pytest.importorskip("numba")


def holding(hold: str, tensor: Tensor, mask: Tensor) -> Tensor:
    """Return a tensor (b, s, ...) whose masked positions hold something."""
    number = HOLDS[hold]
    other = torch.randn(tensor.shape, generator=torch.Generator().manual_seed(9)).to(tensor.dtype)
    other = other if number is None else torch.full_like(tensor, number)
    return torch.where(mask.view(*mask.shape, *[1] * (tensor.dim() - mask.dim())), tensor, other)


ATTENDING: dict[str, Callable[..., Mechanism]] = {
    "additive": partial(AdditiveAttention, SIZE, SIZE, 5),
    "concat": partial(ConcatAttention, SIZE, SIZE, 5),
    "location": partial(LocationAwareAttention, SIZE, SIZE, 5, filters=2, width=3),
    "dot": partial(DotAttention, SIZE, SIZE),
    "scaled-dot": partial(ScaledDotAttention, SIZE, SIZE),
    "smoothed-dot": partial(SmoothedDot, SIZE, SIZE),
    "general": partial(GeneralAttention, SIZE, SIZE),
    "gated": lambda **options: Gated(AdditiveAttention(SIZE, SIZE, 5, **options), SIZE),
}
NORMALISERS: dict[str, Callable[[], nn.Module]] = {
    "softmax": Softmax,
    "sharpened": partial(Sharpened, 2.0),
    "best": partial(Sharpened, keep=2),
    "smoothed": Smoothed,
    "smoothed-sharpened": partial(Smoothed, 2.0, keep=2),
    "windowed": partial(Windowed, 2),
    "windowed-smoothed": lambda: Windowed(2, Smoothed()),
    "hard": Hard,
    "hard-mixed": partial(Hard, 0.5),
}


def attend_twice(mechanism: Mechanism, queries: Tensor, annotations: Tensor) -> list[Any]:
    """Return context, alignment and state of two steps."""
    memory, state, made = mechanism.prepare(annotations, MASK), None, []
    for query in (queries, queries.flip(1)):
        torch.manual_seed(0)  # of draws
        context, alignment, state = mechanism(query, memory, state)
        made += [context, alignment, state]
    return made


def check_mechanism(mechanism: Mechanism, hold: str, dtype: torch.dtype, queries: int = 2) -> None:
    query, annotations = numbers(4, queries, SIZE, dtype=dtype), numbers(4, 6, SIZE, seed=1, dtype=dtype)
    weights = list(mechanism.to(dtype).parameters())
    found, expected = (
        outcome(partial(attend_twice, mechanism), [query, given], weights)
        for given in (holding(hold, annotations, MASK), zeroed(annotations, MASK))
    )
    assert_same(found, expected)
    of_annotations = found[len(found) - len(weights) - 1]
    assert (of_annotations[~MASK] == 0).all() and of_annotations[MASK].any()
    assert not found[0][2].any(), "nothing to attend to"


@every_hold
@every_type
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("implementation", ADDITIVE)
@pytest.mark.parametrize("kind", ["additive", "concat"])
def test_additive_attention(
    kind: str, implementation: str, align: bool, dtype: torch.dtype, hold: str, draw: Draw
) -> None:
    mechanism = ATTENDING[kind](implementation=implementation, align=align)
    draw(mechanism, 1)
    check_mechanism(mechanism, hold, dtype)


@every_hold
@every_type
@pytest.mark.parametrize("implementation", ["naive", "blocked", "fused"])
@pytest.mark.parametrize("normaliser", ["softmax", "windowed"])
def test_location_aware_attention(
    implementation: str, normaliser: str, dtype: torch.dtype, hold: str, draw: Draw
) -> None:
    normalise = NORMALISERS[normaliser]()
    mechanism = ATTENDING["location"](implementation=implementation, normaliser=normalise)
    draw(mechanism, 1)
    check_mechanism(mechanism, hold, dtype)


@every_hold
@every_type
@pytest.mark.parametrize("align", [True, False], ids=["naive", "sdpa"])
@pytest.mark.parametrize("kind", ["dot", "scaled-dot", "smoothed-dot", "general"])
def test_multiplicative_attention(kind: str, align: bool, dtype: torch.dtype, hold: str, draw: Draw) -> None:
    mechanism = ATTENDING[kind](align=align)
    draw(mechanism, 1)
    check_mechanism(mechanism, hold, dtype)


@every_hold
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("kind", ATTENDING)
@pytest.mark.parametrize("normaliser", NORMALISERS)
def test_every_normaliser(normaliser: str, kind: str, training: bool, hold: str, draw: Draw) -> None:
    mechanism = ATTENDING[kind](normaliser=NORMALISERS[normaliser]()).train(training)
    draw(mechanism, 1)
    check_mechanism(mechanism, hold, torch.float32)


@every_hold
@pytest.mark.parametrize("kind", [FixedVector, Mean])
def test_a_fixed_vector(kind: type[Mechanism], hold: str) -> None:
    check_mechanism(kind(), hold, torch.float32)


def test_a_fixed_vector_is_the_last_that_is_real() -> None:
    annotations = numbers(4, 6, SIZE)
    (vector,) = FixedVector().prepare(annotations, MASK).values.unbind(1)
    nothing = torch.zeros(SIZE)
    expected = [annotations[0, 5], annotations[1, 3], nothing, annotations[3, 1]]
    assert torch.equal(vector, torch.stack(expected))


@every_hold
def test_a_mechanism_from_outside(hold: str) -> None:
    """It brings a ``prepare`` that knows nothing of this."""

    class Nearest(Mechanism):
        align = False

        def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
            return Memory(annotations.exp(), annotations, mask)

        def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Any:
            assert memory.keys is not None
            energy = (query @ memory.keys.mT).masked_fill(~memory.mask.unsqueeze(1), -100)
            return (energy.softmax(-1) * memory.mask.unsqueeze(1)) @ memory.values, None, None

    check_mechanism(Nearest(), hold, torch.float32)


@every_hold
@pytest.mark.parametrize("queries", [1, 3])
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("implementation", ["auto", *ADDITIVE])
def test_keys_and_values(implementation: str, align: bool, queries: int, hold: str) -> None:
    query, keys, energy, values = (
        numbers(*shape, seed=i) for i, shape in enumerate([(4, queries, 5), (4, 6, 5), (5,), (4, 6, 3)])
    )
    attend = partial(additive_attention, mask=MASK, align=align, implementation=implementation)
    found, expected = (
        outcome(attend, [query, give(keys, MASK), energy, give(values, MASK)], [])
        for give in (partial(holding, hold), zeroed)
    )
    assert_same(found, expected)
    for gradient in (found[-3], found[-1]):
        assert not gradient[~MASK].any() and gradient[MASK].any()


@every_hold
@pytest.mark.parametrize("normaliser", NORMALISERS)
def test_energies(normaliser: str, hold: str) -> None:
    normalise = NORMALISERS[normaliser]().eval()
    mask, energy = MASK.unsqueeze(1), numbers(4, 1, 6)
    found, expected = (
        outcome(lambda given: normalise(given, mask), [given], list(normalise.parameters()))
        for given in (holding(hold, energy, mask), energy.masked_fill(~mask, 0))
    )
    assert_same(found, expected)


@every_hold
@pytest.mark.parametrize("normaliser", ["softmax", "windowed"])
def test_the_alignment_of_the_step_before(normaliser: str, hold: str, draw: Draw) -> None:
    """Both the filters and the window's median look at it."""
    mechanism = ATTENDING["location"](normaliser=NORMALISERS[normaliser]())
    draw(mechanism, 1)
    query, annotations = numbers(4, 2, SIZE), numbers(4, 6, SIZE, seed=1)
    before, seen = numbers(4, 2, 6).softmax(-1), MASK.unsqueeze(1).expand(4, 2, 6)

    def attend(query: Tensor, before: Tensor) -> Any:
        inner = Previous(before.detach(), None) if normaliser == "windowed" else None
        return mechanism(query, mechanism.prepare(annotations, MASK), Previous(before, inner))

    found, expected = (
        outcome(attend, [query, given], list(mechanism.parameters()))
        for given in (holding(hold, before, seen), before.masked_fill(~seen, 0))
    )
    assert_same(found, expected)


@every_hold
@every_type
def test_inputs_of_a_gated_unit(dtype: torch.dtype, hold: str, draw: Draw) -> None:
    unit = GatedUnit(3, SIZE)
    draw(unit.to(dtype), 1)
    projected = numbers(4, 6, 3 * SIZE, dtype=dtype)
    found, expected = (
        outcome(lambda given: unit.run(given, MASK), [given], [unit.gates, unit.candidate])
        for given in (holding(hold, projected, MASK), zeroed(projected, MASK))
    )
    assert_same(found, expected)
    assert not found[1][~MASK].any()
