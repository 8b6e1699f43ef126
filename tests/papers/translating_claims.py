"""Made-up records of Bahdanau et al.'s systems, and for each claim a world in which its effect is known.

BLEU is exact: every reference is as long as its translation and n-grams of every order match with the same
chance p, so that BLEU is 100 p; noise cancels between two sentences of one length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from judging_claims import Made, cancelling, columns, history

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
    """The update at which RNNsearch-50 is as good as RNNencdec-50 ever is; never where it is above 1000."""
    falls: Mapping[str, float] = field(default_factory=dict)
    """By what share the validation loss falls in the last fifth of the updates: 0.05."""


def records(
    *worlds: World,
    data: str = "files-text",
    caps: Mapping[str, int] | None = None,
    known: np.ndarray = KNOWN,
    systems: Sequence[str] = SYSTEMS,
) -> Made:
    """Draw the records of the systems, a seed a world; equal worlds draw equal records."""
    rng = np.random.default_rng(5)
    frames, runs = [], []
    for seed, world in enumerate(worlds):
        for system in systems:
            tested = [*_searched(world, system, known, rng), *_forced(world, system, rng)]
            frames += [frame.assign(system=system, seed=seed, data=data) for frame in tested]
            runs.append(_run(world, system, seed, (caps or {}).get(system)))
    return Made(pd.concat(frames, ignore_index=True), tuple(runs))


def _searched(world: World, system: str, known: np.ndarray, rng: np.random.Generator) -> list[pd.DataFrame]:
    every = world.match.get(system, flat(0.5))
    frames = [
        _rows("test", "beam", {"bleu": _bleu(every, rng)}),
        _rows("nounk", "beam-known", {"bleu": _bleu(world.known.get(system, every), rng)})[known],
    ]
    if world.gold:
        frames.append(_rows("gold", "beam", {"bleu": _bleu(flat(world.gold.get(system, 0.5)), rng)}))
    return frames


def _forced(world: World, system: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    nats = world.nats.get(system, 40) + cancelling(rng, len(LENGTHS), 5)
    found = [_rows("test", "forced", {"nll": np.column_stack([nats, LENGTHS, np.ones(len(LENGTHS))])})]
    if system in ATTENDING:
        mass = {name: _mass(share, rng) for name, share in world.near.items()}
        errors = {name: _errors(error, rng) for name, error in world.errors.items()}
        found[0] = found[0].join(_statistics(mass if world.gold else {**mass, **errors}))
        found += [_rows("gold", "forced", errors)] if world.gold else []
    return found


def _run(world: World, system: str, seed: int, cap: int | None) -> dict[str, Any]:
    """Return what a run's file says: its cap, and a validation score that ends at 40 with RNNencdec-50."""
    scores = {500: 10.0, 790: 30.0, 1000: 40.0}
    if system == "rnnsearch-50":
        scores = {
            500: 10.0,
            world.there - 10: 39.9,
            world.there: 40.0,
            1000: 45.0 - 10 * (world.there > 1000),
        }
    settings = {} if cap is None else {"settings": {"data": {"max_length": cap}}}
    evaluations = history(1000, world.falls.get(system, 0.05), scores)
    kept = [one for one in evaluations if one["update"] <= 1000]
    return {"system": system, "seed": seed, "history": kept, **settings}


def _bleu(curve: Curve, rng: np.random.Generator) -> np.ndarray:
    totals = np.maximum(LENGTHS[:, None] - np.arange(4), 0)
    chance = curve(LENGTHS) * (1 + cancelling(rng, len(LENGTHS), 0.1))
    return np.column_stack([LENGTHS, LENGTHS, chance[:, None] * totals, totals])


def _errors(error: float, rng: np.random.Generator) -> np.ndarray:
    right = LENGTHS * (1 - error + cancelling(rng, len(LENGTHS), 0.1))
    return np.column_stack([right, right, LENGTHS, LENGTHS])


def _mass(share: float, rng: np.random.Generator) -> np.ndarray:
    return np.column_stack([LENGTHS * (share + cancelling(rng, len(LENGTHS), 0.1)), LENGTHS])


def _statistics(measured: Mapping[str, np.ndarray]) -> pd.DataFrame:
    found = [columns(METRICS[name].columns, values) for name, values in measured.items()]
    return pd.DataFrame({name: values for one in found for name, values in one.items()})


def _rows(test: str, decoding: str, measured: Mapping[str, np.ndarray]) -> pd.DataFrame:
    prefix = "g" if test == "gold" else ""
    about = {"source_length": LENGTHS, "target_length": LENGTHS, "test": test, "decoding": decoding}
    frame = pd.DataFrame({"id": [f"{prefix}{place:04d}" for place in range(len(LENGTHS))], **about})
    return frame.join(_statistics(measured))


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


def tried(claim: str, *shifts: float, **changed: Any) -> Made:
    """Return records of what a claim needs, a seed a shift: effects lie so many gaps from its margin."""
    case, margin = CASES[claim], MARGINS[claim]
    worlds = [replace(case.at(margin + shift * case.gap), **changed) for shift in shifts]
    return records(*worlds, systems=case.systems)
