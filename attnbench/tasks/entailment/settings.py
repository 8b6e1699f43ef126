"""The ``data`` settings of entailment."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.settings import DataSettings, at_least


@dataclass(frozen=True)
class EntailmentData(DataSettings):
    """Which sentence pairs, and how their words become vectors. Vectors as in Rocktäschel et al. (2016)."""

    test_per_bin: int = 100
    """Embedded data only: test pairs in each bin of premise lengths."""
    seed: int = 0
    """Of embedded data, and of the fixed random vectors."""
    tokenizer: str = "moses"
    """``moses``, or ``none`` for text with blanks between its tokens; all text is lower-cased."""
    vectors: str = ""
    """A file of word vectors in word2vec's or GloVe's text format, which stay as they are; empty: all
    vectors are learned."""
    dimension: int = 300
    """Numbers a word vector, e."""
    least_count: int = 1
    """Training words seen fewer times are not learned: they keep a fixed random vector."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        super().__post_init__()
        at_least("data", self, test_per_bin=1, dimension=1, least_count=1)
