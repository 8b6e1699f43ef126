"""Made-up records of Bahdanau et al.'s systems, and for each claim a world in which its effect is known.

BLEU is exact: every reference is as long as its translation and n-grams of every order match with the same
chance p, so that BLEU is 100 p; noise cancels between two sentences of one length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from judging_claims import Made, cancelling, columns, history, stacked

from attnbench.tasks.translation.measures import METRICS
from reproductions.bahdanau2015 import PAPER

MAIN = ("rnnencdec-30", "rnnencdec-50", "rnnsearch-30", "rnnsearch-50")
SYSTEMS = (*MAIN, "rnnsearch-50-star", "sutskever2014")
ATTENDING = ("rnnsearch-30", "rnnsearch-50")
PER_BIN = 80
LENGTHS = np.concatenate([np.linspace(low, low + 9, PER_BIN // 2).astype(int) for low in range(1, 71, 10)])
LENGTHS = LENGTHS.repeat(2)
KNOWN = np.arange(len(LENGTHS)) // 2 % 4 > 0
"""Which sentences have no unknown word: 60 of the 80 in each bin."""
IDS, GOLD_IDS = (
    np.array([f"{prefix}{place:04d}" for place in range(len(LENGTHS))], dtype=object) for prefix in ("", "g")
)

Curve = Callable[[np.ndarray], np.ndarray]
"""From lengths to the chance that an n-gram matches."""


def flat(chance: float) -> Curve:
    return lambda length: np.full(len(length), chance)


def bent(chance: float, low: int, high: int, there: float) -> Curve:
    """Return a curve that is ``there`` from ``low`` to ``high`` words and ``chance`` elsewhere."""
    return lambda length: np.where((length >= low) & (length <= high), there, chance)


@dataclass(frozen=True)
class World:
    """What is true of one seed's systems; those that are not named have the value after the colon."""

    match: Mapping[str, Curve] = field(default_factory=dict)
    """Beam search on all sentences: 0.5."""
    known: Mapping[str, Curve] = field(default_factory=dict)
    """On those without unknown words, the unknown word barred: as on all."""
    gold: Mapping[str, float] = field(default_factory=dict)
    """On another test set, which alone has gold alignments then: there is no such set without any named."""
    nats: Mapping[str, float] = field(default_factory=dict)
    """Nats a sentence: 40."""
    errors: Mapping[str, float] = field(
        default_factory=lambda: {"aer": 0.2, "aer-diagonal": 0.45, "aer-shuffled": 0.9}
    )
    near: Mapping[str, float] = field(
        default_factory=lambda: {"diagonal-mass": 0.8, "diagonal-mass-uniform": 0.4}
    )
    there: int = 600
    """The update, up to 1000, at which RNNsearch-50 is as good as RNNencdec-50 ever is."""


def records(
    *worlds: World,
    data: str = "files-text",
    caps: Mapping[str, int] | None = None,
    known: np.ndarray = KNOWN,
    systems: Sequence[str] = SYSTEMS,
) -> Made:
    """Draw the records of the systems, a seed a world; equal worlds draw equal records."""
    rng = np.random.default_rng(5)
    blocks, runs = [], []
    for seed, world in enumerate(worlds):
        for system in systems:
            own = {"system": system, "seed": seed, "data": data}
            tested = [*_searched(world, system, known, rng), *_forced(world, system, rng)]
            blocks += [({**own, **about}, block) for about, block in tested]
            runs.append(_run(world, system, seed, (caps or {}).get(system)))
    return Made(stacked(blocks), tuple(runs))


Block = tuple[dict[str, str], dict[str, np.ndarray]]


