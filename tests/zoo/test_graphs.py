"""Captured loops: what is captured when, and, on a GPU, that a replay is the loop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from attnbench.zoo import graphs, unrolled
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.graphs import Graphs
from attnbench.zoo.padded import Padded

Run = Callable[..., tuple[Tensor, ...]]


def product(x: Tensor, weight: Tensor) -> tuple[Tensor]:
    return (x @ weight,)


class Static(torch.autograd.Function):
    """Like a replayed graph: all outputs and gradients lie in the same memory at every call."""

    output, of_x, of_weight = torch.empty(2, 2), torch.empty(2, 2), torch.empty(2, 2)

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x, weight)
        return Static.output.copy_(x @ weight).detach()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        return Static.of_x.copy_(gradient @ weight.t()), Static.of_weight.copy_(x.t() @ gradient)


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Tensor, ...]]:
    """The samples of each capture; captured functions use static memory."""
    seen: list[tuple[Tensor, ...]] = []

    def capture(function: Run, samples: tuple[Tensor, ...]) -> Run:
        seen.append(samples)
        return lambda x, weight: (Static.apply(x, weight),)

    monkeypatch.setattr(graphs, "pays", lambda tensor: torch.is_grad_enabled())
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", capture)
    return seen


def test_on_the_cpu_it_is_the_function() -> None:
    run = Graphs(product)
    x, weight = torch.randn(2, 2), torch.randn(2, 2, requires_grad=True)
    assert torch.equal(run(x, weight)[0], x @ weight)
    assert not run.captured


def test_only_a_capture_may_use_two_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []

    def capture(*given: object) -> object:
        said.append("captured")
        raise RuntimeError

    monkeypatch.setattr(graphs, "pays", lambda tensor: True)
    monkeypatch.setattr(graphs, "set_warn_on_accumulate_grad_stream_mismatch", said.append)
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", capture)
    with pytest.raises(RuntimeError):
        Graphs(product)(torch.randn(2, 2), torch.randn(2, 2, requires_grad=True))
    assert said == [False, "captured", True]


def test_a_graph_belongs_to_shapes_and_weights(captures: list[tuple[Tensor, ...]]) -> None:
    run = Graphs(product)
    x, one, other = torch.randn(2, 2), *(torch.randn(2, 2, requires_grad=True) for _ in range(2))
    run(x, one), run(x + 1, one)
    assert len(captures) == 1
    run(x, other)
    assert len(captures) == 2
    run(torch.randn(3, 2)[:1].expand(2, 2).contiguous().requires_grad_() * 1, one)
    assert len(captures) == 3  # now the input takes a gradient too
    assert [sample.requires_grad for sample in captures[0]] == [False, True]
    with torch.no_grad():
        run(x, one.detach())
    assert len(captures) == 3


def test_when_there_are_many_the_rest_runs_plainly(
    captures: list[tuple[Tensor, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MOST", 1)
    run = Graphs(product)
    run(torch.randn(2, 2), torch.randn(2, 2, requires_grad=True))
    x, weight = torch.randn(5, 2), torch.randn(2, 2, requires_grad=True)
    assert torch.equal(run(x, weight)[0], x @ weight)
    assert len(captures) == 1


def test_nothing_that_is_given_out_lies_in_the_graphs_memory(captures: list[tuple[Tensor, ...]]) -> None:
    run = Graphs(product)
    x, weight = torch.randn(2, 2), torch.randn(2, 2, requires_grad=True)
    (first,) = run(x, weight)
    before = first.detach().clone()
    run(x + 1, weight)
    assert torch.equal(first, before)
    first.sum().backward()
    assert weight.grad is not None
    once = weight.grad.clone()
    run(x, weight)[0].sum().backward()  # adds to the first gradient, unless both are the same memory
    torch.testing.assert_close(weight.grad, 2 * once)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ["search", "encdec"])
def test_a_replayed_training_step_is_the_plain_one(
    kind: str, build: Callable[..., EncoderDecoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    device = torch.device("cuda")
    model = build(kind, dtype=torch.float32).to(device)
    generator = torch.Generator(device).manual_seed(0)

    def gradients(source: Tensor, target: Tensor) -> list[Tensor]:
        model.zero_grad()
        mask = torch.arange(source.shape[1], device=device) < source.shape[1] - 2
        decoded = model.decode(model.encode(Padded(source, mask.expand(source.shape))), target)
        model.nats(decoded.readout.flatten(0, 1), target.flatten()).backward()
        return [p.grad.clone() for p in model.parameters() if p.grad is not None]

    batches = [
        [torch.randint(7, (4, n), device=device, generator=generator) for n in sizes]
        for sizes in ((8, 16), (16, 8), (8, 16), (8, 16))
    ]
    replayed = [gradients(*batch) for batch in batches]
    monkeypatch.setattr(graphs, "pays", lambda tensor: False)
    plain = [gradients(*batch) for batch in batches]
    for ours, theirs in zip(replayed, plain, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    assert unrolled._gated.captured and (kind == "encdec" or unrolled._additive.captured)
