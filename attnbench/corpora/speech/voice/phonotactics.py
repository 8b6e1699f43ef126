"""Which phones may follow which: syllables as those of English, put one behind the other.

Sonority rises in an onset to the vowel and falls behind it, but for ``s`` before a stop and for what English
adds at the end (``s``, ``z``, ``t``, ``d``).
"""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from attnbench.corpora.speech.voice.inventory import CONSONANTS, ORDER, SILENCE, VOWELS
from attnbench.corpora.weighted import Weighted

Cluster = tuple[str, ...]

ONSETS = """p l, p r, b l, b r, t r, d r, k l, k r, g l, g r, f l, f r, th r, sh r, s l, s w, s m, s n, s p,
    s t, s k, t w, d w, k w, g w, th w, p y, b y, k y, f y, m y, s p l, s p r, s t r, s k r, s k w"""
CODAS = """l p, l t, l k, l b, l d, l f, l v, l s, l z, l m, r p, r t, r k, r b, r d, r g, r f, r v, r s, r z,
    r m, r n, r l, r th, r ch, m p, m z, n t, n d, n s, n z, n th, n ch, n jh, ng k, ng z, p t, k t, f t, s t,
    sh t, ch t, p s, t s, k s, f s, th s, b d, g d, v d, z d, b z, d z, g z, v z, s p, s k, n t s, n d z,
    l t s, l d z, m p s, m p t, ng k s, s t s, k s t, r t s, r d z, r s t, n s t"""

NO_ONSET = ("ng",)
NO_CODA = ("hh", "w", "y", "dx")
FLAP = "dx"
"""Stands between vowels alone."""

FREQUENT = frozenset(("t", "n", "s", "d", "r", "l", "k", "m", "ih", "ah", "iy", "eh"))
"""Phones that come twice as often as others of their place."""

EMPTY_ONSET, ONSET_CLUSTER = 0.12, 0.18
EMPTY_CODA, CODA_CLUSTER = 0.42, 0.14

PAUSE = 0.3
"""How often there is a pause between two syllables, so that silence tells nothing of an utterance's end."""


class Syllables(NamedTuple):
    """What syllables are made of."""

    onsets: Weighted[Cluster]
    nuclei: Weighted[Cluster]
    codas: Weighted[Cluster]


@cache
def syllables(inventory: int) -> Syllables:
    """Return the parts of syllables that the first phones of ``ORDER`` allow; ``inventory``: how many."""
    there = frozenset(ORDER[:inventory])
    consonants = [phone for phone in CONSONANTS if phone in there]
    onsets: list[Cluster] = [(phone,) for phone in consonants if phone not in NO_ONSET]
    codas: list[Cluster] = [(phone,) for phone in consonants if phone not in NO_CODA]
    nuclei: list[Cluster] = [(phone,) for phone in VOWELS if phone in there]
    return Syllables(
        _margin(onsets, _clusters(ONSETS, there), EMPTY_ONSET, ONSET_CLUSTER),
        Weighted(nuclei, _weights(nuclei, 1.0)),
        _margin(codas, _clusters(CODAS, there), EMPTY_CODA, CODA_CLUSTER),
    )


def _clusters(table: str, there: frozenset[str]) -> list[Cluster]:
    clusters = [tuple(cluster.split()) for cluster in table.split(",")]
    return [cluster for cluster in clusters if there.issuperset(cluster)]


def _margin(singles: list[Cluster], clusters: list[Cluster], empty: float, many: float) -> Weighted[Cluster]:
    """Return onsets or codas; what no cluster takes, for there are none, single phones have."""
    several = many if clusters else 0.0
    weights = [empty, *_weights(singles, 1 - empty - several), *_weights(clusters, several)]
    return Weighted([(), *singles, *clusters], weights)


def _weights(clusters: list[Cluster], total: float) -> list[float]:
    each = [1.0 + FREQUENT.issuperset(cluster) for cluster in clusters]
    return [total * weight / sum(each) for weight in each]


def phrase(rng: random.Random, number: int, inventory: int) -> list[str]:
    """Return ``number`` phones of whole syllables, with silence before, behind and, often, within.

    No phone stands beside itself. ``inventory``: see ``syllables``.
    """
    parts = syllables(inventory)
    said: list[Cluster] = [()]
    while left := number - sum(map(len, said)):
        onset, nucleus, coda = (part.draw(rng.random()) for part in parts)
        syllable = onset + nucleus + coda
        if len(syllable) <= left and _may_follow(said[-1], syllable):
            said.append(syllable)
    spoken = [SILENCE]
    for place, syllable in enumerate(said[1:]):
        if place and syllable[0] != FLAP and rng.random() < PAUSE:
            spoken.append(SILENCE)
        spoken += syllable
    return [*spoken, SILENCE]


def _may_follow(before: Cluster, syllable: Cluster) -> bool:
    last = before[-1] if before else SILENCE
    if syllable[0] == FLAP and last not in VOWELS:
        return False
    return all(one != other for one, other in pairwise((last, *syllable)))
