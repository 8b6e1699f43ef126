"""Outcomes that may not differ by a bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def numbers(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def tensors(made: Any) -> list[Tensor]:
    """Return the tensors of nested tuples."""
    if made is None or isinstance(made, Tensor):
        return [] if made is None else [made]
    return [tensor for part in made for tensor in tensors(part)]


def outcome(make: Callable[..., Any], leaves: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor]:
    """Return what is made of leaves, and its gradients with respect to them and to weights."""
    leaves = [leaf.detach().requires_grad_() for leaf in leaves]
    made = tensors(make(*leaves))
    loss = sum((one.double() * numbers(*one.shape, seed=3)).sum() for one in made if one.requires_grad)
    assert isinstance(loss, Tensor)
    found = torch.autograd.grad(loss, [*leaves, *weights], allow_unused=True, materialize_grads=True)
    return [*(one.detach() for one in made), *found]


def assert_same(found: list[Tensor], expected: list[Tensor]) -> None:
    """Compare bits, but for the sign of 0; what is expected is finite and not all 0."""
    assert len(found) == len(expected) and any(one.any() for one in expected)
    for one, other in zip(found, expected, strict=True):
        assert other.isfinite().all() and torch.equal(one, other)
