"""What a summary may be written with, and what counts besides a word's log-probability.

Rush et al. (2015), sections 4 and 5; their set S of words is the whole vocabulary (abstractive) or the words
of the input (extractive).

    n inputs of the batch   b of them still searched   k hypotheses   t words written   v vocabulary
    s source length

A word of the input is the target vocabulary's word that is spelt the same. A place whose word that vocabulary
lacks agrees with nothing, but keeps the words around it apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.corpora.text import END, UNKNOWN
from attnbench.tasks.engine import Use
from attnbench.tasks.summarization.corpus import Batch


class Abstractive:
    """Lets every known word be written, each once where ``decoding.repeats`` is off.

    With ``decoding.ending`` fixed the end symbol is not written: the search stops at ``length`` words, so no
    score has an end symbol's in it. Where an input leaves no word to write before that, the end is the only
    way on, and costs nothing. All hypotheses of the input get there at the same step, as none writes a word
    twice, so that none gains by it. With ``ending`` model the end symbol costs what the model says; it is
    the first word only where there is no other.
    """

    def __init__(self, batch: Batch, use: Use, length: int) -> None:
        """Take the batch that is searched, the use that is made of the model, and the most words."""
        features, settings = use.corpus.features, use.settings
        source = batch.source.values.masked_fill(~batch.source.mask, UNKNOWN)
        self.words = features.shared.to(source.device)[source]
        """(n, s): the target vocabulary's numbers of the input's words, ``UNKNOWN`` where it has none."""
        self.fixed, self.once, self.length = settings.ending == "fixed", not settings.repeats, length
        self.context = use.model.context if settings.recombine and settings.beam > 1 else 0
        weights = getattr(use.model, "extraction", None)
        self.extraction = None if weights is None else Extraction(self.words, weights.tolist())
        usable = len(features.target) - len((UNKNOWN, END))
        self.room = self._room(torch.full_like(self.words[:, 0], usable))

    def _room(self, usable: Tensor) -> Tensor:
        """Return how many words a summary of each input can have (n,), of so many words that may be used."""
        return usable if self.once else torch.where(usable > 0, self.length, 0)

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        """Return the scores (b, k, v) of the next word, written over the log-probabilities."""
        if self.extraction is not None:
            self.extraction.add_(scores, tokens, sentence)
        self._bar_(scores, sentence)
        if self.once:
            scores.scatter_(2, tokens, -torch.inf)
        written = tokens.shape[2]
        if self.fixed or not written:
            full = self.room[sentence] <= written
            scores[:, :, END] = torch.where(full, 0.0, -torch.inf).unsqueeze(1)
        return scores

    def _bar_(self, scores: Tensor, sentence: Tensor) -> None:
        """Bar what is never written; whether the end symbol may be is not decided here."""
        scores[:, :, UNKNOWN] = -torch.inf

    def same(self, tokens: Tensor) -> Tensor | None:
        """Return the last C words of each hypothesis (b, k, C at most): the paper's recombination.

        All that the model and the five features will say depends on these words alone. Where no word may be
        written twice, hypotheses with the same last words may have other words left: the better one lives
        nevertheless, as in the paper. A beam of 1 has nothing to recombine.
        """
        return tokens[:, :, -self.context :] if self.context else None


class Extractive(Abstractive):
    """Lets words of the input alone be written."""

    def __init__(self, batch: Batch, use: Use, length: int) -> None:
        """Take what ``Abstractive`` takes."""
        super().__init__(batch, use, length)
        size, device = (len(self.words), len(use.corpus.features.target)), self.words.device
        self.closed = torch.full(size, -torch.inf, device=device).scatter_(1, self.words, 0.0)
        """(n, v): what is added to the scores of every step."""
        self.closed[:, UNKNOWN] = -torch.inf
        self.room = self._room(self.closed.isfinite().sum(dim=1))
        self.closed[:, END] = 0.0

    def _bar_(self, scores: Tensor, sentence: Tensor) -> None:
        """Bar the words that the input lacks; adding takes a fraction of the time that filling would."""
        scores += self.closed[sentence].unsqueeze(1)


class Extraction:
    """The extractive features of ABS+ (section 5): s(y | x, y_c) = w . f, for all words y at once.

    f = (log p(y | x, y_c), y is in the input, the last word and y are a bigram of it, the last two words and
    y a trigram, y stands before the last word in it). The last three are 0 for the first word, which has no
    word before it, and the trigram's for the second. The end symbol has none of the four.

    Only words of the input have features: they are found at its places, and added to the scores of the words
    that stand there. What is kept and made grows with the length of the input, not with its square.
    """

    def __init__(self, words: Tensor, weights: Sequence[float]) -> None:
        """Take the inputs' words (n, s) and the five weights."""
        self.words, self.weights = words, weights
        self.before = _shifted(words)
        self.before_that = _shifted(self.before)
        self.first = _first(words)
        """(n, s): the first place that has the same word."""

    def add_(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> None:
        """Make log-probabilities (b, k, v) the weighted sums of the features."""
        every, one, two, three, turned = self.weights
        words, first = (
            one.unsqueeze(1).expand(-1, scores.shape[1], -1)  # [b, k, s]
            for one in (self.words[sentence], self.first[sentence])
        )
        gain = torch.full(words.shape, one, device=scores.device)
        if tokens.shape[2] > 0:
            last = tokens[:, :, -1:]
            bigram = self.before[sentence].unsqueeze(1) == last
            gain += two * _any(bigram, first) + turned * (first < _last(words == last)).float()
        if tokens.shape[2] > 1:
            trigram = bigram & (self.before_that[sentence].unsqueeze(1) == tokens[:, :, -2:-1])
            gain += three * _any(trigram, first)
        scores *= every
        scores.scatter_(2, words, scores.gather(2, words) + gain.to(scores.dtype))  # equal words, equal sums


def _shifted(words: Tensor) -> Tensor:
    """Return what stands before each place (n, s); before the first there is no word."""
    return F.pad(words, (1, 0), value=UNKNOWN)[:, :-1]


def _first(words: Tensor) -> Tensor:
    """Return the first place that has the word of each place (n, s)."""
    found, order = words.sort(dim=1, stable=True)
    new = F.pad(found[:, 1:] != found[:, :-1], (1, 0), value=True)
    begun = torch.arange(words.shape[1], device=words.device).masked_fill(~new, 0).cummax(dim=1).values
    return torch.empty_like(order).scatter_(1, order, order.gather(1, begun))


def _last(places: Tensor) -> Tensor:
    """Return the last of ``places`` (b, k, s): (b, k, 1), -1 where there is none."""
    numbers = torch.arange(places.shape[2], device=places.device)
    return numbers.where(places, -1).amax(dim=2, keepdim=True)


def _any(places: Tensor, first: Tensor) -> Tensor:
    """Return whether a place with the same word is one of ``places``: 0 or 1, all (b, k, s)."""
    found = places.float()
    return torch.zeros_like(found).scatter_reduce_(2, first, found, "amax").gather(2, first)
