"""The encoder–decoder with every mechanism."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import pytest
import reference
import torch
from torch import Tensor, nn

from attnbench.decoding import beam_search, parents, rows
from attnbench.settings import SearchSettings
from attnbench.zoo.attention import (
    MECHANISMS,
    AdditiveAttention,
    Attended,
    Gated,
    Hard,
    LocationAwareAttention,
    Mean,
    Mechanism,
    Memory,
    Sharpened,
    Smoothed,
    Windowed,
    drawn,
)
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import ForwardEncoder

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

SOURCES = [[3, 1, 4, 1], [5, 1], [8, 2, 6, 0, 7, 1]]
TARGETS = [[4, 2, 1], [3, 3, 6, 5, 1], [1]]
END, N = 1, 4


class Half(AdditiveAttention):
    """Attends otherwise than the mechanism whose loop it would inherit."""

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        return super().forward(0.5 * query, memory, state)


KINDS: dict[str, Callable[[], Mechanism]] = {
    **{name: partial(make, N, N, 5) for name, make in MECHANISMS.items()},
    "location-small": lambda: LocationAwareAttention(N, N, 5, filters=2, width=3),
    "location-smoothed": lambda: LocationAwareAttention(N, N, 5, filters=2, width=3, normaliser=Smoothed()),
    "location-windowed": lambda: LocationAwareAttention(
        N, N, 5, filters=2, width=3, normaliser=Windowed(2, Smoothed())
    ),
    "additive-windowed": lambda: AdditiveAttention(N, N, 5, normaliser=Windowed(2)),
    "additive-sharpened": lambda: AdditiveAttention(N, N, 5, normaliser=Sharpened(keep=2)),
    "additive-hard": lambda: AdditiveAttention(N, N, 5, normaliser=Hard()),
    "additive-expected": lambda: AdditiveAttention(N, N, 5, normaliser=Hard(use="expected")),
    "gated": lambda: Gated(AdditiveAttention(N, N, 5), N),
    "gated-mean": lambda: Gated(Mean(), N),
    "additive-blocked": lambda: AdditiveAttention(N, N, 5, implementation="blocked"),
    "additive-of-half": lambda: Half(N, N, 5),
}
STATEFUL = ("location-small", "location-smoothed", "location-windowed", "additive-windowed")

every_kind = pytest.mark.parametrize("kind", [*KINDS])


@pytest.fixture
def model(draw: Draw) -> Callable[..., EncoderDecoder]:
    def make(
        attention: Mechanism, seed: int = 0, dtype: torch.dtype = torch.float64, target: int = 7
    ) -> EncoderDecoder:
        made = EncoderDecoder(
            ForwardEncoder(9, 3, N), attention, vocabulary=target, embedding=3, hidden=N, maxout=6
        )
        draw(made, seed)
        return made.to(dtype).eval()

    return make


Build = Callable[..., EncoderDecoder]


@every_kind
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_step_agrees_with_decode(
    kind: str, dtype: torch.dtype, tolerance: float, model: Build, pad: Pad
) -> None:
    made = model(KINDS[kind](), seed=2, dtype=dtype)
    encoded, (targets, _) = made.encode(pad(SOURCES)), pad(TARGETS)
    decoded = made.decode(encoded, targets)
    logits = made.logits(decoded.readout)
    assert made.attends is (decoded.alignment is not None) is (kind not in ("none", "mean", "gated-mean"))
    state, tokens = made.start(encoded), None
    for i in range(targets.shape[1]):
        out, alignment, state = made.step(encoded, state, tokens)
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=tolerance, rtol=0)
        if decoded.alignment is not None:
            assert alignment is not None
            torch.testing.assert_close(alignment[:, 0], decoded.alignment[:, i], atol=tolerance, rtol=0)
        tokens = targets[:, i : i + 1]


@every_kind
def test_selected_hypotheses_and_sentences_go_on_as_if_alone(kind: str, model: Build, pad: Pad) -> None:
    """Two steps, hypotheses exchanged after the first, the middle sentence left out after the second."""
    made = model(KINDS[kind](), seed=3)
    encoded = made.encode(pad(SOURCES))
    _, _, state = made.step(encoded, made.start(encoded), None)
    state = parents(state, torch.zeros(3, 2, dtype=torch.long))
    _, _, state = made.step(encoded, state, torch.tensor([[2, 5]]).expand(3, -1))
    state = parents(state, torch.tensor([[1, 0, 1]]).expand(3, -1))
    kept = torch.tensor([0, 2])
    third, _, _ = made.step(rows(encoded, kept), rows(state, kept), torch.tensor([[3, 4, 6]]).expand(2, -1))
    for row, sentence in enumerate(kept.tolist()):
        for k, words in enumerate(([5, 3], [2, 4], [5, 6])):
            alone = made.decode(made.encode(pad([SOURCES[sentence]])), torch.tensor([[*words, END]]))
            torch.testing.assert_close(third[row, k], made.logits(alone.readout)[0, 2], atol=1e-12, rtol=0)


def _log_probabilities(
    made: EncoderDecoder, pad: Pad, source: Sequence[int], outputs: Sequence[Sequence[int]]
) -> list[float]:
    """Return the sum over each output's words, from one ``decode``."""
    targets, real = pad(outputs)
    with torch.no_grad():
        decoded = made.decode(made.encode(pad([source] * len(outputs))), targets)
        scores = made.logits(decoded.readout).log_softmax(dim=-1)
    each: list[float] = (scores.gather(-1, targets.unsqueeze(-1)).squeeze(-1) * real).sum(dim=1).tolist()
    return each


