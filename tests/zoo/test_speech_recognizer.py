"""A decoder whose start is learnt, and whose read-out sees no word, over a deep encoder of frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import reference_speech
import torch
from torch import Tensor, nn

from attnbench.zoo import graphs, unrolled_location, unrolled_pair
from attnbench.zoo.attention import AdditiveAttention, LocationAwareAttention, Mechanism, Smoothed
from attnbench.zoo.deep_bidirectional import DeepBidirectionalEncoder
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

N, SIZE, FRAME = 4, 5, 3
LENGTHS = torch.tensor([6, 2, 4])
TARGETS = [[4, 2, 1], [3, 3, 6, 5, 1], [1]]
SYSTEMS: dict[str, Callable[[int, int, int], Mechanism]] = {
    "content": AdditiveAttention,
    "content-smooth": lambda n, d, a: AdditiveAttention(n, d, a, normaliser=Smoothed()),
    "location": lambda n, d, a: LocationAwareAttention(n, d, a, filters=2, width=5),
    "location-smooth": lambda n, d, a: LocationAwareAttention(
        n, d, a, filters=2, width=5, normaliser=Smoothed()
    ),
}

every_system = pytest.mark.parametrize("system", SYSTEMS)


def recognizer(
    attend: Callable[[int, int, int], Mechanism], *, frame: int, hidden: int, layers: int, size: int,
    labels: int, maxout: int,
) -> EncoderDecoder:  # fmt: skip
    encoder = DeepBidirectionalEncoder(frame, hidden, layers)
    return EncoderDecoder(
        encoder, attend(hidden, encoder.annotation, size), vocabulary=labels, embedding=hidden, hidden=hidden,
        maxout=maxout, learnt_start=True, last_word=False,
    )  # fmt: skip


@pytest.fixture
def model(draw: Draw) -> Callable[[str], EncoderDecoder]:
    def make(system: str) -> EncoderDecoder:
        made = recognizer(
            SYSTEMS[system], frame=FRAME, hidden=N, layers=2, size=SIZE, labels=7, maxout=6
        ).double()
        draw(made, 3)
        return made

    return make


Make = Callable[[str], EncoderDecoder]


def frames(padding: float = 0.0) -> Padded:
    """Utterances of six, two and four frames."""
    mask = torch.arange(6) < LENGTHS[:, None]
    values = torch.randn(3, 6, FRAME, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Padded(values.masked_fill(~mask.unsqueeze(-1), padding), mask)


def outcome(model: EncoderDecoder, pad: Pad, padding: float = 0.0) -> list[Tensor]:
    """Return the likelihood of the targets, its gradients, and the alignments."""
    targets, real = pad(TARGETS)
    decoded = model.decode(model.encode(frames(padding)), targets, real)
    loss = model.nats(decoded.readout, targets[real])
    assert decoded.alignment is not None
    return [loss, *torch.autograd.grad(loss, list(model.parameters())), decoded.alignment[real]]


@every_system
def test_likelihood_gradients_and_alignments_equal_the_equations(system: str, model: Make, pad: Pad) -> None:
    made = model(system)
    ours, loss, alignments = outcome(made, pad), torch.zeros(()).double(), []
    for utterance, length, target in zip(frames().values, LENGTHS, TARGETS, strict=True):
        logits, alpha = reference_speech.forced(made, list(utterance[:length]), target)
        loss = loss - logits.log_softmax(-1)[range(len(target)), target].sum()
        alignments.append(nn.functional.pad(alpha, (0, 6 - int(length))))
    literal = [loss, *torch.autograd.grad(loss, list(made.parameters())), torch.cat(alignments)]
    names = ["loss", *(name for name, _ in made.named_parameters()), "alignments"]
    for name, one, other in zip(names, ours, literal, strict=True):
        assert other.abs().max() > 1e-6, name
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9, msg=lambda m, name=name: f"{name}: {m}")


@every_system
def test_step_agrees_with_decode(system: str, model: Make, pad: Pad) -> None:
    made, (targets, _) = model(system), pad(TARGETS)
    encoded = made.encode(frames())
    decoded = made.decode(encoded, targets)
    logits = made.logits(decoded.readout)
    assert decoded.alignment is not None
    state, tokens = made.start(encoded), None
    for i in range(targets.shape[1]):
        out, alignment, state = made.step(encoded, state, tokens)
        assert alignment is not None
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=1e-12, rtol=0)
        torch.testing.assert_close(alignment[:, 0], decoded.alignment[:, i], atol=1e-12, rtol=0)
        tokens = targets[:, i : i + 1]


@every_system
def test_what_padding_holds_changes_no_bit(system: str, model: Make, pad: Pad) -> None:
    made = model(system)
    for one, other in zip(outcome(made, pad, torch.nan), outcome(made, pad), strict=True):
        assert torch.equal(one, other)


def test_the_first_state_is_a_weight(model: Make) -> None:
    made = model("location")
    assert made.first is not None and made.initial is None
    hidden = made.encode(frames()).hidden
    assert torch.equal(hidden, made.first.expand(3, -1))
    torch.manual_seed(0)
    fresh = recognizer(AdditiveAttention, frame=1, hidden=300, layers=1, size=1, labels=2, maxout=1)
    assert fresh.first is not None
    for first in (fresh.first, fresh.encoder.layers[0].first):  # type: ignore[union-attr]
        assert first.std().item() == pytest.approx(0.001, rel=0.15)


def test_weights_at_the_size_of_the_paper() -> None:
    """3 layers of 256 units both ways on 123 inputs; 512 scorers; 10 filters of 201; 64 maxout; 62 labels."""

    def count(attend: Callable[[int, int, int], Mechanism]) -> dict[str, int]:
        made = recognizer(attend, frame=123, hidden=256, layers=3, size=512, labels=62, maxout=64)
        counts: dict[str, int] = {}
        for name, weight in made.named_parameters():
            part = name.split(".")[0]
            counts[part] = counts.get(part, 0) + weight.numel()
        return counts

    unit = 3 * 256 * 256 + 256  # recurrent matrices and the candidate's bias
    content = {
        "encoder": 2 * (3 * 256 * 123 + unit + 256) + 2 * 2 * (3 * 256 * 512 + unit + 256),
        "attention": 512 * 256 + 512 * 512 + 512,
        "first": 256,
        "embedding": 62 * 256,
        "cell": 3 * 256 * 256 + unit + 3 * 256 * 512,
        "readout": 128 * 256 + 128 + 128 * 512,
        "output": 62 * 64 + 62,
    }
    assert count(AdditiveAttention) == content
    assert content["encoder"] == 2_944_512
    b, U, F, smooth = 512, 512 * 10, 10 * 201, 1
    located = content["attention"] + b + U + F
    assert count(LocationAwareAttention) == content | {"attention": located}
    smoothed = count(lambda *sizes: LocationAwareAttention(*sizes, normaliser=Smoothed()))
    assert smoothed == content | {"attention": located + smooth}


def test_a_decoder_asked_for_neither_keeps_its_weights() -> None:
    """Checkpoints name them."""
    encoder = DeepBidirectionalEncoder(2, 3, 1)
    made = EncoderDecoder(encoder, AdditiveAttention(3, 6, 4), vocabulary=5, embedding=2, hidden=3, maxout=4)
    names = [name for name, _ in made.named_parameters() if not name.startswith("encoder")]
    assert names == [
        "attention.energy", "attention.query.weight", "attention.key.weight", "initial.weight",
        "initial.bias", "embedding.weight", "cell.inputs", "cell.gates", "cell.candidate", "cell.bias",
        "cell.context.weight", "readout.hidden.weight", "readout.hidden.bias", "readout.embedding.weight",
        "readout.context.weight", "output.weight", "output.bias",
    ]  # fmt: skip


@pytest.mark.gpu
@pytest.mark.parametrize("system", ["location", "location-smooth"])
def test_a_replayed_training_step_is_the_plain_one(
    system: str, model: Make, pad: Pad, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice, so that a graph is replayed; and as on a CPU."""
    made = model(system)
    on_cpu = outcome(made, pad)
    made = made.cuda()

    def gradients() -> list[Tensor]:
        values, mask = (x.cuda() for x in frames())
        targets, real = (x.cuda() for x in pad(TARGETS))
        decoded = made.decode(made.encode(Padded(values, mask)), targets, real)
        loss = made.nats(decoded.readout, targets[real])
        return [loss, *torch.autograd.grad(loss, list(made.parameters()))]

    replayed = [gradients() for _ in range(2)]
    assert unrolled_pair._paired.captured and unrolled_location._located.captured
    monkeypatch.setattr(graphs, "pays", lambda tensor: False)
    for found in (*replayed, gradients()):
        for one, other in zip(found, on_cpu, strict=False):
            torch.testing.assert_close(one.cpu(), other, atol=1e-9, rtol=1e-9)
