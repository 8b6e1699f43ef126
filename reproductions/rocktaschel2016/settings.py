"""The sizes of Rocktäschel et al. (2016)."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.settings import ModelSettings
from attnbench.values import SIZE, Only, of_systems, setting

_READING_ON = of_systems(
    "conditional-shared", "conditional", "attention", "word-by-word", "conditional-shared-layered",
    "conditional-shared-159", "attention-two-way", "word-by-word-two-way",
)  # fmt: skip
_FIXED = Only(
    "data.vectors, or data.least_count above 1",
    lambda here: bool(here.settings.data.vectors) or here.settings.data.least_count > 1,
)


@dataclass(frozen=True)
class RocktaschelModel(ModelSettings):
    """The ``model`` settings; the defaults are the paper's, and one cell of its grid."""

    hidden: int = setting(100, low=1, high=SIZE)
    """Units of each LSTM and of the mapped word vectors, k (Table 1)."""
    dropout: float = setting(0.2, low=0, below=1)
    """Dropout of the mapped word vectors and of what is classified: 0, 0.1 or 0.2 in the paper's grid; which
    cell was chosen it does not say."""
    initial_scale: float = setting(0.05, low=1e-9, high=1e6)
    """Learned word vectors start uniform between minus this and this."""
    matching: bool = setting(False, only=_READING_ON)
    """Whether the two LSTMs start as one and attention starts by looking for states like its own; else all
    start apart."""
    fine_tune: bool = setting(False, only=_FIXED)
    """Whether given word vectors are trained too."""