@pytest.mark.parametrize("kind", STATEFUL)
def test_a_wide_beam_finds_the_best_of_all_outputs(kind: str, model: Build, pad: Pad) -> None:
    """Each output's score is that of one ``decode``, so the beams must have carried their own states."""
    others = [word for word in range(4) if word != END]
    outputs = [[*start, END] for n in range(4) for start in itertools.product(others, repeat=n)]
    outputs += [list(cut) for cut in itertools.product(others, repeat=4)]
    settings = SearchSettings(beam=len(outputs), normalise=False)
    source = [3, 8, 6, 1]
    found = set()
    for seed in range(6):
        made = model(KINDS[kind](), seed=seed, target=4)
        made.output.weight.data *= 3
        scores = _log_probabilities(made, pad, source, outputs)
        best = max(range(len(outputs)), key=scores.__getitem__)
        padded = pad([source])
        lengths = padded.mask.sum(dim=1)
        hypothesis = beam_search(made, made.encode(padded), lengths, settings, end=END)[0]
        assert hypothesis.tokens == [word for word in outputs[best] if word != END]
        assert hypothesis.score == pytest.approx(scores[best], abs=1e-5)
        found.add(tuple(hypothesis.tokens))
    assert len(found) > 1 and max(map(len, found)) > 1


@pytest.mark.parametrize("kind", STATEFUL)
def test_the_state_matters(kind: str, model: Build, pad: Pad) -> None:
    """Without what the step before left, the second step is another one; else nothing above is tested."""
    made = model(KINDS[kind](), seed=4)
    encoded = made.encode(pad(SOURCES))
    _, _, state = made.step(encoded, made.start(encoded), None)
    tokens = torch.tensor([[2], [2], [2]])
    kept, _, _ = made.step(encoded, state, tokens)
    lost, _, _ = made.step(encoded, state._replace(attention=None), tokens)
    assert (kept - lost).abs().max() > 1e-4


@pytest.mark.parametrize("change", [{"implementation": "blocked"}, {"align": False}])
def test_step_by_step_the_gradients_are_those_of_the_written_out_loop(
    change: dict[str, object], model: Build, pad: Pad
) -> None:
    found = []
    for options in ({}, change):
        made = model(AdditiveAttention(N, N, 5, **options), seed=5)  # type: ignore[arg-type]
        decoded = made.decode(made.encode(pad(SOURCES)), pad(TARGETS)[0])
        assert (decoded.alignment is None) is ("align" in options)
        loss = made.logits(decoded.readout).square().sum()
        found.append([loss, *torch.autograd.grad(loss, list(made.parameters()))])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize(
    ("options", "calls"), [({}, 0), ({"implementation": "blocked"}, 5), ({"align": False}, 5)]
)
def test_an_implementation_asked_for_is_used_at_every_step(
    options: dict[str, object], calls: int, model: Build, pad: Pad
) -> None:
    made = model(AdditiveAttention(N, N, 5, **options))  # type: ignore[arg-type]
    called = []
    made.attention.register_forward_hook(lambda *_: called.append(1))
    made.decode(made.encode(pad(SOURCES)), pad(TARGETS)[0])
    assert len(called) == calls