def _searched(world: World, system: str, known: np.ndarray, rng: np.random.Generator) -> list[Block]:
    every = world.match.get(system, flat(0.5))
    barred = world.known.get(system, every)
    blocks = [
        _block("test", "beam", {"bleu": _bleu(every, rng)}),
        _block("nounk", "beam-known", {"bleu": _bleu(barred, rng)}, known),
    ]
    if world.gold:
        blocks.append(_block("gold", "beam", {"bleu": _bleu(flat(world.gold.get(system, 0.5)), rng)}))
    return blocks


def _forced(world: World, system: str, rng: np.random.Generator) -> list[Block]:
    nats = world.nats.get(system, 40) + cancelling(rng, len(LENGTHS), 5)
    measured = {"nll": np.column_stack([nats, LENGTHS, np.ones(len(LENGTHS))])}
    if system not in ATTENDING:
        return [_block("test", "forced", measured)]
    measured |= {name: _mass(share, rng) for name, share in world.near.items()}
    errors = {name: _errors(error, rng) for name, error in world.errors.items()}
    if world.gold:
        return [_block("test", "forced", measured), _block("gold", "forced", errors)]
    return [_block("test", "forced", measured | errors)]


def _run(world: World, system: str, seed: int, cap: int | None) -> dict[str, Any]:
    """Return what a run's file says: its cap, and a validation score that ends at 40 with RNNencdec-50."""
    scores = {500: 10.0, 790: 30.0, 1000: 40.0}
    if system == "rnnsearch-50":
        curve = {500: 10.0, world.there - 10: 39.9, 1000: 45.0} | {world.there: 40.0}
        scores = {update: score for update, score in curve.items() if update <= 1000}
    settings = {} if cap is None else {"settings": {"data": {"max_length": cap}}}
    return {"system": system, "seed": seed, "history": history(scores), **settings}


def _bleu(curve: Curve, rng: np.random.Generator) -> np.ndarray:
    totals = np.maximum(LENGTHS[:, None] - np.arange(4), 0)
    chance = curve(LENGTHS) * (1 + cancelling(rng, len(LENGTHS), 0.1))
    return np.column_stack([LENGTHS, LENGTHS, chance[:, None] * totals, totals])


def _errors(error: float, rng: np.random.Generator) -> np.ndarray:
    right = LENGTHS * (1 - error + cancelling(rng, len(LENGTHS), 0.1))
    return np.column_stack([right, right, LENGTHS, LENGTHS])


def _mass(share: float, rng: np.random.Generator) -> np.ndarray:
    return np.column_stack([LENGTHS * (share + cancelling(rng, len(LENGTHS), 0.1)), LENGTHS])


def _block(
    test: str, decoding: str, measured: Mapping[str, np.ndarray], chosen: np.ndarray | None = None
) -> Block:
    ids = GOLD_IDS if test == "gold" else IDS
    block = {"id": ids, "source_length": LENGTHS, "target_length": LENGTHS}
    for name, values in measured.items():
        block |= columns(METRICS[name].columns, values)
    kept = {name: values if chosen is None else values[chosen] for name, values in block.items()}
    return {"test": test, "decoding": decoding}, kept


def matching(**curves: Curve) -> World:
    """Return a world with these curves; names have ``_`` for ``-``."""
    return World(match={name.replace("_", "-"): curve for name, curve in curves.items()})


@dataclass(frozen=True)
class Case:
    """How one claim is tried."""

    at: Callable[[float], World]
    """A world in which its effect, in each of its parts, is so large."""
    gap: float
    """How far from the margin an effect is clear of what examples alone do."""
    systems: tuple[str, ...]
    """What it needs."""
    swapped: tuple[tuple[str, str], ...] = ()
    """What it compares: the systems that are said to lead, and those that they lead."""


def _more(points: float) -> Curve:
    return flat(0.5 + points / 100)


_CAP_30, _CAP_50 = ("rnnsearch-30", "rnnencdec-30"), ("rnnsearch-50", "rnnencdec-50")
_CROSSED = ("rnnsearch-30", "rnnencdec-50")
_STAR = ("rnnsearch-50-star", "rnnsearch-50")
_DEEP = ("sutskever2014", "rnnencdec-50")
_LONGER = (("rnnsearch-50", "rnnsearch-30"), ("rnnencdec-50", "rnnencdec-30"))

