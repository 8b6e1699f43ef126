"""The decoder over annotations against the paper's equations, literally, one caption at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import pytest
import reference_captions
import torch
import torch.nn.functional as F
from describing import CAPTIONS, KINDS, A, D, N, additive, captioner, per_caption, pictures
from torch import Tensor, nn

from attnbench.decoding import beam_search, parents, rows
from attnbench.harness.memory import Unfilled
from attnbench.settings import SearchSettings
from attnbench.zoo.attending_lstm import AttendingLSTM, Decoded, GivenAnnotations
from attnbench.zoo.attention import AdditiveAttention, Gated, Hard, Mean
from attnbench.zoo.padded import Padded

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

END = 1

every_kind = pytest.mark.parametrize("kind", KINDS)


def _places(decoded: Decoded) -> list[list[int] | None]:
    """Return what evaluation with the most likely annotation looks at."""
    assert decoded.alignment is not None
    return [
        row[: len(words)].argmax(-1).tolist() for row, words in zip(decoded.alignment, CAPTIONS, strict=True)
    ]


@every_kind
def test_likelihood_gradients_alignments_and_gates_equal_the_equations(
    kind: str, draw: Draw, pad: Pad
) -> None:
    made, (targets, real) = captioner(kind, draw).eval(), pad(CAPTIONS)
    source = pictures()
    decoded = made.decode(made.encode(source), targets, real)
    loss = made.nats(decoded.readout, targets[real])
    places = _places(decoded) if kind == "hard" else [None] * len(CAPTIONS)
    said = [
        reference_captions.said(made, list(picture), caption, place)
        for picture, caption, place in zip(source.values, CAPTIONS, places, strict=True)
    ]
    each = torch.cat(
        [-one.logits.log_softmax(-1)[range(len(c)), c] for one, c in zip(said, CAPTIONS, strict=True)]
    )
    torch.testing.assert_close(made.each(decoded.readout, targets[real]), each, atol=1e-10, rtol=1e-9)
    assert decoded.gate is not None
    torch.testing.assert_close(decoded.gate[real], torch.cat([one.betas for one in said]))
    assert made.attends is (decoded.alignment is not None) is (kind != "mean")
    if decoded.alignment is not None:
        torch.testing.assert_close(decoded.alignment[real], torch.cat([one.alphas for one in said]))
    ours, literal = (
        torch.autograd.grad(total, list(made.parameters()), allow_unused=True, materialize_grads=True)
        for total in (loss, each.sum())
    )
    for (name, _), one, other in zip(made.named_parameters(), ours, literal, strict=True):
        learns = kind != "hard" or not name.startswith("attention.mechanism")
        assert (other.abs().max() > 1e-6) == learns, name
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9, msg=lambda m, name=name: f"{name}: {m}")


@every_kind
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_step_agrees_with_decode(
    kind: str, dtype: torch.dtype, tolerance: float, draw: Draw, pad: Pad
) -> None:
    made, (targets, _) = captioner(kind, draw).to(dtype).eval(), pad(CAPTIONS)
    values, mask = pictures()
    encoded = made.encode(Padded(values.to(dtype), mask))
    decoded = made.decode(encoded, targets)
    logits = made.logits(decoded.readout)
    state, tokens = made.start(encoded), None
    for t in range(targets.shape[1]):
        out, alignment, state = made.step(encoded, state, tokens)
        torch.testing.assert_close(out[:, 0], logits[:, t], atol=tolerance, rtol=0)
        if decoded.alignment is None:
            assert alignment is None
        else:
            assert alignment is not None
            torch.testing.assert_close(alignment[:, 0], decoded.alignment[:, t], atol=tolerance, rtol=0)
        tokens = targets[:, t : t + 1]


@every_kind
def test_selected_hypotheses_and_pictures_go_on_as_if_alone(kind: str, draw: Draw) -> None:
    """Two steps, hypotheses exchanged after the first, the middle picture left out after the second."""
    made, source = captioner(kind, draw).eval(), pictures(3)
    encoded = made.encode(source)
    _, _, state = made.step(encoded, made.start(encoded), None)
    state = parents(state, torch.zeros(3, 2, dtype=torch.long))
    _, _, state = made.step(encoded, state, torch.tensor([[2, 5]]).expand(3, -1))
    state = parents(state, torch.tensor([[1, 0, 1]]).expand(3, -1))
    kept = torch.tensor([0, 2])
    third, _, _ = made.step(rows(encoded, kept), rows(state, kept), torch.tensor([[3, 4, 6]]).expand(2, -1))
    for row, picture in enumerate(kept.tolist()):
        for k, words in enumerate(([5, 3], [2, 4], [5, 6])):
            alone = made.encode(Padded(*(part[picture : picture + 1] for part in source)))
            logits = made.logits(made.decode(alone, torch.tensor([[*words, END]])).readout)
            torch.testing.assert_close(third[row, k], logits[0, 2], atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", ["mean", "soft", "hard"])
def test_a_wide_beam_finds_the_best_of_all_captions(kind: str, draw: Draw, pad: Pad) -> None:
    """Each caption's score is that of one ``decode``."""
    others = (0, 2)
    captions = [[*start, END] for n in range(4) for start in itertools.product(others, repeat=n)]
    captions += [list(cut) for cut in itertools.product(others, repeat=4)]
    targets, real = pad(captions)
    made, source = captioner(kind, draw, words=3, seed=5).eval(), pictures(1)
    with torch.no_grad():
        many = made.encode(
            Padded(source.values.expand(len(captions), -1, -1), source.mask.expand(len(captions), -1))
        )
        scores = -per_caption(made.each(made.decode(many, targets, real).readout, targets[real]), real)
    best = int(scores.argmax())
    settings = SearchSettings(beam=len(captions), normalise=False)
    (found,) = beam_search(made, made.encode(source), torch.tensor([4]), settings, end=END)
    assert found.tokens == [word for word in captions[best] if word != END]
    assert found.score == pytest.approx(scores[best].item(), abs=1e-5)


