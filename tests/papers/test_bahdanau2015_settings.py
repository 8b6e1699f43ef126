from __future__ import annotations

from types import SimpleNamespace

import pytest
from torch import nn

from attnbench.errors import BadInput
from attnbench.zoo import additive_kernels
from reproductions.bahdanau2015 import settings
from reproductions.bahdanau2015.settings import BahdanauModel
from reproductions.bahdanau2015.systems import rnnsearch


def test_the_settings_know_every_implementation() -> None:
    """They list them by hand, so that they need no torch."""
    assert ("auto", *additive_kernels.IMPLEMENTATIONS) == settings.IMPLEMENTATIONS


@pytest.mark.parametrize("implementation", settings.IMPLEMENTATIONS)
def test_the_attention_is_computed_as_the_settings_say(implementation: str) -> None:
    sizes = BahdanauModel(
        embedding=2, hidden=3, alignment=4, maxout=2, attention_implementation=implementation
    )
    model = rnnsearch(sizes, SimpleNamespace(source=range(9), target=range(7)))  # type: ignore[arg-type]
    assert isinstance(model.attention, nn.Module)
    assert model.attention.implementation == implementation


def test_another_implementation_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"model\.attention_implementation.*did you mean 'fused'"):
        BahdanauModel(attention_implementation="fuse")
