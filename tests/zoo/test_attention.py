"""What every mechanism must keep, with every normaliser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import reference
import torch
from torch import Tensor, nn

from attnbench.zoo.attention import (
    MECHANISMS,
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    Drawing,
    FixedVector,
    GeneralAttention,
    Hard,
    LocationAwareAttention,
    Mean,
    Mechanism,
    ScaledDotAttention,
    Sharpened,
    Smoothed,
    SmoothedDot,
    Softmax,
    Unrolled,
    Windowed,
    drawn,
)

Draw = Callable[[nn.Module, int], None]
Make = Callable[..., Mechanism]

LENGTHS = (6, 1, 3)
SIZE = 5
"""Of queries and annotations alike, which dot products need."""

ATTENDING: dict[str, Make] = {
    "additive": partial(AdditiveAttention, SIZE, SIZE, 4),
    "dot": partial(DotAttention, SIZE, SIZE),
    "scaled-dot": partial(ScaledDotAttention, SIZE, SIZE),
    "general": partial(GeneralAttention, SIZE, SIZE),
    "concat": partial(ConcatAttention, SIZE, SIZE, 4),
    "location": partial(LocationAwareAttention, SIZE, SIZE, 4, filters=2, width=3),
}
NORMALISERS: dict[str, Callable[[], nn.Module]] = {
    "softmax": Softmax,
    "hotter": partial(Sharpened, beta=2.0),
    "best": partial(Sharpened, keep=2),
    "smoothed": Smoothed,
    "windowed": partial(Windowed, 2),
    "windowed-smoothed": lambda: Windowed(2, Smoothed()),
    "hard": Hard,
}

every_mechanism = pytest.mark.parametrize("kind", [*ATTENDING])
every_normaliser = pytest.mark.parametrize("normaliser", [*NORMALISERS])


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    """Return queries (3, 2, SIZE), annotations (3, 6, SIZE), 1e3 where padded, and the mask."""
    generator = torch.Generator().manual_seed(2)
    queries = torch.randn(3, 2, SIZE, generator=generator, dtype=torch.float64)
    annotations = torch.randn(3, 6, SIZE, generator=generator, dtype=torch.float64)
    mask = torch.arange(6) < torch.tensor(LENGTHS)[:, None]
    return queries, annotations.masked_fill(~mask.unsqueeze(-1), 1e3), mask


@pytest.fixture
def make(draw: Draw) -> Make:
    def one(
        kind: str, normaliser: str = "softmax", dtype: torch.dtype = torch.float64, **options: Any
    ) -> Mechanism:
        mechanism = ATTENDING[kind](normaliser=NORMALISERS[normaliser](), **options).to(dtype)
        draw(mechanism, 1)
        return mechanism.eval()

    return one


def _twice(mechanism: Mechanism, queries: Tensor, annotations: Tensor, mask: Tensor) -> list[Any]:
    """Return context, alignment and state of two steps, each with all queries as hypotheses."""
    memory = mechanism.prepare(annotations, mask)
    first = mechanism(queries, memory, None)
    second = mechanism(queries.flip(1), memory, first[2])
    return [first, second]


def _literal_energies(
    mechanism: Any, q: Tensor, annotations: Sequence[Tensor], previous: Sequence[Tensor]
) -> list[Tensor]:
    if isinstance(mechanism, LocationAwareAttention):
        return reference.location_energies(
            mechanism.query.weight, mechanism.key.weight, mechanism.location.weight,
            mechanism.filters.weight[:, 0], mechanism.key.bias, mechanism.energy, q, annotations, previous,
        )  # fmt: skip
    if isinstance(mechanism, AdditiveAttention):
        both = torch.cat([mechanism.query.weight, mechanism.key.weight], dim=1)
        return reference.concat_energies(both, mechanism.energy, q, annotations)
    if isinstance(mechanism, ConcatAttention):
        return reference.concat_energies(mechanism.both.weight, mechanism.energy, q, annotations)
    if isinstance(mechanism, GeneralAttention):
        return reference.general_energies(mechanism.key.weight, q, annotations)
    scale = SIZE**0.5 if isinstance(mechanism, ScaledDotAttention) else 1.0
    return reference.general_energies(torch.eye(SIZE, dtype=q.dtype) / scale, q, annotations)


def _literal_alignment(
    name: str, normaliser: Any, e: Sequence[Tensor], previous: Sequence[Tensor]
) -> list[Tensor]:
    if name == "windowed-smoothed":
        p = reference.median(previous)
        inside = [j for j in range(len(e)) if p - 2 <= j <= p + 1]
        alpha = reference.smoothed([e[j] for j in inside], normaliser.normaliser.bias)
        return [alpha[inside.index(j)] if j in inside else torch.zeros_like(e[j]) for j in range(len(e))]
    return {
        "softmax": lambda: reference.softmax(e),
        "hotter": lambda: reference.sharpened(e, 2.0, len(e)),
        "best": lambda: reference.sharpened(e, 1.0, 2),
        "smoothed": lambda: reference.smoothed(e, normaliser.bias),
        "windowed": lambda: reference.windowed(e, previous, 2),
        "hard": lambda: reference.sharpened(e, 1.0, 1),
    }[name]()


def _literal(mechanism: Any, name: str, queries: Tensor, annotations: Tensor) -> list[list[list[Any]]]:
    """Return (context, alignment) of every step, sentence and hypothesis, by the equations."""
    steps: list[list[list[Any]]] = [[], []]
    for b, length in enumerate(LENGTHS):
        rows: list[list[Any]] = [[], []]
        for k in range(2):
            h = list(annotations[b, :length])
            alpha = [torch.tensor(float(j == 0), dtype=queries.dtype) for j in range(length)]
            for step in range(2):
                e = _literal_energies(mechanism, queries[b, 1 - k if step else k], h, alpha)
                alpha = _literal_alignment(name, mechanism.normaliser, e, alpha)
                rows[step].append((reference.weighed(alpha, h), torch.stack(alpha)))
        for step in range(2):
            steps[step].append(rows[step])
    return steps


@every_mechanism
@every_normaliser
def test_it_equals_the_equations(kind: str, normaliser: str, make: Make) -> None:
    mechanism = make(kind, normaliser)
    queries, annotations, mask = _inputs()
    for ours, literal in zip(
        _twice(mechanism, queries, annotations, mask),
        _literal(mechanism, normaliser, queries, annotations),
        strict=True,
    ):
        for b, length in enumerate(LENGTHS):
            for k in range(2):
                context, alpha = literal[b][k]
                torch.testing.assert_close(ours[0][b, k], context, atol=1e-10, rtol=0)
                torch.testing.assert_close(ours[1][b, k, :length], alpha, atol=1e-12, rtol=0)
                assert (ours[1][b, k, length:] == 0).all()


@every_mechanism
@every_normaliser
def test_its_gradients_equal_those_of_the_equations(kind: str, normaliser: str, make: Make) -> None:
    mechanism = make(kind, normaliser)
    queries, annotations, mask = _inputs()
    weights = torch.linspace(-1, 1, 2 * 3 * 2 * SIZE, dtype=torch.float64).view(2, 3, 2, SIZE)
    leaves = [queries.requires_grad_(), annotations.requires_grad_(), *mechanism.parameters()]
    ours = sum(
        (step[0] * weight).sum()
        for step, weight in zip(_twice(mechanism, queries, annotations, mask), weights, strict=True)
    )
    theirs = sum(
        (context * weights[step, b, k]).sum()
        for step, rows in enumerate(_literal(mechanism, normaliser, queries, annotations))
        for b, row in enumerate(rows)
        for k, (context, _) in enumerate(row)
    )
    assert isinstance(ours, Tensor) and isinstance(theirs, Tensor)
    pairs = zip(
        torch.autograd.grad(ours, leaves, allow_unused=True),
        torch.autograd.grad(theirs, leaves, allow_unused=True, materialize_grads=True),
        strict=True,
    )
    for place, (one, other) in enumerate(pairs):
        if normaliser == "hard" and place != 1:
            assert one is None or (one == 0).all(), "a draw has no gradient"
            continue
        assert one is not None
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)
        if normaliser == "softmax" and kind != "dot":
            assert other.abs().max() > 1e-3


@every_mechanism
def test_gradcheck(kind: str, make: Make) -> None:
    """Through context, alignment and state of two steps, with a sentence of no word."""
    mechanism = make(kind)
    queries, annotations, mask = _inputs()
    mask[1] = False

    def run(queries: Tensor, annotations: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
        """The weights are moved in place."""
        return tuple(out for step in _twice(mechanism, queries, annotations, mask) for out in step[:2])

    inputs = queries.requires_grad_(), annotations.clamp(max=2.0).requires_grad_(), *mechanism.parameters()
    assert torch.autograd.gradcheck(run, inputs, atol=1e-7, rtol=1e-5)


def _nothing_to_see(mechanism: Mechanism, dtype: torch.dtype) -> None:
    """Check a sentence without a real word, between two others."""
    queries, annotations, mask = _inputs()
    mask[1] = False
    queries = queries.to(dtype).requires_grad_()
    annotations = annotations.masked_fill(~mask.unsqueeze(-1), 1.0).to(dtype).requires_grad_()
    loss = torch.zeros(())
    for context, alignment, state in _twice(mechanism, queries, annotations, mask):
        assert (context[1] == 0).all() and context.isfinite().all()
        loss = loss + context.float().square().sum()
        if alignment is not None:
            assert (alignment[1] == 0).all()
            tolerance = {torch.bfloat16: 1e-2, torch.float16: 2e-3}.get(dtype, 1e-6)
            torch.testing.assert_close(
                alignment[[0, 2]].sum(-1), torch.ones(2, 2, dtype=dtype), atol=tolerance, rtol=0
            )
        if isinstance(state, Drawing):
            assert alignment is not None
            run = Unrolled(queries, context, alignment, state, state.expected)
            sums = drawn(run, torch.ones(alignment.shape[:2], dtype=torch.bool))
            assert sums is not None and sums.log_probability[1] == 0 and sums.entropy[1] == 0
            loss = loss + sums.log_probability.sum() + sums.entropy.sum()
    loss.backward()
    assert annotations.grad is not None and annotations.grad[mask].abs().max() > 0
    for leaf in (queries, annotations, *mechanism.parameters()):
        assert leaf.grad is None or leaf.grad.isfinite().all()
    assert annotations.grad[1].abs().max() == 0


@every_mechanism
@every_normaliser
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_nothing_to_attend_to_gives_zeros(kind: str, normaliser: str, training: bool, make: Make) -> None:
    _nothing_to_see(make(kind, normaliser, torch.float32).train(training), torch.float32)


@every_mechanism
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_nothing_to_attend_to_gives_zeros_in_every_type(kind: str, dtype: torch.dtype, make: Make) -> None:
    _nothing_to_see(make(kind, dtype=dtype), dtype)


@pytest.mark.parametrize("kind", [kind for kind in ATTENDING if kind != "location"])
def test_nothing_to_attend_to_gives_zeros_without_an_alignment(kind: str, make: Make) -> None:
    _nothing_to_see(make(kind, dtype=torch.float32, align=False), torch.float32)


def test_a_fixed_vector_of_nothing_is_zero() -> None:
    _nothing_to_see(FixedVector(), torch.float32)


@pytest.mark.parametrize("kind", [kind for kind in ATTENDING if kind != "location"])
@pytest.mark.parametrize("normaliser", ["softmax", "smoothed"])
def test_without_an_alignment_contexts_and_gradients_are_the_same(
    kind: str, normaliser: str, make: Make
) -> None:
    queries, annotations, mask = _inputs()
    mask[1] = False
    annotations = annotations.clamp(max=2.0).requires_grad_()
    queries.requires_grad_()
    found = []
    for align in (True, False):
        mechanism = make(kind, normaliser, align=align)
        assert mechanism.align is align
        context, alignment, _ = mechanism(queries, mechanism.prepare(annotations, mask))
        assert (alignment is not None) is align
        leaves = [queries, annotations, *mechanism.parameters()]
        found.append([context, *torch.autograd.grad(context.square().sum(), leaves)])
    for one, other in zip(*found, strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-10)


@every_mechanism
@every_normaliser
def test_hypotheses_do_not_see_each_other(kind: str, normaliser: str, make: Make) -> None:
    """Nor do the queries of one call, where neither mechanism nor normaliser has a state."""
    mechanism = make(kind, normaliser)
    queries, annotations, mask = _inputs()
    together = _twice(mechanism, queries, annotations, mask)
    memory = mechanism.prepare(annotations, mask)
    for k in range(2):
        first = mechanism(queries[:, k : k + 1], memory)
        second = mechanism(queries[:, 1 - k : 2 - k], memory, first[2])
        for alone, ours in zip((first, second), together, strict=True):
            torch.testing.assert_close(alone[0][:, 0], ours[0][:, k], atol=1e-12, rtol=0)
            torch.testing.assert_close(alone[1][:, 0], ours[1][:, k], atol=1e-12, rtol=0)


@every_mechanism
@every_normaliser
def test_it_keeps_no_tensor(kind: str, normaliser: str, make: Make) -> None:
    mechanism = make(kind, normaliser)

    def held() -> set[int]:
        return {
            id(value)
            for module in mechanism.modules()
            for value in [*vars(module).values(), *module.parameters(), *module.buffers()]
            if isinstance(value, Tensor)
        }

    before = held()
    _twice(mechanism, *_inputs())
    assert held() == before == {id(parameter) for parameter in mechanism.parameters()}


@every_mechanism
def test_mixed_precision_stays_near(kind: str, make: Make) -> None:
    """bfloat16 has 8 bits of significand."""
    mechanism = make(kind, dtype=torch.float32)
    queries, annotations, mask = _inputs()
    inputs = queries.float(), annotations.float().clamp(max=2.0), mask
    exact = _twice(mechanism, *inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = _twice(mechanism, *inputs)
    for one, other in zip(mixed, exact, strict=True):
        torch.testing.assert_close(one[0].float(), other[0], atol=0.05, rtol=0)
        torch.testing.assert_close(one[1].float(), other[1], atol=0.03, rtol=0)


def test_the_registry_makes_every_mechanism() -> None:
    made = {name: make(SIZE, SIZE, 3) for name, make in MECHANISMS.items()}
    assert {name: type(mechanism) for name, mechanism in made.items()} == {
        "none": FixedVector, "mean": Mean, "additive": AdditiveAttention, "dot": DotAttention,
        "scaled-dot": ScaledDotAttention, "smoothed-dot": SmoothedDot, "general": GeneralAttention,
        "concat": ConcatAttention, "location": LocationAwareAttention,
    }  # fmt: skip
    queries, annotations, mask = _inputs()
    for mechanism in made.values():
        memory = mechanism.double().prepare(annotations, mask)
        context, alignment, _ = mechanism(queries, memory, None)
        assert context.shape == (3, 2, SIZE)
        assert mechanism.align is (alignment is not None)


def test_the_fixed_vector_is_the_last_real_annotation() -> None:
    queries, annotations, mask = _inputs()
    attention = FixedVector()
    context, alignment, state = attention(queries, attention.prepare(annotations, mask))
    assert alignment is None and state is None and context.shape == (3, 2, SIZE)
    for b, length in enumerate(LENGTHS):
        for k in range(2):
            assert torch.equal(context[b, k], annotations[b, length - 1])