@every_kind
def test_what_padding_holds_changes_no_bit(kind: str, draw: Draw, pad: Pad) -> None:
    """Neither that of captions nor that of annotations, in what is made and in gradients."""
    made, (targets, real) = captioner(kind, draw, words=9).train(), pad(CAPTIONS)
    values, mask = pictures()
    mask[1, 3:] = False

    def outcome(word: int, number: float) -> list[Tensor]:
        torch.manual_seed(0)
        given = values.masked_fill(~mask.unsqueeze(-1), number).requires_grad_()
        decoded = made.decode(made.encode(Padded(given, mask)), targets.masked_fill(~real, word), real)
        loss = made.nats(decoded.readout, targets[real])
        if decoded.drawn is not None:
            loss = loss + decoded.drawn.log_probability.sum() + decoded.drawn.entropy.sum()
        assert decoded.gate is not None
        gradients = torch.autograd.grad(loss, [given, *made.parameters()])
        return [loss, decoded.gate[real], *gradients, *([] if decoded.drawn is None else decoded.drawn)]

    expected = outcome(0, 0.0)
    assert not expected[2][~mask].any() and expected[2][mask].any()
    with torch.no_grad():
        made.embedding.weight[[7, 8]] = torch.nan
    for word, number in ((8, torch.nan), (-5, torch.inf), (2**40, 1e300)):
        for one, other in zip(outcome(word, number), expected, strict=True):
            assert other.isfinite().all() and torch.equal(one, other)


def test_sums_of_draws_are_those_of_real_words(draw: Draw, pad: Pad) -> None:
    """Some captions draw, others are weighed by the expectation; each is as the equations say."""
    made, (targets, real) = captioner("soft", draw), pad(CAPTIONS * 4)
    made.attention.mechanism.normaliser = Hard(expected=0.5)  # type: ignore[union-attr, assignment]
    source = pictures(16)
    encoded = made.encode(source)
    torch.manual_seed(5)
    run = made.attention.unroll(
        made.cell, made.cell.project(_previous(made, targets)), encoded.start, encoded.memory
    )
    torch.manual_seed(5)
    decoded = made.decode(encoded, targets, real)
    assert decoded.drawn is not None and decoded.alignment is not None and run.alignment is not None
    each = per_caption(made.each(decoded.readout, targets[real]), real)
    drew = run.attention.drew[:, 0].tolist()
    assert 3 < sum(drew) < 13
    for b, caption in enumerate(CAPTIONS * 4):
        places = run.alignment[b, : len(caption)].argmax(-1).tolist() if drew[b] else None
        said = reference_captions.said(made, list(source.values[b]), caption, places)
        nats = -said.logits.log_softmax(-1)[range(len(caption)), caption].sum()
        torch.testing.assert_close(each[b], nats)
        torch.testing.assert_close(decoded.alignment[b, : len(caption)], said.alphas)
        entropy = -(said.alphas * said.alphas.log()).sum()
        chosen = sum(said.alphas[t, place].detach().log() for t, place in enumerate(places or []))
        torch.testing.assert_close(decoded.drawn.entropy[b], entropy)
        assert decoded.drawn.log_probability[b].item() == pytest.approx(float(chosen))


def _previous(made: AttendingLSTM, targets: Tensor) -> Tensor:
    embedded = made.embedding(targets)
    return torch.cat([torch.zeros_like(embedded[:, :1]), embedded[:, :-1]], dim=1)


