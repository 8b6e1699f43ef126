"""Networks of described layers, against torch's own and against a slow loop over every place."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.zoo.layered_network import PICTURE, Layer, LayeredNetwork, leading_to

DESCRIBED: list[dict[str, Any]] = [
    {"op": "conv", "name": "a.first", "input": "input", "out_channels": 4, "kernel": 3, "stride": 2,
     "groups": 1, "padding": "valid", "act": "relu6", "out_map": 112},
    {"op": "conv", "name": "a/apart", "input": "a.first", "out_channels": 8, "kernel": 3, "stride": 1,
     "groups": 4, "padding": "same", "act": None},
    {"op": "conv", "name": "a/wide", "input": "a.first", "out_channels": 8, "kernel": 1, "stride": 1,
     "groups": 1, "padding": "valid", "act": "relu"},
    {"op": "add", "name": "sum", "input": ["a/apart", "a/wide"]},
    {"op": "max_pool", "name": "pool", "input": "sum", "kernel": 3, "stride": 2, "padding": "valid"},
    {"op": "concat_channels", "name": "both", "input": ["pool", "pool", "pool"]},
    {"op": "global_avg_pool", "name": "mean", "input": "both"},
]  # fmt: skip
LAYERS = [Layer.of(one) for one in DESCRIBED]


def test_it_does_what_torchs_own_layers_do() -> None:
    torch.manual_seed(0)
    network, pictures = LayeredNetwork(LAYERS), 9 * torch.randn(2, 3, 15, 13)
    first, apart, wide = network.named().values()
    start = F.relu6(F.conv2d(pictures, first.weight, first.bias, stride=2))
    left = F.conv2d(start, apart.weight, apart.bias, padding=1, groups=4)
    pooled = F.max_pool2d(left + F.relu(F.conv2d(start, wide.weight, wide.bias)), 3, 2)
    assert (start == 6).any()
    assert (start == 0).any()
    want = torch.cat([pooled] * 3, dim=1).mean(dim=(2, 3), keepdim=True)
    torch.testing.assert_close(network(pictures), want)
    assert network.size == 24
    assert list(network.named()) == ["a.first", "a/apart", "a/wide"]


def slow(op: str, read: Tensor, weight: Tensor, kernel: int, stride: int) -> Tensor:
    """One channel (n, m): what TensorFlow's rule for ``same`` says, place by place."""
    rows, columns = (math.ceil(places / stride) for places in read.shape)
    ahead = [
        max((math.ceil(places / stride) - 1) * stride + kernel - places, 0) // 2 for places in read.shape
    ]
    found = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            terms = []
            for k in range(kernel):
                for m in range(kernel):
                    row, column = i * stride + k - ahead[0], j * stride + m - ahead[1]
                    if 0 <= row < read.shape[0] and 0 <= column < read.shape[1]:
                        terms.append(float(read[row, column]) * (float(weight[k, m]) if op == "conv" else 1))
            found[i, j] = sum(terms) if op == "conv" else max(terms)
    return found


@pytest.mark.parametrize("op", ["conv", "max_pool"])
@pytest.mark.parametrize("sides", [(6, 7), (5, 5)])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (4, 2), (5, 3)])
def test_same_padding_is_tensorflows(op: str, sides: tuple[int, int], kernel: int, stride: int) -> None:
    torch.manual_seed(1)
    read = torch.randn(sides) - 3  # a maximum over zeros would show
    network = LayeredNetwork([Layer(op, "one", (PICTURE,), 1, kernel, stride, padding="same")], channels=1)
    weight = torch.ones(kernel, kernel)
    for layer in network.named().values():
        torch.nn.init.zeros_(layer.bias)
        weight = layer.weight.detach()[0, 0]
    found = network(read[None, None])[0, 0].detach()
    torch.testing.assert_close(found, slow(op, read, weight, kernel, stride), atol=1e-5, rtol=1e-5)


def test_only_what_a_layer_needs_is_kept() -> None:
    assert [layer.name for layer in leading_to(LAYERS, "a/wide")] == ["a.first", "a/wide"]
    assert leading_to(LAYERS, "mean") == LAYERS
    assert leading_to(LAYERS, "pool") == LAYERS[:5]


def test_a_description_comes_back() -> None:
    assert [Layer.of(layer.described()) for layer in LAYERS] == LAYERS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": None}, "a layer needs a name"),
        ({"op": "lrn"}, "layer a.first is 'lrn'; an op is one of conv, max_pool"),
        ({"input": []}, "layer a.first needs an input"),
        ({"input": 3}, "layer a.first needs an input"),
        ({"kernel": "3"}, "kernel of layer a.first is '3'; it must be a number from 1 to 10000"),
        ({"stride": 10_001}, "stride of layer a.first is 10001; it must be a number from 1 to 10000"),
        ({"stride": 0}, "stride of layer a.first is 0"),
        ({"groups": None}, "groups of layer a.first is None"),
        ({"padding": "full"}, "padding of layer a.first is 'full'"),
        ({"act": "gelu"}, "act of layer a.first is 'gelu'"),
    ],
)
def test_what_describes_no_layer_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Layer.of({**DESCRIBED[0], **change})


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([Layer("add", "b", ("a", "a"))], "layer b reads a, which is no layer ahead of it"),
        ([Layer("conv", "a", (PICTURE,), 3), Layer("conv", "a", (PICTURE,), 3)], "two layers are called a"),
        ([Layer("conv", "a", (PICTURE,), 4, groups=2)], "layer a has 2 groups, which do not divide its 3"),
        (
            [Layer("conv", "a", (PICTURE,), 4), Layer("add", "b", ("a", PICTURE))],
            "b adds maps of 4 and 3",
        ),
    ],
)
def test_layers_that_do_not_fit_are_named(layers: list[Layer], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LayeredNetwork(leading_to(layers, layers[-1].name))
