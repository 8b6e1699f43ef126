"""The words of an entailment corpus and the three kinds of vectors that they have.

- **given**: words with a vector in the user's file; never optimised;
- **random**: words first met after training, and rare ones (``data.least_count``): each component uniform
  in (-0.05, 0.05), a function of the word and the seed; never optimised;
- **learned**: the other words of the training split; optimised, so that a model draws and keeps them.

    n words   f words with a fixed vector   e numbers a vector
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attnbench.corpora.text import SPECIAL, Vocabulary

BOUND = 0.05
"""Random components lie between minus this and this; so should the first values of learned ones."""

_VOCABULARY, _FIXED = "vocabulary.json", "fixed.npy"


@dataclass(frozen=True)
class Words:
    """What a model's builder needs to know: how many words there are, and the vectors that are fixed.

    Words are numbered so that the fixed come first: number i < f has the vector ``fixed[i]``, and number
    i >= f the learned vector i - f.
    """

    vocabulary: Vocabulary
    fixed: Tensor
    """(f, e): given and random vectors, those of the special tokens in front."""

    @property
    def dimension(self) -> int:
        """Numbers a vector, e."""
        return self.fixed.shape[1]

    @property
    def learned(self) -> int:
        """How many words have a learned vector, n - f."""
        return len(self.vocabulary) - len(self.fixed)

    def save(self, folder: Path) -> None:
        """Write words and fixed vectors into a folder."""
        self.vocabulary.save(folder / _VOCABULARY)
        np.save(folder / _FIXED, self.fixed.numpy())

    @classmethod
    def load(cls, folder: Path) -> Words:
        """Read what ``save`` wrote."""
        return cls(Vocabulary.load(folder / _VOCABULARY), torch.from_numpy(np.load(folder / _FIXED)))


def random_vector(word: str, dimension: int, seed: int) -> np.ndarray:
    """Return the fixed random vector (e,) of a word, the same whatever other words there are."""
    digest = hashlib.sha256(word.encode()).digest()
    rng = np.random.default_rng([seed, int.from_bytes(digest[:8], "little")])
    return rng.uniform(-BOUND, BOUND, dimension).astype(np.float32)


@dataclass(frozen=True)
class Kinds:
    """The words of a corpus by kind, each in the order of the numbers."""

    given: list[str]
    random: list[str]
    learned: list[str]


def sort(
    trained_on: Counter[str], later: Collection[str], given: Mapping[str, np.ndarray], least_count: int
) -> Kinds:
    """Sort the words of a corpus by kind.

    Args:
        trained_on: the words of the training split, and how often each comes.
        later: the words of the other splits.
        given: the words that have a vector.
        least_count: rarer training words are not learned.
    """
    known = sorted(trained_on, key=lambda word: (-trained_on[word], word))
    words = [*known, *sorted(set(later) - set(trained_on))]
    words = [word for word in words if word not in SPECIAL]
    without = [word for word in words if word not in given]
    return Kinds(
        given=[word for word in words if word in given],
        random=[word for word in without if trained_on[word] < least_count],
        learned=[word for word in without if trained_on[word] >= least_count],
    )


def number(kinds: Kinds, given: Mapping[str, np.ndarray], dimension: int, seed: int) -> Words:
    """Number the words of a corpus, the special tokens first."""
    fixed = [random_vector(word, dimension, seed) for word in SPECIAL]
    fixed += [given[word] for word in kinds.given]
    fixed += [random_vector(word, dimension, seed) for word in kinds.random]
    vocabulary = Vocabulary([*kinds.given, *kinds.random, *kinds.learned])
    return Words(vocabulary, torch.from_numpy(np.stack(fixed)))
