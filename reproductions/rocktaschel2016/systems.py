"""The systems of Rocktäschel et al. (2016), the independent encoding that it starts from, and a control.

A builder takes the model settings and the corpus' words, and returns a module. The random generator is
seeded by the caller.
"""

from __future__ import annotations

from attnbench.tasks.entailment.words import Words
from attnbench.zoo.pair_reader import Attention, Inputs, LastState, PairReader, Representation, WordByWord
from attnbench.zoo.sentence_reader import HypothesisReader, IndependentReader
from attnbench.zoo.word_vectors import WordVectors
from reproductions.rocktaschel2016.settings import RocktaschelModel


def conditional_shared(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return conditional encoding with one LSTM for both sentences."""
    return _reader(LastState(), settings, features, shared=True)


def conditional_shared_layered(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return the same with the classifier of independent encoding: a control."""
    return _reader(LastState(), settings, features, shared=True, layered=True)


def conditional(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return conditional encoding with two LSTMs."""
    return _reader(LastState(), settings, features)


def attention(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return two LSTMs, the last state of the second attending once."""
    return _reader(Attention(settings.hidden), settings, features)


def attention_two_way(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return the same, read once more with the sentences swapped."""
    return _reader(Attention(settings.hidden), settings, features, two_way=True)


def word_by_word(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return two LSTMs, every state of the second attending."""
    return _reader(WordByWord(settings.hidden), settings, features)


def word_by_word_two_way(settings: RocktaschelModel, features: Words) -> PairReader:
    """Return the same, read once more with the sentences swapped."""
    return _reader(WordByWord(settings.hidden), settings, features, two_way=True)


def independent(settings: RocktaschelModel, features: Words) -> IndependentReader:
    """Return the encoding of either sentence by itself (Bowman et al. 2015)."""
    return IndependentReader(_inputs(settings, features), hidden=settings.hidden, dropout=settings.dropout)


def hypothesis_only(settings: RocktaschelModel, features: Words) -> HypothesisReader:
    """Return a reader that never sees the premise."""
    return HypothesisReader(_inputs(settings, features), hidden=settings.hidden, dropout=settings.dropout)


def _reader(
    representation: Representation, settings: RocktaschelModel, features: Words, *, shared: bool = False,
    two_way: bool = False, layered: bool = False,
) -> PairReader:  # fmt: skip
    return PairReader(
        _inputs(settings, features), representation, hidden=settings.hidden, shared=shared, two_way=two_way,
        layered=layered, matching=settings.matching, dropout=settings.dropout,
    )  # fmt: skip


def _inputs(settings: RocktaschelModel, features: Words) -> Inputs:
    vectors = WordVectors(
        features.fixed, features.learned, initial_scale=settings.initial_scale, fine_tune=settings.fine_tune
    )
    return Inputs(vectors, features.dimension, settings.hidden, settings.dropout)
