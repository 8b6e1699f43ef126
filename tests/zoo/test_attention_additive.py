from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from attnbench.zoo.attention import AdditiveAttention, ConcatAttention, LocationAwareAttention, Mechanism

Draw = Callable[[nn.Module, int], None]


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    """Return queries (2, 3, 3), annotations (2, 6, 5) and the mask of lengths 6 and 2."""
    generator = torch.Generator().manual_seed(0)
    queries = torch.randn(2, 3, 3, generator=generator, dtype=torch.float64)
    annotations = torch.randn(2, 6, 5, generator=generator, dtype=torch.float64)
    return queries, annotations, torch.arange(6) < torch.tensor([[6], [2]])


@pytest.mark.parametrize(
    ("kind", "shapes"),
    [
        (AdditiveAttention, {"energy": (4,), "query.weight": (4, 3), "key.weight": (4, 5)}),
        (ConcatAttention, {"energy": (4,), "both.weight": (4, 8)}),
        (
            LocationAwareAttention,
            {
                "energy": (4,), "query.weight": (4, 3), "key.weight": (4, 5), "key.bias": (4,),
                "filters.weight": (10, 1, 201), "location.weight": (4, 10),
            },
        ),
    ],
)  # fmt: skip
def test_its_weights(kind: type[Mechanism], shapes: dict[str, tuple[int, ...]]) -> None:
    mechanism = kind(3, 5, 4)
    assert {name: tuple(p.shape) for name, p in mechanism.named_parameters()} == shapes


def test_concat_is_additive_attention_with_both_matrices_in_one(draw: Draw) -> None:
    additive, concat = AdditiveAttention(3, 5, 4).double(), ConcatAttention(3, 5, 4).double()
    draw(additive, 1)
    concat.both.weight.data = torch.cat([additive.query.weight, additive.key.weight], dim=1).data
    concat.energy.data = additive.energy.data
    queries, annotations, mask = _inputs()
    one, other = (m(queries, m.prepare(annotations, mask)) for m in (additive, concat))
    torch.testing.assert_close(one[0], other[0], atol=1e-14, rtol=0)
    torch.testing.assert_close(one[1], other[1], atol=1e-14, rtol=0)


@pytest.mark.parametrize("kind", [AdditiveAttention, ConcatAttention, LocationAwareAttention])
def test_the_implementation_is_the_one_asked_for(
    kind: type[Mechanism], draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``naive`` and ``blocked`` agree, and each is the one that ran."""
    from attnbench import zoo
    from attnbench.zoo.additive_kernels import blocked, plain

    ran: list[str] = []

    def spied(name: str, act: Callable[..., Tensor]) -> Callable[..., Tensor]:
        return lambda *inputs: ran.append(name) or act(*inputs)  # type: ignore[func-returns-value]

    monkeypatch.setitem(zoo.additive_kernels.PLAIN, "naive", spied("naive", plain.naive))
    monkeypatch.setattr(blocked, "scores", spied("blocked", blocked.scores))
    queries, annotations, mask = _inputs()
    found = []
    for implementation in ("naive", "blocked"):
        mechanism = kind(3, 5, 4, implementation=implementation).double()
        draw(mechanism, 1)
        found.append(mechanism(queries, mechanism.prepare(annotations, mask)))
    assert ran == ["naive", "blocked"]
    torch.testing.assert_close(found[0][0], found[1][0], atol=1e-12, rtol=0)
    torch.testing.assert_close(found[0][1], found[1][1], atol=1e-12, rtol=0)


def test_an_unknown_implementation_is_refused() -> None:
    mechanism = AdditiveAttention(3, 5, 4, implementation="fast").double()
    queries, annotations, mask = _inputs()
    with pytest.raises(ValueError, match="'fast'"):
        mechanism(queries, mechanism.prepare(annotations, mask))
