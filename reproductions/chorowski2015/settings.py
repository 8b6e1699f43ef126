"""The sizes of Chorowski et al. (2015), and how its weights start."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.errors import BadInput
from attnbench.settings import ModelSettings
from attnbench.values import SIZE, of_systems, setting

_LOCATED = of_systems("conv", "conv-smooth")


@dataclass(frozen=True)
class ChorowskiModel(ModelSettings):
    """The ``model`` settings; the defaults are the paper's, where it is silent those of its authors' code."""

    layers: int = setting(3, low=1, high=100)
    """Bidirectional layers of the encoder."""
    hidden: int = setting(256, low=1, high=SIZE)
    """Units of each direction of a layer, and of the generator."""
    alignment: int = setting(512, low=1, high=SIZE)
    """Units of the network that scores frames."""
    embedding: int = setting(256, low=1, high=SIZE)
    """Numbers of a label's vector (the code)."""
    maxout: int = setting(64, low=1, high=SIZE)
    """Units of the read-out after maxout (the text; its authors' code has 128)."""
    filters: int = setting(10, low=1, high=SIZE, only=_LOCATED)
    """Filters over the alignment of the step before, k."""
    width: int = setting(201, low=1, high=SIZE - 1, only=_LOCATED)
    """Frames that a filter spans, r: all of it, so an odd number."""
    initial_std: float = setting(0.01, low=1e-9, high=100, or_zero=True)
    """Deviation of all weights at the start but recurrent ones, which are orthogonal, and first states, whose
    deviation is 0.001; 0 (ours): each layer as its inputs ask for."""

    def __post_init__(self) -> None:
        """Raise ``BadInput`` as every section does, and for a filter without a middle."""
        super().__post_init__()
        if self.width % 2 == 0:
            raise BadInput(
                f"model.width is {self.width}; a filter spans an odd number of frames, such as 201"
            )
