from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import reference
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from translating import END, SOURCES, TARGETS, Pad, nats, scores

from attnbench.decoding import beam_search
from attnbench.settings import SearchSettings
from attnbench.zoo.attention import FixedVector
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recursive_convolution import RecursiveConvolutionalEncoder
from reproductions.bahdanau2015.settings import BahdanauModel
from reproductions.bahdanau2015.systems import grconv

Draw = Callable[[nn.Module, int], None]

WORDS = SimpleNamespace(source=range(9), target=range(7))


@pytest.fixture
def encoder(draw: Draw) -> RecursiveConvolutionalEncoder:
    made = RecursiveConvolutionalEncoder(9, 3, 4).double()
    draw(made, 3)
    return made


def _model(draw: Draw, seed: int) -> EncoderDecoder:
    sizes = BahdanauModel(embedding=3, hidden=4, maxout=6, initialisation="fan-in")
    model = grconv(sizes, WORDS)  # type: ignore[arg-type]
    draw(model, seed)
    return model.double()


def test_one_join_by_hand() -> None:
    """d = 1, neighbours 2 and -1: candidate tanh(0.5 * 2 - 1 + 0.25), gates in the ratio 1 : 2 : 3."""
    encoder = RecursiveConvolutionalEncoder(2, 1, 1).double()
    encoder.embedding.weight.data = torch.tensor([[1.0], [-0.5]], dtype=torch.float64)
    encoder.inputs.weight.data = torch.tensor([[2.0]], dtype=torch.float64)
    log2, log3 = math.log(2), math.log(3)
    encoder.left.weight.data = torch.tensor([[0.0], [log2 / 2], [0.0], [0.5]], dtype=torch.float64)
    encoder.right.weight.data = torch.tensor([[0.0], [0.0], [1.0], [1.0]], dtype=torch.float64)
    encoder.right.bias.data = torch.tensor([0.0, 0.0, 1.0 + log3, 0.25], dtype=torch.float64)
    states, _, summary = encoder(Padded(torch.tensor([[0, 1]]), torch.ones(1, 2, dtype=torch.bool)))
    expected = math.tanh(0.25) / 6 + 2.0 * 2 / 6 - 1.0 * 3 / 6
    assert states[0, :, 0].tolist() == pytest.approx([2.0, expected], abs=1e-12)
    assert summary.item() == pytest.approx(expected, abs=1e-12)


def test_annotations_are_the_apexes_of_the_starts(encoder: RecursiveConvolutionalEncoder, pad: Pad) -> None:
    tokens, mask = pad(SOURCES)
    states, _, summary = encoder(Padded(tokens, mask))
    memory = FixedVector().prepare(states, mask)
    for b, source in enumerate(SOURCES):
        expected = torch.stack([reference.apex(encoder, source[: i + 1]) for i in range(len(source))])
        torch.testing.assert_close(states[b, : len(source)], expected, atol=1e-12, rtol=0)
        assert (states[b, len(source) :] == 0).all()
        torch.testing.assert_close(summary[b], expected[-1], atol=1e-12, rtol=0)
        assert torch.equal(memory.values[b, 0], summary[b])


def test_every_token_and_its_place_matter(encoder: RecursiveConvolutionalEncoder, pad: Pad) -> None:
    sentence = [3, 0, 4, 7, 1]
    others = [[5 if i == place else word for i, word in enumerate(sentence)] for place in range(5)]
    apexes = encoder(pad([sentence, sentence[::-1], *others])).summary
    assert (apexes[1:] - apexes[0]).abs().amax(dim=1).min() > 1e-3


def test_gradcheck_of_the_encoder(encoder: RecursiveConvolutionalEncoder, pad: Pad) -> None:
    tokens, mask = pad(SOURCES)
    mask[3] = False

    def run(*_: Tensor) -> tuple[Tensor, ...]:
        """The weights are moved in place."""
        states, _, summary = encoder(Padded(tokens, mask))
        return states, summary

    assert torch.autograd.gradcheck(run, list(encoder.parameters()), atol=1e-7, rtol=1e-5)


def test_loss_and_all_gradients_equal_the_equations(draw: Draw, pad: Pad) -> None:
    model = _model(draw, 1)
    loss = nats(model, pad)
    literal = torch.stack([reference.loss(model, s, t) for s, t in zip(SOURCES, TARGETS, strict=True)]).sum()
    assert loss.item() == pytest.approx(literal.item(), abs=1e-9)
    leaves = list(model.parameters())
    gradients = zip(torch.autograd.grad(loss, leaves), torch.autograd.grad(literal, leaves), strict=True)
    for (name, _), (one, other) in zip(model.named_parameters(), gradients, strict=True):
        assert other.abs().max() > 1e-6, name
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9, msg=lambda m, name=name: f"{name}: {m}")


