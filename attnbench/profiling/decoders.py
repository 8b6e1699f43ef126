"""Whole encoder–decoders, so that the price of attention is seen in place.

Every size of a model is ``dim``; the read-out has half of it, and all words are real.

    b batch   s source and target length   n every size   v vocabulary
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.decoding import beam_search
from attnbench.profiling.cases import PREFIX, WINDOW, Case
from attnbench.profiling.measure import Call
from attnbench.settings import SearchSettings
from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import (
    AdditiveAttention,
    FixedVector,
    LocationAwareAttention,
    Mechanism,
    Normaliser,
    Windowed,
)
from attnbench.zoo.deep_lstm import DeepLSTM
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import BidirectionalEncoder, ForwardEncoder
from attnbench.zoo.recursive_convolution import RecursiveConvolutionalEncoder

VOCABULARY = 1000
LAYERS = 4
"""LSTM layers of either side of the deep LSTM."""
END = 0
"""The end symbol; it is barred, so that every output is as long as its source."""


def _additive(n: int) -> EncoderDecoder:
    encoder = BidirectionalEncoder(VOCABULARY, n, n)
    return _decoder(encoder, AdditiveAttention(n, encoder.annotation, n), n)


def _location(n: int, normaliser: Normaliser | None = None) -> EncoderDecoder:
    encoder = BidirectionalEncoder(VOCABULARY, n, n)
    return _decoder(encoder, LocationAwareAttention(n, encoder.annotation, n, normaliser=normaliser), n)


def _decoder(encoder: Encoder, attention: Mechanism, n: int) -> EncoderDecoder:
    return EncoderDecoder(
        encoder, attention, vocabulary=VOCABULARY, embedding=n, hidden=n, maxout=max(n // 2, 1)
    )


MODELS: dict[str, Callable[[int], EncoderDecoder | DeepLSTM]] = {
    "additive": _additive,
    "location": _location,
    "location-windowed": lambda n: _location(n, Windowed(WINDOW)),
    "fixed-vector": lambda n: _decoder(ForwardEncoder(VOCABULARY, n, n), FixedVector(), n),
    "deep-lstm": lambda n: DeepLSTM(
        source=VOCABULARY, target=VOCABULARY, embedding=n, hidden=n, layers=LAYERS
    ),
    "recursive-convolution": lambda n: _decoder(
        RecursiveConvolutionalEncoder(VOCABULARY, n, n), FixedVector(), n
    ),
}
"""Name to what makes a model of a size."""


def build(case: Case) -> Call:
    """Return a training step, or the greedy decoding of a batch into outputs as long as their sources."""
    model: nn.Module = MODELS[case.mechanism.removeprefix(PREFIX)](case.dim)
    model = model.to(case.device, getattr(torch, case.dtype))
    shape = (case.batch, case.keys)
    sources, targets = (torch.randint(END + 1, VOCABULARY, shape, device=case.device) for _ in range(2))
    mask = torch.ones(shape, dtype=torch.bool, device=case.device)
    if case.direction == "decode":
        return lambda: decode(model.eval(), sources, mask)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    return lambda: train(model, optimizer, sources, mask, targets)


def train(
    model: nn.Module, optimizer: torch.optim.Optimizer, sources: Tensor, mask: Tensor, targets: Tensor
) -> Tensor:
    """Take one step towards the targets (b, s) of the sources (b, s); return the loss before it."""
    decoded = model.decode(model.encode(Padded(sources, mask)), targets)  # type: ignore[operator]
    logits: Tensor = model.logits(decoded.readout)  # type: ignore[operator]
    loss = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.detach()


class Endless:
    """Bars the end symbol."""

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        """Return the scores (b, k, v), -inf at the end symbol."""
        return scores.index_fill(-1, torch.tensor([END], device=scores.device), -torch.inf)

    def same(self, tokens: Tensor) -> None:
        """Let all hypotheses live."""


def decode(model: nn.Module, sources: Tensor, mask: Tensor) -> list[list[int]]:
    """Return a greedy output for each source (b, s), as long as it."""
    with torch.inference_mode():
        encoded = model.encode(Padded(sources, mask))  # type: ignore[operator]
        settings = SearchSettings(beam=1)
        found = beam_search(model, encoded, mask.sum(dim=1), settings, end=END, scorer=Endless())  # type: ignore[arg-type]
    return [hypothesis.tokens for hypothesis in found]