def test_the_likelihood_of_words_one_by_one(draw: Draw) -> None:
    made, readout = captioner("soft", draw), torch.randn(6, 2).double().requires_grad_()
    words = torch.tensor([0, 3, 1, 1, 6, 2])
    each = made.each(readout, words)
    torch.testing.assert_close(each.sum(), made.nats(readout, words))
    weights = torch.arange(6).double()
    (found,) = torch.autograd.grad(each @ weights, readout)
    W = made.output.weight.detach()
    p = (readout.detach() @ W.t() + made.output.bias.detach()).softmax(-1)
    torch.testing.assert_close(found, ((p - F.one_hot(words, 7)) * weights[:, None]) @ W)


def test_dropout_is_on_what_the_output_reads(draw: Draw) -> None:
    """On h_t and on the sum; what is left is twice as large."""
    made = captioner("mean", draw, dropout=0.5)
    embedded, hidden, context = (
        torch.ones(2000, 2).double(),
        torch.zeros(2000, N).double(),
        torch.zeros(2000, D).double(),
    )
    torch.manual_seed(0)
    dropped = made.readout(embedded, hidden, context)
    assert set(dropped.flatten().tolist()) == {0.0, 2.0}
    assert (dropped == 0).double().mean().item() == pytest.approx(0.5, abs=0.04)
    assert torch.equal(made.eval().readout(embedded, hidden, context), embedded)
    made.train()
    kept = made.readout(torch.zeros_like(embedded), torch.ones_like(hidden), context)
    columns = 2 * made.of_hidden.weight.detach()  # [2, 4]
    sums = {
        round(float(2 * columns[0, list(some)].sum()), 9)
        for r in range(N + 1)
        for some in itertools.combinations(range(N), r)
    }
    found = {round(value, 9) for value in kept[:, 0].tolist()}
    assert found <= sums | {-0.0} and len(found) > 10


def test_annotations_come_as_they_are_given() -> None:
    values = torch.tensor([[[1.0, 2.0], [3.0, 6.0]], [[5.0, 1.0], [math.nan, 9.0]], [[7.0, 7.0], [7.0, 7.0]]])
    mask = torch.tensor([[True, True], [True, False], [False, False]])
    made = GivenAnnotations(2)(Padded(values, mask))
    assert made.summary.tolist() == [[2.0, 4.0], [5.0, 1.0], [0.0, 0.0]]
    assert torch.equal(made.states[mask], values[mask]) and torch.equal(made.mask, mask)


def test_weights_at_the_size_of_the_authors_code() -> None:
    """m = 512, n = 1800, 512 scorers, D = 512 and K = 10,000."""
    m, n, a, d, k = 512, 1800, 512, 512, 10_000
    with torch.device("meta"), Unfilled():
        made = AttendingLSTM(
            GivenAnnotations(d), Gated(AdditiveAttention(n, d, a, bias=True), n), vocabulary=k, embedding=m,
            hidden=n,
        )  # fmt: skip
    counts: dict[str, int] = {}
    for name, weight in made.named_parameters():
        part = name.split(".")[0]
        counts[part] = counts.get(part, 0) + weight.numel()
    E, W, U, Z, b = m * k, 4 * n * m, 4 * n * n, 4 * n * d, 4 * n
    assert counts == {
        "embedding": E,
        "cell": W + U + Z + b,
        "attention": (a * d + a) + a * n + a + (n + 1),  # P with b, Q, u, and the gate
        "first_hidden": n * d + n,
        "first_cell": n * d + n,
        "of_hidden": m * n,
        "of_context": m * d,
        "output": k * m + k,
    }
    assert counts["embedding"] == 5_120_000 and counts["cell"] == 20_340_000
    assert counts["of_hidden"] + counts["of_context"] + counts["output"] == 6_313_744
    assert sum(counts.values()) == 34_807_113
    fixed = AttendingLSTM(GivenAnnotations(D), Gated(Mean(), N), vocabulary=7, embedding=2, hidden=N)
    attends = AttendingLSTM(GivenAnnotations(D), Gated(additive(), N), vocabulary=7, embedding=2, hidden=N)
    differ = sum(p.numel() for p in attends.parameters()) - sum(p.numel() for p in fixed.parameters())
    assert differ == A * D + A + A * N + A, "the control differs by what attends alone"


def test_biases_start_at_zero() -> None:
    made = AttendingLSTM(GivenAnnotations(D), Gated(additive(), N), vocabulary=7, embedding=2, hidden=N)
    assert not made.cell.bias.any()
    for block in made.cell.recurrent.chunk(4):
        torch.testing.assert_close(block @ block.t(), torch.eye(N))
