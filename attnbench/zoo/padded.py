"""Sequences of several lengths as one tensor.

What a masked position holds does not matter: be it no number, infinite or an id that no vocabulary has, all
that the zoo makes of a batch, gradients included, is to the last bit what zeros there would give, and the
gradient of that position is 0. So it is for the masks of inputs, annotations, energies and known targets.

Zeros are put there once: in inputs before they are embedded, in annotations before keys are made of them.
A weight or a mask of 0 alone would not do, as 0 times what is no number is none, in gradients too.

    b batch   s longest length   m embedding
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function

WHOLE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers by their bytes."""


class Padded(NamedTuple):
    """A batch of sequences, padded at the end: what a column of a split gives, and what an encoder takes."""

    values: Tensor
    """(b, s), word ids, or (b, s, ...), such as frames of sound."""
    mask: Tensor
    """(b, s), bool: True at what is real."""


def zero_(values: Tensor, mask: Tensor) -> Tensor:
    """Write zeros into ``values`` (b, s, ...) where ``mask`` (b, s) is False, and return them.

    All bits "and" none are 0, whatever number they stand for; a broadcast ``masked_fill_`` takes ten times as
    long on a CPU.
    """
    whole = WHOLE[values.element_size()]
    bits = -mask.to(whole).view(*mask.shape, *[1] * (values.dim() - mask.dim()))
    values.view(whole).bitwise_and_(bits)
    return values


class _Zeroed(Function):
    """A copy with zeros, its rows one after the other in memory; its gradient has them too."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, mask: Tensor) -> Tensor:
        ctx.save_for_backward(mask)
        return zero_(values.clone(memory_format=torch.contiguous_format), mask)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Zeroed.apply(gradient, *ctx.saved_tensors), None


def zeroed(values: Tensor, mask: Tensor) -> Tensor:
    """Return ``values`` (b, s, ...) with zeros where ``mask`` (b, s) is False."""
    made: Tensor = _Zeroed.apply(values, mask)
    return made


def vectors(embedding: nn.Embedding, words: Tensor, mask: Tensor | None) -> Tensor:
    """Return the vectors (b, s, m) of word ids (b, s), zeros where ``mask`` (b, s) is False; None: all real.

    Zeros are written where the vectors lie. Autograd need not know: from what is masked, no gradient comes.
    """
    if mask is None:
        made: Tensor = embedding(words)
        return made
    made = embedding(words.masked_fill(~mask, 0))
    with torch.no_grad():
        return zero_(made, mask)
