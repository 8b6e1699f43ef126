"""The sizes of Bahdanau et al. (2015), appendix A.2.3, and its initialisation, appendix B.1."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.settings import ModelSettings
from attnbench.values import SIZE, of_systems, setting

IMPLEMENTATIONS = ("auto", "naive", "compiled", "blocked", "fused")
"""Of additive attention, as ``attnbench.zoo.additive_kernels`` has them."""

_ATTENDING = of_systems("rnnsearch-30", "rnnsearch-50", "rnnsearch-50-star")
_DEEP = of_systems("sutskever2014")
_READING_OUT = of_systems(
    "rnnencdec-30", "rnnencdec-50", "rnnsearch-30", "rnnsearch-50", "rnnsearch-50-star", "cho2014-grconv"
)


@dataclass(frozen=True)
class BahdanauModel(ModelSettings):
    """The ``model`` settings; the defaults are the paper's."""

    embedding: int = setting(620, low=1, high=SIZE)
    """Word embedding, m."""
    hidden: int = setting(1000, low=1, high=SIZE)
    """Units of each encoder direction and of the decoder, n."""
    alignment: int = setting(1000, low=1, high=SIZE, only=_ATTENDING)
    """Units of the alignment model, n'."""
    maxout: int = setting(500, low=1, high=SIZE, only=_READING_OUT)
    """Units of the read-out after maxout, l."""
    layers: int = setting(4, low=1, high=1000, only=_DEEP)
    """LSTM layers of sutskever2014, on either side."""
    reverse: bool = setting(True, only=_DEEP)
    """Whether sutskever2014 reads the source's words from last to first."""
    attention_implementation: str = setting("auto", one_of=IMPLEMENTATIONS, only=_ATTENDING)
    """How RNNsearch's attention is computed: ``auto``, in training a loop with its gradient written out that
    holds nothing of a step; or, step by step, ``naive``, ``compiled``, ``blocked`` or ``fused``."""
    initialisation: str = setting("paper", one_of=("paper", "fan-in"))
    """``paper``: each system as its own paper draws it; or ``fan-in`` (ours): Gaussian with variance
    1/inputs, embeddings with deviation 0.1."""
