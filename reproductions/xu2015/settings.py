"""The sizes of Xu et al. (2015), and the weights of what training adds to the likelihood."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.settings import ModelSettings
from attnbench.values import SIZE, of_systems, setting

_ATTENDING = of_systems("soft", "hard", "soft-unpenalised", "soft-unsorted", "hard-bare")
_PENALISED = of_systems("soft", "soft-unsorted")
_DRAWN = of_systems("hard", "hard-bare")
_STEADIED = of_systems("hard")


@dataclass(frozen=True)
class XuModel(ModelSettings):
    """The ``model`` settings.

    The paper gives none of the numbers but 0.5 and 0.9. Sizes are those of its authors' code for COCO; what
    that code's weights come to in the paper's formulae is in README.md.
    """

    embedding: int = setting(512, low=1, high=SIZE)
    """Numbers of a word's vector, m."""
    hidden: int = setting(1800, low=1, high=SIZE)
    """Units of the LSTM, n."""
    alignment: int = setting(512, low=1, high=SIZE, only=_ATTENDING)
    """Units of the network that scores cells."""
    dropout: float = setting(0.5, low=0, below=1)
    """The share of the state, as the output reads it, and of the output's sum that training leaves out."""
    penalty: float = setting(1.0, above=0, high=1e6, or_zero=True, only=_PENALISED)
    """Weight of the doubly stochastic penalty, lambda, summed over cells for each caption."""
    reward: float = setting(0.5, above=0, high=1e6, or_zero=True, only=_DRAWN)
    """Weight of the reward of draws, lambda_r: a caption's log-likelihood less its moving average."""
    entropy: float = setting(0.13, above=0, high=1e6, or_zero=True, only=_STEADIED)
    """Weight of the entropy of what is drawn from, lambda_e, summed over a caption's words."""
    expected: float = setting(0.5, low=0, high=1, only=_STEADIED)
    """The probability with which a caption's draws are replaced by what is expected of them."""
    decay: float = setting(0.9, low=0, below=1, only=_STEADIED)
    """How much of the moving average of the reward is kept from one batch to the next."""
