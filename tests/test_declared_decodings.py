"""Which decodings a paper's systems are for, and what a run's records say that was tuned."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from attnbench.errors import BadInput
from attnbench.harness.run import FEW, _tuned
from attnbench.paper import Decoding, Paper, System, load

BOTH = (Decoding("search", "m:f"), Decoding("read", "m:f"), Decoding("third", "m:f"))


def declared(*systems: System) -> Paper:
    changed: dict[str, Any] = {"systems": systems, "decodings": BOTH}
    return replace(load("bahdanau2015"), **changed)


def test_a_system_is_for_the_decodings_that_it_names_in_the_paper_s_order() -> None:
    paper = declared(System("all", "", "m:f"), System("some", "", "m:f", decodings=("third", "search")))
    assert paper.decodings_of("all") == [*BOTH]
    assert [one.name for one in paper.decodings_of("some")] == ["search", "third"]
    with pytest.raises(BadInput, match="unknown system of bahdanau2015 'sone'; did you mean 'some'"):
        paper.decodings_of("sone")


def test_a_decoding_that_the_paper_lacks_is_refused() -> None:
    with pytest.raises(
        ValueError, match=re.escape("system some is for decodings that are not there: {'beam'}")
    ):
        declared(System("all", "", "m:f"), System("some", "", "m:f", decodings=("read", "beam")))


def test_few_numbers_beside_the_weights_are_told() -> None:
    model = nn.Module()
    model.weight = nn.Parameter(torch.ones(2))
    model.inner = nn.Module()
    model.inner.register_buffer("chosen", torch.tensor([[1, -2.5], [1 / 3, 4]]))
    model.register_buffer("as_many", torch.zeros(FEW))
    model.register_buffer("more", torch.zeros(FEW + 1))
    assert _tuned(model) == {"as_many": [0.0] * 16, "inner.chosen": [1.0, -2.5, 0.333333, 4.0]}
