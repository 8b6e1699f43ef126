"""The sizes of Rocktäschel et al. (2016)."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.errors import BadInput
from attnbench.settings import ModelSettings, at_least


@dataclass(frozen=True)
class RocktaschelModel(ModelSettings):
    """The ``model`` settings; the defaults are the paper's, and one cell of its grid."""

    hidden: int = 100
    """Units of each LSTM and of the mapped word vectors, k (Table 1)."""
    dropout: float = 0.2
    """Dropout of the mapped word vectors and of what is classified: 0, 0.1 or 0.2 in the paper's grid; which
    cell was chosen it does not say."""
    initial_scale: float = 0.05
    """Learned word vectors start uniform between minus this and this."""
    matching: bool = False
    """Whether the two LSTMs start as one and attention starts by looking for states like its own; else all
    start apart."""
    fine_tune: bool = False
    """Whether given word vectors are trained too."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        at_least("model", self, hidden=1)
        if not 0 <= self.dropout < 1:
            raise BadInput(f"model.dropout is {self.dropout}; it must be at least 0 and below 1")
        if not self.initial_scale > 0:
            raise BadInput(f"model.initial_scale is {self.initial_scale}; it must be above 0")
