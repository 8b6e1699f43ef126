from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import pytest
import reference
import torch
import torch.nn.functional as F
from largest import Largest
from torch import Tensor

from attnbench.zoo.encoder_decoder import Encoded, EncoderDecoder, Maxout
from attnbench.zoo.padded import Padded

Build = Callable[..., EncoderDecoder]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

SOURCES = [[3, 1, 4, 1], [5, 1], [8, 2, 6, 0, 7, 1]]
TARGETS = [[4, 2, 1], [3, 3, 6, 5, 1], [1]]

both = pytest.mark.parametrize("kind", ["search", "encdec"])


def _logits(
    model: EncoderDecoder, pad: Pad, sources: list[list[int]], targets: list[list[int]]
) -> list[Tensor]:
    """Return each sentence's logits (t, v) of one padded batch."""
    decoded = model.decode(model.encode(pad(sources)), pad(targets)[0])
    padded = model.logits(decoded.readout)
    return [row[: len(target)] for row, target in zip(padded, targets, strict=True)]


def _loss(model: EncoderDecoder, pad: Pad, sources: list[list[int]], targets: list[list[int]]) -> Tensor:
    return F.cross_entropy(
        torch.cat(_logits(model, pad, sources, targets)), torch.tensor(list(chain(*targets))), reduction="sum"
    )


def test_maxout_takes_adjacent_pairs() -> None:
    readout = Maxout(hidden=4, embedding=1, annotation=1, size=2)
    readout.hidden.weight.data, readout.hidden.bias.data = torch.eye(4), torch.zeros(4)
    out = readout(torch.tensor([1.0, 5.0, -2.0, -3.0]), torch.zeros(1), torch.zeros(1))
    assert out.tolist() == [5.0, -2.0]


@both
def test_logits_and_alignments_equal_the_equations(kind: str, build: Build, pad: Pad) -> None:
    model = build(kind)
    decoded = model.decode(model.encode(pad(SOURCES)), pad(TARGETS)[0])
    logits = model.logits(decoded.readout)
    for b, (source, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        expected, alignment = reference.forced(model, source, target)
        torch.testing.assert_close(logits[b, : len(target)], expected, atol=1e-10, rtol=0)
        if alignment is None:
            assert decoded.alignment is None
        else:
            assert decoded.alignment is not None
            ours = decoded.alignment[b, : len(target)]
            torch.testing.assert_close(ours[:, : len(source)], alignment, atol=1e-12, rtol=0)
            assert (ours[:, len(source) :] == 0).all()


@both
def test_loss_and_all_gradients_equal_the_equations(kind: str, build: Build, pad: Pad) -> None:
    model = build(kind, seed=1)
    loss = _loss(model, pad, SOURCES, TARGETS)
    literal = sum(reference.loss(model, s, t) for s, t in zip(SOURCES, TARGETS, strict=True))
    assert isinstance(literal, Tensor)
    assert loss.item() == pytest.approx(literal.item(), abs=1e-9)
    names = [name for name, _ in model.named_parameters()]
    leaves = list(model.parameters())
    ours, theirs = torch.autograd.grad(loss, leaves), torch.autograd.grad(literal, leaves)
    for name, one, other in zip(names, ours, theirs, strict=True):
        assert other.abs().max() > 1e-6, name
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9, msg=lambda m, name=name: f"{name}: {m}")


@both
def test_gradcheck_of_decode(kind: str, build: Build, pad: Pad) -> None:
    """Through the read-out and the alignment, with padding and a source with no word."""
    model = build(kind, seed=7)
    (sources, mask), (targets, _) = pad(SOURCES), pad(TARGETS)
    mask[1] = False

    def run(*_: Tensor) -> tuple[Tensor, ...]:
        """The weights are moved in place."""
        decoded = model.decode(model.encode(Padded(sources, mask)), targets)
        return tuple(out for out in decoded if out is not None)

    weights = [p for name, p in model.named_parameters() if not name.startswith("output")]
    assert torch.autograd.gradcheck(run, weights, atol=1e-7, rtol=1e-5, fast_mode=True)


@both
def test_mixed_precision_stays_near(kind: str, build: Build, pad: Pad) -> None:
    """bfloat16 has 8 bits of significand: the loss within 1 %, each gradient within 5 % of its norm."""
    model = build(kind, seed=8, dtype=torch.float32)
    exact = _loss(model, pad, SOURCES, TARGETS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = _loss(model, pad, SOURCES, TARGETS)
    assert mixed.item() == pytest.approx(exact.item(), rel=0.01)
    leaves = list(model.parameters())
    gradients = zip(torch.autograd.grad(mixed, leaves), torch.autograd.grad(exact, leaves), strict=True)
    for (name, _), (one, other) in zip(model.named_parameters(), gradients, strict=True):
        assert one.dtype == torch.float32
        assert (one - other).norm() < 0.05 * other.norm(), name


@both
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_step_agrees_with_decode(
    kind: str, dtype: torch.dtype, tolerance: float, build: Build, pad: Pad
) -> None:
    model = build(kind, seed=2, dtype=dtype)
    encoded, (targets, _) = model.encode(pad(SOURCES)), pad(TARGETS)
    decoded = model.decode(encoded, targets)
    logits = model.logits(decoded.readout)
    state, tokens = model.start(encoded), None
    for i in range(targets.shape[1]):
        out, alignment, state = model.step(encoded, state, tokens)
        assert out.shape == (3, 1, 7)
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=tolerance, rtol=0)
        if decoded.alignment is not None:
            assert alignment is not None
            torch.testing.assert_close(alignment[:, 0], decoded.alignment[:, i], atol=tolerance, rtol=0)
        tokens = targets[:, i : i + 1]


