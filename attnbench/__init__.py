"""attnbench: do the classic RNN-attention papers still hold, by how much, and at what cost?"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch import nn

__version__ = "0.2.0"


def build(system: str, scale: str = "paper") -> nn.Module:
    """Return a paper's model with fresh weights, such as ``build("bahdanau2015/rnnsearch-50")``.

    Vocabularies have the sizes that the scale sets. Seed torch first for weights that can be had again.
    Raises ``BadInput`` for an unknown paper, system or scale.
    """
    from attnbench.harness.configure import build as build_model

    return build_model(system, scale)
