"""Summaries by rule, which nothing is trained for: the start of the input, or another input's summary."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import accumulate

import numpy as np
from torch import nn

from attnbench.tasks.engine import Corpus, Use
from attnbench.tasks.sentences import cut
from attnbench.tasks.summarization.bm25 import Index


def mean_length(corpus: Corpus) -> int:
    """Return the mean number of words of the validation set's targets, rounded (a half up), 1 at least."""
    words = corpus.valid.sizes("target") - 1  # the end symbol
    return max(1, int(np.floor(words.mean() + 0.5)))


def most_words(use: Use) -> int:
    """Return how many words a summary has; of one that ends by itself, at most."""
    usual = mean_length(use.corpus) * (1 if use.settings.ending == "fixed" else 2)
    return int(use.settings.length or usual)


class Rule(nn.Module, ABC):
    """Writes summaries without a parameter."""

    @abstractmethod
    def summaries(self, use: Use) -> list[list[str]]:
        """Return the words that it writes for each example of ``use.split``, in order."""


class Prefix(Rule):
    """The words that end within the first bytes of the input: PREFIX of Rush et al. (75 bytes).

    Tokens are as they are written, a space between them. Rush et al. keep the start of the word that is cut,
    too; it is left out here, so that every word stands in the input, as their table 1 has it (Ext. 100 %).
    An input that starts with a longer word has an empty summary.
    """

    def __init__(self, bytes: int = 75) -> None:
        """Take how many, in UTF-8."""
        super().__init__()
        self.bytes = bytes

    def summaries(self, use: Use) -> list[list[str]]:
        """Return the first tokens of each input."""
        return [self._start(cut(line)) for line in use.split["source_tokens"]]

    def _start(self, tokens: list[str]) -> list[str]:
        ends = accumulate(len(token.encode()) + 1 for token in tokens)  # a space behind each
        return tokens[: sum(end - 1 <= self.bytes for end in ends)]


class Lead(Rule):
    """The first tokens of the input, as many as any summary has."""

    def summaries(self, use: Use) -> list[list[str]]:
        """Return the first tokens of each input."""
        length = most_words(use)
        return [cut(line)[:length] for line in use.split["source_tokens"]]


class Nearest(Rule):
    """The summary of the training input that is most like the input, as it is written: IR of Rush et al.

    Inputs are held against each other, normalised, by BM25; of equals the first in the training set counts.
    """

    def summaries(self, use: Use) -> list[list[str]]:
        """Return the tokens of a training summary for each input."""
        train = use.corpus.train
        index = Index(map(cut, train["source_words"]))
        places = [index.nearest(cut(line)) for line in use.split["source_words"]]
        return [cut(first) for first, *_ in train.select(np.array(places, np.int64))["references"]]