def test_hard_attention_leaves_its_sums(model: Build, pad: Pad) -> None:
    """log p of what was drawn, and the entropy of what it was drawn from, over the real steps, one by one."""
    made = model(AdditiveAttention(N, N, 5, normaliser=Hard()), seed=6).train()
    encoded, (targets, real) = made.encode(pad(SOURCES)), pad(TARGETS)
    torch.manual_seed(3)
    inputs = made.cell.project(made.embedding(targets))
    run = made.attention.unroll(made.cell, inputs, encoded.hidden, encoded.memory)
    sums = drawn(run, real)
    assert run.alignment is not None and run.expected is not None and sums is not None
    keys = encoded.memory.keys
    assert keys is not None and isinstance(made.attention, AdditiveAttention)
    chosen = run.alignment.argmax(dim=-1)
    assert not torch.equal(chosen[0], chosen[0, :1].expand(5)), "not always the same token"
    for b, source in enumerate(SOURCES):
        s, log_probability, entropy = encoded.hidden[b], torch.zeros(()), torch.zeros(())
        for i, y in enumerate(TARGETS[b]):
            e = [made.attention.energy @ torch.tanh(made.attention.query(s) + key) for key in keys[b]]
            p = reference.softmax(e[: len(source)])
            log_probability = log_probability + torch.log(p[chosen[b, i]])
            entropy = entropy - sum(one * torch.log(one) for one in p)
            context = encoded.memory.values[b, chosen[b, i]]
            s = made.cell.step(made.cell.project(made.embedding.weight[y]), context, s)
            torch.testing.assert_close(run.expected[b, i, : len(source)], torch.stack(p), atol=1e-12, rtol=0)
        found = torch.stack([part[b] for part in sums])
        torch.testing.assert_close(found, torch.stack([log_probability, entropy]), atol=1e-10, rtol=0)


class LongShort(NamedTuple):
    hidden: Tensor
    cell: Tensor


class LongShortUnit(nn.Module):
    """An LSTM for decoders, which no fast loop knows."""

    gated, long_short = None, None

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3 + N, N)

    def query(self, state: LongShort) -> Tensor:
        return state.hidden

    def step(self, projected: Tensor, context: Tensor, state: LongShort) -> LongShort:
        return LongShort(*self.cell(torch.cat([projected, context], dim=-1), state))


@pytest.mark.parametrize("kind", ["additive", "none", "location-small"])
def test_any_cell_may_be_run_over_known_inputs(kind: str, draw: Draw) -> None:
    cell, attention = LongShortUnit().double(), KINDS[kind]().double()
    draw(cell, 1), draw(attention, 2)
    generator = torch.Generator().manual_seed(3)
    inputs, h, c, annotations = (
        torch.randn(*shape, generator=generator, dtype=torch.float64)
        for shape in ((2, 5, 3), (2, N), (2, N), (2, 6, N))
    )
    memory = attention.prepare(annotations, torch.arange(6) < torch.tensor([[6], [4]]))
    run, state = attention.unroll(cell, inputs, LongShort(h, c), memory), None
    assert run.hidden.shape == (2, 6, N)
    for i in range(5):
        torch.testing.assert_close(run.hidden[:, i], h, atol=1e-12, rtol=0)
        context, alignment, state = attention(h.unsqueeze(1), memory, state)
        torch.testing.assert_close(run.context[:, i], context[:, 0], atol=1e-12, rtol=0)
        if alignment is None:
            assert run.alignment is None
        else:
            assert run.alignment is not None
            torch.testing.assert_close(run.alignment[:, i], alignment[:, 0], atol=1e-12, rtol=0)
        h, c = cell.cell(torch.cat([inputs[:, i], context[:, 0]], dim=-1), (h, c))
    torch.testing.assert_close(run.hidden[:, 5], h, atol=1e-12, rtol=0)
    assert (run.attention is None) is (state is None)
