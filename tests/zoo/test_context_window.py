from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import pytest
import reference_summaries
import torch
import torch.nn.functional as F
from summarizing import KINDS, SIZE, SOURCES, TARGETS, summarizer
from torch import Tensor, nn
from translating import scores

from attnbench.decoding import beam_search, parents, rows
from attnbench.settings import SearchSettings
from attnbench.zoo.attention import FixedVector, Mean, SmoothedDot
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.word_embeddings import WordEmbeddings

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

every_kind = pytest.mark.parametrize("kind", KINDS)


def loss(model: ContextWindowModel, pad: Pad) -> Tensor:
    targets, real = pad(TARGETS)
    return model.nats(model.decode(model.encode(pad(SOURCES)), targets, real).readout, targets[real])


@every_kind
def test_logits_and_alignments_equal_the_equations(kind: str, draw: Draw, pad: Pad) -> None:
    model = summarizer(kind, draw)
    decoded = model.decode(model.encode(pad(SOURCES)), pad(TARGETS)[0])
    logits = model.logits(decoded.readout)
    assert model.attends is (decoded.alignment is not None) is (kind in ("attention", "unsmoothed"))
    for b, (source, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        expected, p = reference_summaries.forced(model, source, target)
        torch.testing.assert_close(logits[b, : len(target)], expected, atol=1e-10, rtol=0)
        if decoded.alignment is not None:
            assert p is not None
            ours = decoded.alignment[b, : len(target)]
            torch.testing.assert_close(ours[:, : len(source)], p, atol=1e-12, rtol=0)
            assert (ours[:, len(source) :] == 0).all()


@every_kind
def test_the_likelihood_and_all_gradients_equal_the_equations(kind: str, draw: Draw, pad: Pad) -> None:
    model = summarizer(kind, draw, seed=1)
    literal = torch.zeros(())
    for source, target in zip(SOURCES, TARGETS, strict=True):
        logits, _ = reference_summaries.forced(model, source, target)
        literal = literal + F.cross_entropy(logits, torch.tensor(target), reduction="sum")
    ours = loss(model, pad)
    assert ours.item() == pytest.approx(literal.item(), abs=1e-9)
    leaves = list(model.parameters())
    pairs = zip(torch.autograd.grad(ours, leaves), torch.autograd.grad(literal, leaves), strict=True)
    for (name, _), (one, other) in zip(model.named_parameters(), pairs, strict=True):
        assert other.abs().max() > 1e-6, name
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9, msg=lambda m, name=name: f"{name}: {m}")


@every_kind
def test_gradcheck_of_decode(kind: str, draw: Draw, pad: Pad) -> None:
    """Through the read-out and the alignment, with padding and a source with no word."""
    model = summarizer(kind, draw, seed=7)
    (sources, mask), (targets, real) = pad(SOURCES), pad(TARGETS)
    mask[1] = False

    def run(*_: Tensor) -> tuple[Tensor, ...]:
        """The weights are moved in place."""
        decoded = model.decode(model.encode(Padded(sources, mask)), targets, real)
        return tuple(out for out in decoded if out is not None)

    weights = [p for name, p in model.named_parameters() if not name.startswith("output")]
    assert torch.autograd.gradcheck(run, weights, atol=1e-7, rtol=1e-5, fast_mode=True)


@every_kind
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_steps_agree_with_decode(
    kind: str, dtype: torch.dtype, tolerance: float, draw: Draw, pad: Pad
) -> None:
    model = summarizer(kind, draw, seed=2, dtype=dtype)
    encoded, (targets, _) = model.encode(pad(SOURCES)), pad(TARGETS)
    decoded = model.decode(encoded, targets)
    logits = model.logits(decoded.readout)
    state, tokens = model.start(encoded), None
    for i in range(targets.shape[1]):
        out, alignment, state = model.step(encoded, state, tokens)
        assert out.shape == (4, 1, 7) and (alignment is None) is (decoded.alignment is None)
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=tolerance, rtol=0)
        if decoded.alignment is not None:
            torch.testing.assert_close(alignment[:, 0], decoded.alignment[:, i], atol=tolerance, rtol=0)
        tokens = targets[:, i : i + 1]