@both
def test_chosen_positions_are_read_out_as_all_are(kind: str, build: Build, pad: Pad) -> None:
    model = build(kind, seed=2)
    encoded, (targets, real) = model.encode(pad(SOURCES)), pad(TARGETS)
    chosen = model.decode(encoded, targets, real).readout
    assert chosen.shape == (9, model.output.in_features)
    torch.testing.assert_close(chosen, model.decode(encoded, targets).readout[real], atol=1e-12, rtol=0)
    nothing = model.decode(encoded, targets, torch.zeros_like(real)).readout
    assert nothing.shape == (0, model.output.in_features)


@both
def test_hypotheses_of_one_sentence_do_not_see_each_other(kind: str, build: Build, pad: Pad) -> None:
    model = build(kind, seed=3)
    encoded = model.encode(pad(SOURCES))
    _, _, state = model.step(encoded, model.start(encoded), None)
    wide = type(state)(*(x if x is None else x.expand(-1, 4, -1) for x in state))
    tokens = torch.tensor([[0, 3, 5, 6]]).expand(3, -1)
    together, _, _ = model.step(encoded, wide, tokens)
    for k in range(4):
        alone, _, _ = model.step(encoded, state, tokens[:, k : k + 1])
        torch.testing.assert_close(together[:, k], alone[:, 0], atol=1e-12, rtol=0)
    assert (together[:, 0] - together[:, 1]).abs().max() > 1e-3


@both
def test_padding_batch_size_and_order_change_nothing(kind: str, build: Build, pad: Pad) -> None:
    model = build(kind, seed=4)
    together = _logits(model, pad, SOURCES, TARGETS)
    for b in range(3):
        alone = _logits(model, pad, [SOURCES[b]], [TARGETS[b]])[0]
        torch.testing.assert_close(together[b], alone, atol=1e-12, rtol=0)
    turned = _logits(model, pad, SOURCES[::-1], TARGETS[::-1])[::-1]
    for one, other in zip(together, turned, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)
    (sources, mask), (targets, _) = pad(SOURCES), pad(TARGETS)
    wider = model.encode(Padded(F.pad(sources, (0, 3), value=8), F.pad(mask, (0, 3), value=False)))
    logits = model.logits(model.decode(wider, F.pad(targets, (0, 2), value=5)).readout)
    for b, target in enumerate(TARGETS):
        torch.testing.assert_close(logits[b, : len(target)], together[b], atol=1e-12, rtol=0)


@both
def test_a_source_with_no_word_gives_numbers(kind: str, build: Build, pad: Pad) -> None:
    model = build(kind)
    sources, mask = pad(SOURCES)
    mask[1] = False
    decoded = model.decode(model.encode(Padded(sources, mask)), pad(TARGETS)[0])
    assert decoded.readout.isfinite().all()
    decoded.readout.sum().backward()
    assert all(
        p.grad is not None and p.grad.isfinite().all() for p in model.parameters() if p.grad is not None
    )
    if decoded.alignment is not None:
        assert (decoded.alignment[1] == 0).all()


def _frozen(search: EncoderDecoder, sources: Padded) -> Encoded:
    """RNNsearch with c_i = h>_{T_x}: one position to attend to, its backward half nought; s_0 from it too."""
    n = search.cell.hidden
    states, mask, _ = search.encoder(sources)
    last = F.one_hot(mask.sum(dim=1) - 1, mask.shape[1]).bool()
    forwards = F.pad(states[..., :n], (0, n))
    memory = search.attention.prepare(states, mask)._replace(values=forwards, mask=last)
    return Encoded(memory, torch.tanh(search.initial(states[last][:, :n])))


def test_a_frozen_context_reduces_rnnsearch_to_rnnencdec(build: Build, pad: Pad) -> None:
    """All weights that both have are copied; what only RNNsearch has is random, and must not matter."""
    encdec, search = build("encdec", seed=5), build("search", seed=6)
    with torch.no_grad():
        for name, weight in encdec.named_parameters():
            search.get_parameter(name)[tuple(slice(size) for size in weight.shape)] = weight
    sources, (targets, real) = pad(SOURCES), pad(TARGETS)
    fixed = encdec.logits(encdec.decode(encdec.encode(sources), targets).readout)[real]
    reduced = search.logits(search.decode(_frozen(search, sources), targets).readout)[real]
    attending = search.logits(search.decode(search.encode(sources), targets).readout)[real]
    torch.testing.assert_close(reduced, fixed, atol=1e-12, rtol=0)
    assert (attending - fixed).abs().max() > 0.1
    for logits in (fixed, reduced):
        F.cross_entropy(logits, targets[real], reduction="sum").backward()
    for name, weight in encdec.named_parameters():
        theirs = search.get_parameter(name).grad
        assert theirs is not None and weight.grad is not None
        shared = theirs[tuple(slice(size) for size in weight.shape)]
        torch.testing.assert_close(shared, weight.grad, atol=1e-11, rtol=1e-9)


def test_training_holds_no_comparison_of_every_step(build: Build, pad: Pad) -> None:
    """The largest tensor of a training step is smaller than (b, t, s, a)."""
    model = build("search")
    source, (target, _) = pad([[3] * 40] * 2), pad([[4] * 40] * 2)
    size = len(model.attention.energy)
    with Largest() as largest:
        model.decode(model.encode(source), target).readout.sum().backward()
    assert 2 * 40 * size <= largest.numbers < 2 * 40 * 40 * size / 2
