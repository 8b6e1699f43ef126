"""A seeded synchronous grammar of English and French: sentence pairs with gold word alignments.

A derivation (``syntax``) is drawn at random with an exact number of English words (``sampling``), said in
both languages at once (``phrases``, ``clauses``) and finished: elision, contraction, links (``surface``).
The words are in ``lexicon``. Only the standard library is used, and of ``random`` only
``Random.random``, so that a seed gives the same bytes everywhere.
"""

from __future__ import annotations

import random

from attnbench.corpora.translation.grammar.clauses import realise
from attnbench.corpora.translation.grammar.sampling import Sampler
from attnbench.corpora.translation.grammar.surface import Sentence

__all__ = ["SHORTEST", "Sentence", "sentence"]

SHORTEST = 3
"""Words of the shortest sentence, full stop included."""


def sentence(rng: random.Random, length: int) -> Sentence:
    """Return a sentence with exactly ``length`` English words, full stop included.

    Args:
        rng: the source of chance; the same state gives the same sentence.
        length: at least ``SHORTEST``.

    Returns English tokens, French tokens and the links (English position, French position), from 0.
    Raises ``ValueError`` for a shorter length.
    """
    if length < SHORTEST:
        raise ValueError(f"no sentence has {length} words; the shortest has {SHORTEST}")
    return realise(Sampler(rng).chain(length - 1))
