"""The written-out loop of location-aware attention against the loop that serves any cell, and autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from attnbench.zoo import unrolled_location
from attnbench.zoo.additive_kernels import located_steps
from attnbench.zoo.attention import (
    LocationAwareAttention,
    Mechanism,
    Normaliser,
    Sharpened,
    Smoothed,
    Softmax,
    Windowed,
)
from attnbench.zoo.attention.interface import Unrolled
from attnbench.zoo.recurrent import ContextUnit

Draw = Callable[[nn.Module, int], None]
Unroll = Callable[..., Unrolled]

QUERY, ANNOTATION = 4, 6
LENGTHS = (7, 3, 0)

both = pytest.mark.parametrize("normaliser", [Softmax, Smoothed])


class Loop(NamedTuple):
    """A mechanism, a cell, and what they run over."""

    attention: LocationAwareAttention
    cell: ContextUnit
    inputs: Tensor
    start: Tensor
    annotations: Tensor
    mask: Tensor

    @property
    def leaves(self) -> list[Tensor]:
        cell = self.cell
        weights = cell.context.weight, cell.gates, cell.candidate
        return [self.inputs, self.start, self.annotations, *self.attention.parameters(), *weights]

    def run(self, unroll: Unroll) -> list[Tensor]:
        """Return states, contexts, alignments, and the alignment that the last step leaves."""
        memory = self.attention.prepare(self.annotations, self.mask)
        made = unroll(self.attention, self.cell, self.inputs, self.start, memory)
        assert made.alignment is not None
        return [made.hidden, made.context, made.alignment, made.attention.alignment]


@pytest.fixture
def loop(draw: Draw) -> Callable[..., Loop]:
    def make(normaliser: Normaliser, width: int = 5, longest: int = 7, **options: Any) -> Loop:
        attention = LocationAwareAttention(
            QUERY, ANNOTATION, 5, filters=2, width=width, normaliser=normaliser, **options
        ).double()
        cell = ContextUnit(3, QUERY, ANNOTATION).double()
        draw(attention, 1)
        draw(cell, 2)
        generator = torch.Generator().manual_seed(3)
        inputs, start, annotations = (
            torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()
            for shape in ((3, 4, 3 * QUERY), (3, QUERY), (3, longest, ANNOTATION))
        )
        lengths = torch.tensor([longest, *LENGTHS[1:]])
        return Loop(attention, cell, inputs, start, annotations, torch.arange(longest) < lengths[:, None])

    return make


Make = Callable[..., Loop]


def _outcome(loop: Loop, unroll: Unroll) -> list[Tensor]:
    made = loop.run(unroll)
    generator = torch.Generator().manual_seed(4)
    loss = sum(
        ((one * torch.randn(one.shape, generator=generator, dtype=torch.float64)).sum() for one in made),
        torch.zeros(()).double(),
    )
    return [*made, *torch.autograd.grad(loss, loop.leaves)]


def _assert_as_any(loop: Loop) -> None:
    found = _outcome(loop, LocationAwareAttention.unroll)
    for one, other in zip(found, _outcome(loop, Mechanism.unroll), strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-11, rtol=1e-9)


@both
@pytest.mark.parametrize("width", [1, 5, 31])
def test_numbers_and_gradients_are_those_of_the_loop_for_any_cell(
    normaliser: type[Normaliser], width: int, loop: Make
) -> None:
    """With padding, with a source that has nothing to attend to, and with filters wider than the source."""
    _assert_as_any(loop(normaliser(), width))


@both
@pytest.mark.parametrize(("longest", "width"), [(7, 5), (8, 3), (11, 25)])
def test_filters_are_laid_on_block_by_block(
    normaliser: type[Normaliser], longest: int, width: int, loop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of four tokens, the last of them full or not."""
    monkeypatch.setattr(unrolled_location, "WHOLE", 4)
    monkeypatch.setattr(unrolled_location, "BLOCK", 4)
    _assert_as_any(loop(normaliser(), width, longest))


@both
def test_in_plain_torch(normaliser: type[Normaliser], loop: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(located_steps, "pick", lambda *_: "blocked")
    _assert_as_any(loop(normaliser()))


@both
def test_gradcheck(normaliser: type[Normaliser], loop: Make) -> None:
    made = loop(normaliser())

    def run(*_: Tensor) -> tuple[Tensor, ...]:
        """The leaves are moved in place."""
        return tuple(made.run(LocationAwareAttention.unroll))

    assert torch.autograd.gradcheck(run, made.leaves, atol=1e-7, rtol=1e-5, fast_mode=True)


@both
def test_single_precision_stays_near(normaliser: type[Normaliser], loop: Make) -> None:
    made = loop(normaliser())
    exact = _outcome(made, LocationAwareAttention.unroll)
    single = Loop(
        made.attention.float(), made.cell.float(), *(x.detach().float().requires_grad_() for x in made[2:5]),
        made.mask,
    )  # fmt: skip
    for one, other in zip(_outcome(single, LocationAwareAttention.unroll), exact, strict=True):
        torch.testing.assert_close(one, other.float(), atol=2e-4, rtol=2e-4)


@both
def test_what_padding_holds_changes_no_bit(normaliser: type[Normaliser], loop: Make) -> None:
    made = loop(normaliser())
    zeros = _outcome(made, LocationAwareAttention.unroll)
    with torch.no_grad():
        made.annotations[~made.mask] = torch.nan
    for one, other in zip(_outcome(made, LocationAwareAttention.unroll), zeros, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("normaliser", "options", "calls"),
    [
        (Softmax, {}, 0),
        (Smoothed, {}, 0),
        (lambda: Smoothed(2.0), {}, 4),
        (lambda: Smoothed(keep=2), {}, 4),
        (lambda: Sharpened(2.0), {}, 4),
        (lambda: Windowed(2), {}, 4),
        (Softmax, {"implementation": "blocked"}, 4),
    ],
)
def test_the_loop_is_taken_where_it_computes_what_is_asked(
    normaliser: Callable[[], Normaliser], options: dict[str, str], calls: int, loop: Make
) -> None:
    made, called = loop(normaliser(), **options), []
    made.attention.register_forward_hook(lambda *_: called.append(1))
    made.run(LocationAwareAttention.unroll)
    assert len(called) == calls
