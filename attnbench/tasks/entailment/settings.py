"""The ``data`` settings of entailment."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.corpora.text import TOKENIZERS
from attnbench.settings import DataSettings
from attnbench.values import COUNT, GIVEN, MADE, SEED, SIZE, setting


@dataclass(frozen=True)
class EntailmentData(DataSettings):
    """Which sentence pairs, and how their words become vectors. Vectors as in Rocktäschel et al. (2016)."""

    test_per_bin: int = setting(100, low=1, high=COUNT, only=MADE, tested=True)
    """Embedded data only: test pairs in each bin of premise lengths."""
    seed: int = setting(0, low=0, high=SEED, tested=True)
    """Of embedded data, and of the fixed random vectors."""
    tokenizer: str = setting("moses", one_of=TOKENIZERS, only=GIVEN, tested=True)
    """``moses``, or ``none`` for text with blanks between its tokens; all text is lower-cased."""
    vectors: str = ""
    """A file of word vectors in word2vec's or GloVe's text format, which stay as they are; empty: all
    vectors are learned."""
    dimension: int = setting(300, low=1, high=SIZE)
    """Numbers a word vector, e."""
    least_count: int = setting(1, low=1, high=COUNT)
    """Training words seen fewer times are not learned: they keep a fixed random vector."""
