"""The written-out loops of an LSTM against the loop that serves any cell, and autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from describing import A, D, N, additive
from torch import Tensor, nn

from attnbench.zoo import graphs, unrolled_lstm
from attnbench.zoo.additive_kernels import steps
from attnbench.zoo.attention import (
    AdditiveAttention,
    Attended,
    ConcatAttention,
    FixedVector,
    Gated,
    Hard,
    Mean,
    Mechanism,
    Memory,
    Sharpened,
    Smoothed,
)
from attnbench.zoo.attention.interface import Unrolled
from attnbench.zoo.lstm import ContextLSTM, Kept

Draw = Callable[[nn.Module, int], None]
Unroll = Callable[..., Unrolled]

LENGTHS = (7, 3, 0, 5)
STEPS = 4

WITHIN: dict[str, Callable[[], Mechanism]] = {
    "mean": Mean,
    "fixed": FixedVector,
    "soft": additive,
    "hard": lambda: additive(Hard()),
    "hard, mixed": lambda: additive(Hard(expected=0.5)),
    "hard, expected": lambda: additive(Hard(expected=1.0)),
}

every = pytest.mark.parametrize("kind", WITHIN)


class Loop(NamedTuple):
    """A gated mechanism, a cell, and what they run over."""

    attention: Gated
    cell: ContextLSTM
    inputs: Tensor
    hidden: Tensor
    kept: Tensor
    annotations: Tensor
    mask: Tensor

    @property
    def leaves(self) -> list[Tensor]:
        weights = self.cell.context.weight, self.cell.recurrent
        return [*self[2:6], *self.attention.parameters(), *weights]

    def run(self, unroll: Unroll = Gated.unroll) -> list[Tensor]:
        """Return states, contexts and what alignments are drawn from, or the alignments."""
        torch.manual_seed(0)
        memory = self.attention.prepare(self.annotations, self.mask)
        made = unroll(self.attention, self.cell, self.inputs, Kept(self.hidden, self.kept), memory)
        aligned = made.alignment if made.expected is None else made.expected
        return [made.hidden, made.context, *([] if aligned is None else [aligned])]


@pytest.fixture
def loop(draw: Draw) -> Callable[..., Loop]:
    def make(within: Mechanism) -> Loop:
        attention, cell = Gated(within, N).double(), ContextLSTM(2, N, D).double()
        draw(attention, 1)
        draw(cell, 2)
        generator = torch.Generator().manual_seed(3)
        tensors = (
            torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()
            for shape in ((4, STEPS, 4 * N), (4, N), (4, N), (4, 7, D))
        )
        return Loop(attention, cell, *tensors, torch.arange(7) < torch.tensor(LENGTHS)[:, None])

    return make


Make = Callable[[Mechanism], Loop]


def _outcome(loop: Loop, unroll: Unroll = Gated.unroll) -> list[Tensor]:
    made = loop.run(unroll)
    generator = torch.Generator().manual_seed(4)
    loss = sum(
        ((one * torch.randn(one.shape, generator=generator, dtype=torch.float64)).sum() for one in made),
        torch.zeros(()).double(),
    )
    return [*made, *torch.autograd.grad(loss, loop.leaves)]


def _assert_as_any(loop: Loop) -> None:
    for one, other in zip(_outcome(loop), _outcome(loop, Mechanism.unroll), strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-11, rtol=1e-9)


@every
def test_numbers_and_gradients_are_those_of_the_loop_for_any_cell(kind: str, loop: Make) -> None:
    """With padding, with nothing to attend to, and with the same draws."""
    _assert_as_any(loop(WITHIN[kind]()))


@pytest.mark.parametrize("kind", ["soft", "hard, mixed"])
def test_in_plain_torch(kind: str, loop: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "pick", lambda *_: "blocked")
    _assert_as_any(loop(WITHIN[kind]()))


@every
def test_gradcheck(kind: str, loop: Make) -> None:
    """Of draws, their chances and what the drawn annotations are; so small a move changes no draw.

    Gradients of chances that go through later steps of a drawn one are those of the draws as they stand.
    """
    made = loop(WITHIN[kind]())

    def run(*_: Tensor) -> tuple[Tensor, ...]:
        """The leaves are moved in place."""
        return tuple(made.run())

    assert torch.autograd.gradcheck(run, made.leaves, eps=1e-7, atol=1e-6, rtol=1e-4, fast_mode=True)


@pytest.mark.parametrize("use", ["argmax", "expected", "sampled"])
def test_evaluation_is_that_of_the_loop_for_any_cell(use: str, loop: Make) -> None:
    made = loop(additive(Hard(0.5, use)))
    made.attention.eval()
    _assert_as_any(made)


def test_draws_are_one_place_each_and_leave_what_they_were_drawn_from(loop: Make) -> None:
    made = loop(additive(Hard(expected=0.5)))
    memory, start = made.attention.prepare(made.annotations, made.mask), Kept(made.hidden, made.kept)
    seen = set()
    for seed in range(8):
        found = []
        for unroll in (Gated.unroll, Mechanism.unroll):
            torch.manual_seed(seed)
            found.append(unroll(made.attention, made.cell, made.inputs, start, memory))
        ours, plain = found
        assert ours.alignment is not None and plain.alignment is not None and ours.expected is not None
        torch.testing.assert_close(ours.alignment, plain.alignment)
        drew = ours.attention.drew.squeeze(1)
        assert torch.equal(drew, plain.attention.drew.squeeze(1))
        torch.testing.assert_close(ours.attention.expected, plain.attention.expected)
        torch.testing.assert_close(ours.alignment[~drew], ours.expected[~drew])
        one = ours.alignment[drew & (torch.tensor(LENGTHS) > 0)]
        assert ((one == 0) | (one == 1)).all() and (one.sum(-1) == 1).all()
        assert not ours.alignment.requires_grad and not ours.alignment[2].any()
        seen |= set(drew.tolist())
    assert seen == {True, False}


@pytest.mark.parametrize("kind", ["mean", "soft", "hard, expected"])
def test_single_precision_stays_near(kind: str, loop: Make) -> None:
    made = loop(WITHIN[kind]())
    exact = _outcome(made)
    single = Loop(
        made.attention.float(), made.cell.float(), *(x.detach().float().requires_grad_() for x in made[2:6]),
        made.mask,
    )  # fmt: skip
    for one, other in zip(_outcome(single), exact, strict=True):
        torch.testing.assert_close(one, other.float(), atol=2e-4, rtol=2e-4)


@every
def test_what_padding_holds_changes_no_bit(kind: str, loop: Make) -> None:
    made = loop(WITHIN[kind]())
    with torch.no_grad():
        made.annotations[~made.mask] = 0
    zeros = _outcome(made)
    for number in (torch.nan, torch.inf, 1e300):
        with torch.no_grad():
            made.annotations[~made.mask] = number
        for one, other in zip(_outcome(made), zeros, strict=True):
            assert torch.equal(one, other)


class Half(AdditiveAttention):
    """Attends otherwise than the mechanism whose loop it would inherit."""

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        return super().forward(0.5 * query, memory, state)


class Turned(ContextLSTM):
    """An LSTM that no fast loop knows."""

    @property
    def long_short(self) -> None:  # type: ignore[override]
        return None


@pytest.mark.parametrize(
    ("within", "calls"),
    [
        (Mean, 0),
        (additive, 0),
        (lambda: additive(Hard(0.5)), 0),
        (lambda: additive(Sharpened(2.0)), STEPS),
        (lambda: additive(Smoothed()), STEPS),
        (lambda: additive(implementation="blocked"), STEPS),
        (lambda: ConcatAttention(N, D, A), STEPS),
        (lambda: Half(N, D, A), STEPS),
    ],
)
def test_the_loop_is_taken_where_it_computes_what_is_asked(
    within: Callable[[], Mechanism], calls: int, loop: Make
) -> None:
    made, called = loop(within()), []
    made.attention.register_forward_hook(lambda *_: called.append(1))
    made.run()
    assert len(called) == calls
    made = made._replace(cell=Turned(2, N, D).double())
    made.attention.register_forward_hook(lambda *_: called.append(1))
    made.run()
    assert len(called) == calls + 2 * STEPS


@pytest.mark.gpu
@every
def test_a_replayed_training_step_is_the_plain_one(
    kind: str, loop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice, so that a graph is replayed."""
    made = loop(WITHIN[kind]())
    made = Loop(
        made.attention.cuda(), made.cell.cuda(), *(x.detach().cuda().requires_grad_() for x in made[2:6]),
        made.mask.cuda(),
    )  # fmt: skip

    def outcome() -> list[Tensor]:
        found = made.run()
        return [*found, *torch.autograd.grad(sum(x.square().sum() for x in found), made.leaves)]

    replayed = [outcome() for _ in range(2)]
    assert unrolled_lstm._attending.captured or unrolled_lstm._fixed.captured
    monkeypatch.setattr(graphs, "pays", lambda tensor: False)
    for found in replayed:
        for one, other in zip(found, outcome(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9)