@every_kind
def test_chosen_positions_are_read_out_as_all_are(kind: str, draw: Draw, pad: Pad) -> None:
    model = summarizer(kind, draw, seed=2)
    encoded, (targets, real) = model.encode(pad(SOURCES)), pad(TARGETS)
    chosen, everywhere = model.decode(encoded, targets, real), model.decode(encoded, targets)
    assert chosen.readout.shape == (13, model.output.in_features)
    torch.testing.assert_close(chosen.readout, everywhere.readout[real], atol=1e-12, rtol=0)
    nothing = model.decode(encoded, targets, torch.zeros_like(real)).readout
    assert nothing.shape == (0, model.output.in_features)


@every_kind
def test_selected_hypotheses_and_sentences_go_on_as_if_alone(kind: str, draw: Draw, pad: Pad) -> None:
    """Two steps, hypotheses exchanged after the first, two sentences left out after the second."""
    model = summarizer(kind, draw, seed=3)
    encoded = model.encode(pad(SOURCES))
    _, _, state = model.step(encoded, model.start(encoded), None)
    state = parents(state, torch.zeros(4, 2, dtype=torch.long))
    _, _, state = model.step(encoded, state, torch.tensor([[2, 5]]).expand(4, -1))
    state = parents(state, torch.tensor([[1, 0, 1]]).expand(4, -1))
    kept = torch.tensor([0, 2])
    third, _, _ = model.step(rows(encoded, kept), rows(state, kept), torch.tensor([[3, 4, 6]]).expand(2, -1))
    for row, sentence in enumerate(kept.tolist()):
        for k, words in enumerate(([5, 3], [2, 4], [5, 6])):
            alone = model.decode(model.encode(pad([SOURCES[sentence]])), torch.tensor([[*words, 1]]))
            torch.testing.assert_close(third[row, k], model.logits(alone.readout)[0, 2], atol=1e-12, rtol=0)


@every_kind
def test_padding_batch_size_and_order_change_nothing(kind: str, draw: Draw, pad: Pad) -> None:
    model = summarizer(kind, draw, seed=4)
    together = scores(model, pad, SOURCES, TARGETS)
    for b, target in enumerate(TARGETS):
        (alone,) = scores(model, pad, [SOURCES[b]], [target])
        torch.testing.assert_close(together[b], alone, atol=1e-12, rtol=0)
    turned = scores(model, pad, SOURCES[::-1], TARGETS[::-1])[::-1]
    for one, other in zip(together, turned, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)
    (sources, mask), (targets, _) = pad(SOURCES), pad(TARGETS)
    wider = model.encode(Padded(F.pad(sources, (0, 6), value=8), F.pad(mask, (0, 6), value=False)))
    logits = model.logits(model.decode(wider, F.pad(targets, (0, 2), value=5)).readout)
    for b, target in enumerate(TARGETS):
        torch.testing.assert_close(logits[b, : len(target)], together[b], atol=1e-12, rtol=0)


@every_kind
@pytest.mark.parametrize("width", [0, 4])
def test_sources_without_a_word_add_nothing(kind: str, width: int, draw: Draw, pad: Pad) -> None:
    """The context is zeros; they may all be empty, so that there is no position."""
    model, (targets, real) = summarizer(kind, draw), pad(TARGETS)
    empty = Padded(torch.zeros(4, width, dtype=torch.long), torch.zeros(4, width, dtype=torch.bool))
    decoded = model.decode(model.encode(empty), targets, real)
    assert not decoded.readout[:, 5:].any() and decoded.readout[:, :5].any()
    model.nats(decoded.readout, targets[real]).backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_an_encoder_that_is_not_asked_ignores_the_window(draw: Draw, pad: Pad) -> None:
    """All positions share a context without attention, none do with it."""
    for kind, same in (("bag", True), ("convolution", True), ("attention", False)):
        model = summarizer(kind, draw)
        contexts = model.decode(model.encode(pad(SOURCES[:1])), pad(TARGETS[1:2])[0]).readout[0, :, 5:]
        assert torch.equal(contexts[1:], contexts[:-1]) is same


@every_kind
def test_a_beam_of_one_takes_the_likeliest_word_again_and_again(kind: str, draw: Draw, pad: Pad) -> None:
    model, settings = summarizer(kind, draw, seed=5), SearchSettings(beam=1, normalise=False)
    limits = torch.full((4,), 6)
    found = beam_search(model, model.encode(pad(SOURCES)), limits, settings, end=1)
    for source, hypothesis in zip(SOURCES, found, strict=True):
        words: list[int] = []
        while len(words) < 6:
            logits, _ = reference_summaries.forced(model, source, [*words, 1])
            if int(logits[-1].argmax()) == 1:
                break
            words.append(int(logits[-1].argmax()))
        assert hypothesis.tokens == words
    assert any(hypothesis.tokens for hypothesis in found)


