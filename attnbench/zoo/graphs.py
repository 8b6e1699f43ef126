"""Recurrent loops on CUDA without their launches: each is captured once for a shape, then replayed.

A decoder step is a dozen small kernels, and starting them costs more than running them. A CUDA graph starts
a whole loop, forward or back, at once. Graphs need fixed shapes, so batches for CUDA are padded to multiples
of ``LENGTHS``; a sentence then meets few shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.autograd.graph import set_warn_on_accumulate_grad_stream_mismatch

LENGTHS = 8
"""Lengths of batches for CUDA are multiples of this, so that few shapes are captured."""

MOST = 128
"""Graphs a function may hold; a shape met after that is run plainly."""

Run = Callable[..., tuple[Tensor, ...]]


class Graphs:
    """A function of tensors, replayed where gradients are wanted on CUDA, and called plainly elsewhere.

    The function must use nothing but its tensors, and wait for nothing. A graph belongs to the shapes and
    to the weights (the leaves that take a gradient), so two cells of one size never share its memory.
    """

    def __init__(self, function: Run) -> None:
        """Take the function; nothing is captured before its first call."""
        self.function = function
        self.captured: dict[tuple[Any, ...], Run] = {}

    def __call__(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Return what the function returns."""
        if not pays(tensors[0]):
            return self.function(*tensors)
        key = tuple(_signature(tensor) for tensor in tensors)
        if key not in self.captured:
            if len(self.captured) == MOST:
                return self.function(*tensors)
            samples = tuple(t.detach().clone().requires_grad_(t.requires_grad) for t in tensors)
            self.captured[key] = _capture(self.function, samples)
        run = self.captured[key]
        owned = (_Owned.apply(t) if t.requires_grad else t for t in tensors)
        return tuple(out.clone() for out in run(*owned))


def pays(tensor: Tensor) -> bool:
    """Say whether a loop over this tensor is worth capturing: in a training step on CUDA."""
    return tensor.is_cuda and torch.is_grad_enabled()


def _capture(function: Run, samples: tuple[Tensor, ...]) -> Run:
    """Return the function as a graph.

    torch warms up on one stream and captures on another, and warns of that when it captures the way back:
    the samples' nodes are of the warm-up. Only here is it meant so.
    """
    set_warn_on_accumulate_grad_stream_mismatch(False)
    try:
        return cast(Run, torch.cuda.make_graphed_callables(function, samples))
    finally:
        set_warn_on_accumulate_grad_stream_mismatch(True)


def _signature(tensor: Tensor) -> tuple[Any, ...]:
    weight = tensor.data_ptr() if tensor.is_leaf and tensor.requires_grad else None
    return tensor.shape, tensor.dtype, tensor.requires_grad, weight


class _Owned(Function):
    """The identity; its gradient leaves the graph's memory, which the next replay overwrites."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        return tensor.view_as(tensor)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.clone()
