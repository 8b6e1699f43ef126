"""The sizes of Bahdanau et al. (2015), appendix A.2.3, and its initialisation, appendix B.1."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.settings import ModelSettings, at_least, one_of

IMPLEMENTATIONS = ("auto", "naive", "compiled", "blocked", "fused")
"""Of additive attention, as ``attnbench.zoo.additive_kernels`` has them."""


@dataclass(frozen=True)
class BahdanauModel(ModelSettings):
    """The ``model`` settings; the defaults are the paper's."""

    embedding: int = 620
    """Word embedding, m."""
    hidden: int = 1000
    """Units of each encoder direction and of the decoder, n."""
    alignment: int = 1000
    """Units of the alignment model, n'."""
    maxout: int = 500
    """Units of the read-out after maxout, l."""
    layers: int = 4
    """LSTM layers of sutskever2014, on either side."""
    reverse: bool = True
    """Whether sutskever2014 reads the source's words from last to first."""
    attention_implementation: str = "auto"
    """How RNNsearch's attention is computed: ``auto``, in training a loop with its gradient written out that
    holds nothing of a step; or, step by step, ``naive``, ``compiled``, ``blocked`` or ``fused``."""
    initialisation: str = "paper"
    """``paper``: each system as its own paper draws it; or ``fan-in`` (ours): Gaussian with variance
    1/inputs, embeddings with deviation 0.1."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        one_of("model.attention_implementation", self.attention_implementation, IMPLEMENTATIONS)
        one_of("model.initialisation", self.initialisation, ("paper", "fan-in"))
        at_least("model", self, embedding=1, hidden=1, alignment=1, maxout=1, layers=1)
