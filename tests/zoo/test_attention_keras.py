"""Against the attention layers of Keras, on its torch backend, whose products are float32 at most."""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported

import pytest
import torch
from torch import Tensor, nn

from attnbench.zoo.attention import AdditiveAttention, DotAttention, Mechanism, ScaledDotAttention

keras = pytest.importorskip("keras")

SIZE = 6


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    """Return queries (3, 4, SIZE), annotations (3, 5, SIZE) and the mask of lengths 5, 1 and 3."""
    generator = torch.Generator().manual_seed(0)
    queries = torch.randn(3, 4, SIZE, generator=generator)
    annotations = torch.randn(3, 5, SIZE, generator=generator)
    return queries, annotations, torch.arange(5) < torch.tensor([[5], [1], [3]])


def _additive() -> tuple[Mechanism, keras.layers.Layer]:
    """Return ours without projections, which Keras leaves to the caller, and theirs with our energy."""
    ours = AdditiveAttention(SIZE, SIZE, SIZE)
    for projection in (ours.query, ours.key):
        nn.init.eye_(projection.weight)
    theirs = keras.layers.AdditiveAttention()
    theirs.build([(3, 4, SIZE), (3, 5, SIZE)])
    theirs.set_weights([ours.energy.detach().numpy()])
    return ours, theirs


def _scaled() -> tuple[Mechanism, keras.layers.Layer]:
    theirs = keras.layers.Attention(use_scale=True)
    theirs.build([(3, 4, SIZE), (3, 5, SIZE)])
    theirs.set_weights([torch.tensor(SIZE**-0.5).numpy()])
    return ScaledDotAttention(SIZE, SIZE), theirs


def _dot() -> tuple[Mechanism, keras.layers.Layer]:
    return DotAttention(SIZE, SIZE), keras.layers.Attention()


@pytest.mark.parametrize("pair", [_additive, _dot, _scaled])
def test_contexts_alignments_and_gradients_equal_keras(pair: object) -> None:
    ours, theirs = pair()  # type: ignore[operator]
    queries, annotations, mask = _inputs()
    leaves = [queries.requires_grad_(), annotations.requires_grad_()]
    context, alignment, _ = ours(queries, ours.prepare(annotations, mask))
    expected, weights = theirs([queries, annotations], mask=[None, mask], return_attention_scores=True)
    torch.testing.assert_close(context, expected, atol=2e-6, rtol=0)
    torch.testing.assert_close(alignment, weights, atol=2e-6, rtol=0)
    of_ours = torch.autograd.grad(context.square().sum(), leaves)
    of_theirs = torch.autograd.grad(expected.square().sum(), leaves)
    for one, other in zip(of_ours, of_theirs, strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=2e-5, rtol=0)
