"""The sizes of Rush et al. (2015)."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.settings import ModelSettings
from attnbench.values import SIZE, of_systems, setting

_TRAINED = of_systems(
    "nnlm", "bow", "tdnn", "abs", "abs-plus", "abs-unsmoothed", "tdnn-sorted"
)  # all but rules and counts
_CONVOLVED = of_systems("tdnn", "tdnn-sorted")
_WINDOWED = of_systems("tdnn", "tdnn-sorted", "abs", "abs-plus")


@dataclass(frozen=True)
class RushModel(ModelSettings):
    """The ``model`` settings; the defaults are the paper's."""

    embedding: int = setting(200, low=1, high=SIZE, only=_TRAINED)
    """Numbers of an output word's vector, in E and in G, D."""
    hidden: int = setting(400, low=1, high=SIZE, only=_TRAINED)
    """Units of the language model, and numbers of an input word's vector, H."""
    context: int = setting(5, low=1, high=1000, only=_TRAINED)
    """The last words of the summary that the next one depends on, C."""
    layers: int = setting(3, low=1, high=30, only=_CONVOLVED)
    """Convolutions, each of which halves the length, L."""
    window: int = setting(2, low=0, high=1000, only=_WINDOWED)
    """Neighbours on either side that a convolution sees, and over which attention's values are summed, Q; 0:
    a word alone."""
    max_norm: float = setting(1.0, above=0, high=1e6, or_zero=True, only=_TRAINED)
    """The largest norm of a word's vector; 0: any."""
