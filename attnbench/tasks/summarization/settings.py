"""The ``data`` and ``decoding`` settings of summarization."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.corpora.text import SPECIAL
from attnbench.settings import SEARCHED, DataSettings, SearchSettings
from attnbench.tasks.summarization.words import NUMBERS, TOKENIZERS
from attnbench.values import COUNT, GIVEN, MADE, SEED, Only, setting

_BY_ITSELF = Only(
    f"decoding.ending=model and {SEARCHED.where}",
    lambda here: here.settings.decoding.ending == "model" and SEARCHED.holds(here),
)


@dataclass(frozen=True)
class SummarizationData(DataSettings):
    """Which pairs, and how they become word ids. The defaults are those of Rush et al. (2015)."""

    test_per_bin: int = setting(100, low=1, high=COUNT, only=MADE, tested=True)
    """Test items in each bin of ten source words."""
    seed: int = setting(0, low=0, high=SEED, only=MADE, tested=True)
    """Of embedded data."""
    tokenizer: str = setting("treebank", one_of=TOKENIZERS, only=GIVEN, tested=True)
    """``treebank``, which leaves text that is tokenised already as it is, or ``none``; all is lower-cased."""
    numbers: str = setting("digits", one_of=NUMBERS, tested=True)
    """``digits``: every digit is read as ``#``; ``words``: a word with a digit in it as ``##``."""
    vocabulary: int = setting(69_000, low=len(SPECIAL) + 1, high=10**8, at_most=True)
    """Words of the summaries, the unknown word and the end symbol among them."""
    source_vocabulary: int = setting(110_000, low=len(SPECIAL) + 1, high=10**8, at_most=True)
    """The same for the sources."""
    least_count: int = setting(5, low=1, high=COUNT)
    """Words that the training set has fewer times are unknown."""

    @property
    def sizes(self) -> dict[str, int]:
        """Rows of the ``source`` and of the ``target`` vocabulary, at most."""
        return {"source": self.source_vocabulary, "target": self.vocabulary}


@dataclass(frozen=True)
class SummarizationDecoding(SearchSettings):
    """How summaries are searched for."""

    normalise: bool = setting(True, only=_BY_ITSELF)
    """Rank finished hypotheses by log-probability a token (end symbol included)."""
    ending: str = setting("fixed", one_of=("fixed", "model"))
    """``fixed``: every summary has ``length`` words, as Rush et al. know it; ``model``: it ends by itself."""
    length: int = setting(0, low=0, high=10_000)
    """Words of a summary; of one that ends by itself, at most. 0: as many as a validation target has in the
    mean, and twice as many."""
    repeats: bool = False
    """Whether a summary may have a word twice."""
    restore: bool = True
    """Whether words with ``#`` are replaced by numbers of the source."""
    recombine: bool = setting(True, only=SEARCHED)
    """Whether of hypotheses with the same last words, as many as the model sees, only the best lives on."""