def test_one_batch_is_memorised(pad: Pad) -> None:
    torch.manual_seed(0)
    model = ContextWindowModel(
        WordEmbeddings(9, 8), SmoothedDot(8, 8), vocabulary=7, embedding=8, hidden=8, context=3, start=1
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        loss(model, pad).backward()
        optimizer.step()
    assert loss(model, pad).item() < 0.1


def test_mixed_precision_stays_near(draw: Draw, pad: Pad) -> None:
    """bfloat16 has 8 bits of significand: the loss within 1 %, each gradient within 5 % of its norm."""
    model = summarizer("attention", draw, seed=8, dtype=torch.float32)
    exact = loss(model, pad)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = loss(model, pad)
    assert mixed.item() == pytest.approx(exact.item(), rel=0.01)
    leaves = list(model.parameters())
    gradients = zip(torch.autograd.grad(mixed, leaves), torch.autograd.grad(exact, leaves), strict=True)
    for (name, _), (one, other) in zip(model.named_parameters(), gradients, strict=True):
        assert one.dtype == torch.float32
        assert (one - other).norm() < 0.05 * other.norm(), name


@pytest.mark.parametrize("attends", [True, False])
def test_half_an_encoder_is_refused(attends: bool) -> None:
    parts = (None, Mean()) if attends else (WordEmbeddings(9, SIZE), None)
    with pytest.raises(ValueError, match="an encoder and a mechanism, or neither"):
        ContextWindowModel(*parts, vocabulary=7, embedding=2, hidden=5, context=3, start=1)


D, H, C, L, Q = 200, 400, 5, 3, 2
TARGET, SOURCE = 69_000, 110_000
LANGUAGE_MODEL = TARGET * D + H * C * D + TARGET * H
"""E, U and V."""


@pytest.mark.parametrize(
    ("parts", "weights", "biases"),
    [
        (lambda: (None, None), LANGUAGE_MODEL, H + TARGET),
        (
            lambda: (WordEmbeddings(SOURCE, H), Mean()),
            LANGUAGE_MODEL + TARGET * H + SOURCE * H,
            H + TARGET,
        ),
        (
            lambda: (ConvolutionalEncoder(SOURCE, H, layers=L, reach=Q), FixedVector()),
            LANGUAGE_MODEL + TARGET * H + SOURCE * H + L * (2 * Q + 1) * H * H,
            H + TARGET + L * H,
        ),
        (
            lambda: (WordEmbeddings(SOURCE, H), SmoothedDot(H, H, Q)),
            LANGUAGE_MODEL + TARGET * H + SOURCE * H + TARGET * D + H * C * D,
            H + TARGET + H,
        ),
    ],
    ids=["alone", "bag", "convolution", "attention"],
)
def test_the_parameters_at_the_paper_s_sizes(parts: Callable[[], tuple], weights: int, biases: int) -> None:
    """V and W share one bias; F, E and G are look-ups and have none."""
    with torch.device("meta"):
        model = ContextWindowModel(*parts(), vocabulary=TARGET, embedding=D, hidden=H, context=C, start=1)
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    of_biases = sum(size for name, size in sizes.items() if name.endswith("bias"))
    assert (sum(sizes.values()) - of_biases, of_biases) == (weights, biases)


def test_attention_has_about_128_million_parameters() -> None:
    """The paper's vocabularies: 69,000 and 110,000 words; 55 million stand in V and W."""
    assert 2 * TARGET * H == 55_200_000
    total = LANGUAGE_MODEL + TARGET * H + SOURCE * H + TARGET * D + H * C * D
    assert total == 127_600_000


def test_words_that_stand_before_a_window_do_not_matter(draw: Draw) -> None:
    """C = 3: the fourth word is read by the next three, and by no later one."""
    model = summarizer("alone", draw)
    encoded = model.encode(Padded(torch.zeros(2, 1, dtype=torch.long), torch.ones(2, 1, dtype=torch.bool)))
    words = torch.tensor([list(chain([2, 3, 4], [first], [5, 0, 6, 2, 3])) for first in (2, 6)])
    one, other = model.decode(encoded, words).readout
    changed = (one != other).any(dim=-1).tolist()
    assert changed == [False] * 4 + [True] * 3 + [False] * 2
