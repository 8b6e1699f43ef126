from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import reference_summaries
import torch
from torch import nn

from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.padded import Padded

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]


@pytest.mark.parametrize(("layers", "reach"), [(1, 0), (2, 1), (3, 2), (4, 1)])
def test_sentences_of_every_length_equal_the_equations(layers: int, reach: int, draw: Draw, pad: Pad) -> None:
    """1 to 17 words: shorter than 2^L, odd at every level, and padded beside longer ones."""
    encoder = ConvolutionalEncoder(9, 4, layers=layers, reach=reach)
    draw(encoder.double(), layers)
    generator = torch.Generator().manual_seed(layers)
    sentences = [torch.randint(9, (n,), generator=generator).tolist() for n in range(1, 18)]
    states, mask, summary = encoder(pad(sentences))
    assert states.shape == (17, 1, 4) and mask.all() and torch.equal(states[:, 0], summary)
    for vector, sentence in zip(summary, sentences, strict=True):
        expected = reference_summaries.convolution(encoder, sentence)
        torch.testing.assert_close(vector, expected, atol=1e-12, rtol=0)


def test_one_layer_by_hand() -> None:
    """Words 1, 2 and 4 are themselves; y_i = x_{i-1} + 10 x_i + 100 x_{i+1} is 210, 421 and 42."""
    encoder = ConvolutionalEncoder(5, 1, layers=1, reach=1)
    encoder.embedding.weight.data = torch.arange(5.0).unsqueeze(1)
    encoder.filters[0].weight.data = torch.tensor([[[1.0, 10.0, 100.0]]])
    encoder.filters[0].bias.data = torch.zeros(1)
    mask = torch.ones(1, 3, dtype=torch.bool)
    seen: list[torch.Tensor] = []
    encoder.filters[0].register_forward_hook(lambda layer, given, made: seen.append(made))
    encoder(Padded(torch.tensor([[1, 2, 4]]), mask))
    assert seen[0].tolist() == [[[210.0, 421.0, 42.0]]]
    encoder.filters[0].weight.data *= -0.001
    _, _, summary = encoder(Padded(torch.tensor([[1, 2, 4]]), mask))
    assert summary.item() == pytest.approx(torch.tanh(torch.tensor(-0.042)).item()), (
        "the third is a pair alone"
    )


def test_a_sentence_without_a_word_has_no_annotation(draw: Draw) -> None:
    encoder = ConvolutionalEncoder(9, 4)
    draw(encoder, 1)
    words = torch.tensor([[3, 4], [5, 6]])
    states, mask, summary = encoder(Padded(words, torch.tensor([[True, True], [False, False]])))
    assert mask.tolist() == [[True], [False]]
    assert states[0].any() and not states[1].any() and not summary[1].any()
    for part in encoder(Padded(words[:, :0], torch.ones(2, 0, dtype=torch.bool))):
        assert len(part) == 2 and not part.any()


def test_the_order_of_the_words_tells(draw: Draw, pad: Pad) -> None:
    encoder = ConvolutionalEncoder(9, 4)
    draw(encoder, 1)
    summary = encoder(pad([[3, 4, 5, 6, 7], [3, 5, 4, 6, 7]])).summary
    assert (summary[0] - summary[1]).abs().max() > 1e-3