CASES = {
    "attention-beats-fixed-vector": Case(
        lambda x: matching(rnnsearch_30=_more(x), rnnsearch_50=_more(x)), 4, MAIN, (_CAP_30, _CAP_50)
    ),
    "short-cap-attention-beats-long-cap-fixed-vector": Case(
        lambda x: matching(rnnsearch_30=_more(x)), 4, _CROSSED, (_CROSSED,)
    ),
    "fixed-vector-falls-with-length": Case(
        lambda x: matching(rnnencdec_50=bent(0.5, 41, 50, 0.5 * (1 - x / 100))), 12, ("rnnencdec-50",)
    ),
    "attention-does-not-fall-with-length": Case(
        lambda x: matching(rnnsearch_50=bent(0.5, 51, 60, 0.5 + x / 100)), 6, ("rnnsearch-50",)
    ),
    "gap-grows-with-length": Case(
        lambda x: matching(rnnsearch_50=bent(0.5, 31, 50, 0.5 + x / 100)), 7, _CAP_50, (_CAP_50,)
    ),
    "attention-does-not-extrapolate": Case(
        lambda x: matching(rnnsearch_30=bent(0.5, 51, 60, 0.5 * (1 - x / 100))), 12, ("rnnsearch-30",)
    ),
    "longer-cap-helps": Case(
        lambda x: matching(rnnsearch_50=_more(x), rnnencdec_50=_more(x)), 4, MAIN, _LONGER
    ),
    "attention-has-lower-nll": Case(
        lambda x: World(nats={"rnnencdec-30": 40 + x, "rnnencdec-50": 40 + x}), 3, MAIN, (_CAP_30, _CAP_50)
    ),
    "alignments-near-diagonal": Case(
        lambda x: World(near={"diagonal-mass": 0.4 + x, "diagonal-mass-uniform": 0.4}), 0.05,
        ("rnnsearch-50",),
    ),
    "attention-leads-in-every-bin": Case(
        lambda x: matching(rnnsearch_30=_more(x)), 7, _CAP_30, (_CAP_30,)
    ),
    "fewer-updates-suffice": Case(
        lambda x: World(there=round(10 * (100 - x))), 12, _CAP_50, (_CAP_50,)
    ),
    "longer-training-helps": Case(
        lambda x: matching(rnnsearch_50_star=_more(x)), 4, _STAR, (_STAR,)
    ),
    "unknown-words-cost": Case(
        lambda x: World(known={name: _more(x) for name in MAIN}), 4, MAIN
    ),
    "deep-reversed-fixed-vector-falls-less": Case(
        lambda x: matching(rnnencdec_50=bent(0.5, 41, 50, 0.3),
                           sutskever2014=bent(0.5, 41, 50, 0.5 * (0.6 + x / 100))),
        16, _DEEP, (_DEEP,),
    ),
}  # fmt: skip

MARGINS = {claim.name: claim.margin for claim in PAPER.claims}


@lru_cache
def _tried(claim: str, shifts: tuple[float, ...]) -> Made:
    return records(*_shifted(claim, shifts), systems=CASES[claim].systems)


def _shifted(claim: str, shifts: tuple[float, ...]) -> list[World]:
    return [CASES[claim].at(MARGINS[claim] + shift * CASES[claim].gap) for shift in shifts]


def tried(claim: str, *shifts: float, **changed: Any) -> Made:
    """Return records of what a claim needs, a seed a shift: effects lie so many gaps from its margin."""
    if not changed:
        return _tried(claim, shifts)
    worlds = [replace(world, **changed) for world in _shifted(claim, shifts)]
    return records(*worlds, systems=CASES[claim].systems)
