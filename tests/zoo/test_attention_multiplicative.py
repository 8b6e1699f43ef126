from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from attnbench.zoo.attention import DotAttention, GeneralAttention, Mechanism, ScaledDotAttention

KINDS = (DotAttention, ScaledDotAttention, GeneralAttention)


def _inputs(dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return queries (2, 3, 8), annotations (2, 6, 8) and the mask of lengths 6 and 2."""
    generator = torch.Generator().manual_seed(0)
    queries = torch.randn(2, 3, 8, generator=generator, dtype=dtype)
    annotations = torch.randn(2, 6, 8, generator=generator, dtype=dtype)
    return queries, annotations, torch.arange(6) < torch.tensor([[6], [2]])


@pytest.mark.parametrize("align", [True, False])
def test_scaled_dot_attention_equals_torch_s(align: bool) -> None:
    queries, annotations, mask = _inputs()
    attention = ScaledDotAttention(8, 8, align=align)
    context, _, _ = attention(queries, attention.prepare(annotations, mask))
    theirs = F.scaled_dot_product_attention(queries, annotations, annotations, attn_mask=mask.unsqueeze(1))
    torch.testing.assert_close(context, theirs, atol=1e-12, rtol=0)


def test_dot_attention_by_hand() -> None:
    annotations = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]])
    mask = torch.tensor([[True, True, False]])
    query = torch.tensor([[[torch.tensor(3.0).log(), 0.0]]])
    attention = DotAttention(2, 2)
    context, alignment, _ = attention(query, attention.prepare(annotations, mask))
    torch.testing.assert_close(alignment, torch.tensor([[[0.75, 0.25, 0.0]]]))
    torch.testing.assert_close(context, torch.tensor([[[0.75, 0.5]]]))


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_alignment_torch_s_lean_kernel_serves(kind: type[Mechanism]) -> None:
    """The other backends are barred, so a mask or shape that it cannot take would be an error."""
    queries, annotations, mask = _inputs(torch.float32)
    attention = kind(8, 8, align=False)
    memory = attention.prepare(annotations, mask)
    plain = attention(queries, memory)[0]
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        lean = attention(queries, memory)[0]
    torch.testing.assert_close(lean, plain, atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", [DotAttention, ScaledDotAttention])
def test_sizes_that_differ_are_refused_with_both(kind: type[Mechanism]) -> None:
    with pytest.raises(ValueError, match=f"{kind.__name__} needs .* one size, not 4 and 8"):
        kind(4, 8)


def test_general_attention_takes_sizes_that_differ() -> None:
    attention = GeneralAttention(8, 5)
    assert attention.key.weight.shape == (8, 5) and attention.key.bias is None
    queries, annotations, mask = _inputs(torch.float32)
    context, alignment, _ = attention(queries, attention.prepare(annotations[..., :5], mask))
    assert context.shape == (2, 3, 5) and alignment.shape == (2, 3, 6)
    lean = GeneralAttention(8, 5, align=False)
    lean.load_state_dict(attention.state_dict())
    again, _, _ = lean(queries, lean.prepare(annotations[..., :5], mask))
    torch.testing.assert_close(again, context, atol=1e-6, rtol=0)