def test_padding_batch_size_and_order_change_nothing(draw: Draw, pad: Pad) -> None:
    model = _model(draw, 2)
    together = scores(model, pad, SOURCES, TARGETS)
    turned = scores(model, pad, SOURCES[::-1], TARGETS[::-1])[::-1]
    (sources, mask), (targets, _) = pad(SOURCES), pad(TARGETS)
    wider = model.encode(Padded(F.pad(sources, (0, 3), value=8), F.pad(mask, (0, 3), value=False)))
    padded = model.logits(model.decode(wider, F.pad(targets, (0, 2), value=5)).readout)
    for b, target in enumerate(TARGETS):
        alone = scores(model, pad, [SOURCES[b]], [target])[0]
        for other in (alone, turned[b], padded[b, : len(target)]):
            torch.testing.assert_close(together[b], other, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_step_agrees_with_decode(dtype: torch.dtype, tolerance: float, draw: Draw, pad: Pad) -> None:
    model = _model(draw, 4).to(dtype)
    encoded, (targets, _) = model.encode(pad(SOURCES)), pad(TARGETS)
    decoded = model.decode(encoded, targets)
    assert decoded.alignment is None and not model.attends
    logits = model.logits(decoded.readout)
    state, tokens = model.start(encoded), None
    for i in range(targets.shape[1]):
        out, _, state = model.step(encoded, state, tokens)
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=tolerance, rtol=0)
        tokens = targets[:, i : i + 1]


def test_a_source_with_no_word_is_nought(encoder: RecursiveConvolutionalEncoder, pad: Pad) -> None:
    tokens, mask = pad(SOURCES)
    mask[2] = False
    states, _, summary = encoder(Padded(tokens, mask))
    assert (summary[2] == 0).all() and (states[2] == 0).all() and (summary[[0, 1, 3]] != 0).all()


def test_a_beam_of_one_is_greedy(draw: Draw, pad: Pad) -> None:
    tokens, mask = pad(SOURCES)
    lengths = set()
    for seed in range(4):
        model = _model(draw, seed)
        model.output.weight.data *= 3
        settings = SearchSettings(beam=1, normalise=False)
        found = beam_search(model, model.encode(Padded(tokens, mask)), 2 * mask.sum(dim=1), settings, end=END)
        for source, hypothesis in zip(SOURCES, found, strict=True):
            words, score = reference.greedy(model, source, END, 2 * len(source))
            assert hypothesis.tokens == words
            assert hypothesis.score == pytest.approx(score, abs=1e-9)
            lengths.add(len(words))
    assert len(lengths) > 3


def test_one_batch_is_memorised(pad: Pad) -> None:
    torch.manual_seed(0)
    sizes = BahdanauModel(embedding=16, hidden=16, maxout=16, initialisation="fan-in")
    model = grconv(sizes, WORDS)  # type: ignore[arg-type]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(80):
        optimizer.zero_grad()
        nats(model, pad).backward()
        optimizer.step()
    assert nats(model, pad).item() < 0.1


def test_the_weights_at_the_paper_s_sizes() -> None:
    """A word's U and, for either neighbour, G and W in place of RNNencdec's one gated unit."""
    k, m, n, l = 30_000, 620, 1000, 500  # noqa: E741
    with torch.device("meta"):
        model = grconv(BahdanauModel(), SimpleNamespace(source=range(k), target=range(k)))  # type: ignore[arg-type]
    encoder = {name: p.numel() for name, p in model.encoder.named_parameters() if "bias" not in name}
    assert sum(encoder.values()) == k * m + n * m + 2 * (n + 3) * n
    rest = k * m + n * n + 3 * n * (m + n + n) + 2 * l * (m + n + n) + k * l
    weights = [p.numel() for name, p in model.named_parameters() if "bias" not in name]
    assert sum(weights) == sum(encoder.values()) + rest == 66_306_000


@pytest.mark.parametrize(("scheme", "deviation"), [("paper", 0.01), ("fan-in", 80**-0.5)])
def test_joins_start_orthogonal_and_gates_small(scheme: str, deviation: float) -> None:
    torch.manual_seed(2)
    sizes = BahdanauModel(embedding=60, hidden=80, maxout=50, initialisation=scheme)
    encoder = grconv(sizes, WORDS).encoder  # type: ignore[arg-type]
    assert isinstance(encoder, RecursiveConvolutionalEncoder)
    for neighbour in (encoder.left, encoder.right):
        gates, joins = neighbour.weight[:3], neighbour.weight[3:]
        torch.testing.assert_close(joins @ joins.T, torch.eye(80), atol=1e-5, rtol=0)
        assert gates.std().item() == pytest.approx(deviation, rel=5 / (2 * gates.numel()) ** 0.5)
    assert (encoder.right.bias == 0).all()
