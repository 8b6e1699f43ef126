"""Made-up records of Chorowski et al.'s systems, and for each claim a world in which its effect is known.

Noise cancels between two inputs of one length, so that means are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from judging_claims import Made, cancelling, columns, history, stacked

from attnbench.tasks.recognition.measures import METRICS
from reproductions.chorowski2015 import PAPER

SYSTEMS = tuple(system.name for system in PAPER.systems)
DECODINGS = tuple(decoding.name for decoding in PAPER.decodings)
COUNTS = (1, 2, 3, 5, 8, 11, 15)
"""Of joined utterances."""
SINGLES, PER_COUNT = 120, 26
LABELS = 10
"""Of an utterance."""
LONG = ("repeated", "mixed")

Level = float | tuple[float, ...]
"""A value, or one for each of ``COUNTS``."""


@dataclass(frozen=True)
class World:
    """What is true of one seed's systems.

    The most exact of the names SYSTEM/DECODING:TEST, SYSTEM/DECODING, SYSTEM and DECODING counts; what is not
    named has the value after the colon.
    """

    errors: Mapping[str, Level] = field(default_factory=dict)
    """Error rates in percent: 20."""
    aligned: Mapping[str, Level] = field(default_factory=dict)
    """Shares of labels: 0.9."""
    prefix: Mapping[str, Level] = field(default_factory=dict)
    """Labels before the first miss: 9."""
    entropy: Mapping[str, Level] = field(default_factory=dict)
    """Nats a step: 2."""
    pointing: Mapping[str, Level] = field(default_factory=dict)
    """Shares of labels with the largest weight in them, by chance 0.05: 0.7."""
    uniform: float = 0.1
    """The share of labels that uniform weights align."""
    timed: bool = True
    """Whether the times of labels are known."""


@dataclass(frozen=True)
class Inputs:
    """The examples of a test set."""

    ids: np.ndarray
    pieces: np.ndarray

    @classmethod
    def of(cls, test: str) -> Inputs:
        """Return those of the main test set, or of one of the constructed ones."""
        counts = COUNTS if test in LONG else (1,)
        each = PER_COUNT if test in LONG else SINGLES
        names = [f"{test}/{place:03d}x{count:02d}" for count in counts for place in range(each)]
        return cls(np.array(names, dtype=object), np.repeat(counts, each))

    def spread(self, level: Level) -> np.ndarray:
        """Return a value for each input."""
        if isinstance(level, tuple):
            return np.array(level)[np.searchsorted(COUNTS, self.pieces)]
        return np.full(len(self.ids), level)


INPUTS = {test: Inputs.of(test) for test in ("test", *LONG)}


def records(
    *worlds: World, systems: Sequence[str] = SYSTEMS, decodings: Sequence[str] = DECODINGS
) -> Made:  # fmt: skip
    """Draw the records of the systems, a seed a world; equal worlds draw equal records."""
    rng = np.random.default_rng(7)
    blocks, runs = [], []
    for seed, world in enumerate(worlds):
        for system in systems:
            for decoding, test, block in _tested(world, system, decodings, rng):
                about = {"system": system, "seed": seed, "test": test, "decoding": decoding, "data": "files"}
                blocks.append((about, block))
            run = {"system": system, "seed": seed, "settings": {}}
            runs.append(run | {"history": history({400: 90.0, 800: 30.0, 1000: 20.0})})
    return Made(stacked(blocks), tuple(runs))


def _tested(
    world: World, system: str, decodings: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, str, dict[str, np.ndarray]]]:
    """Yield every decoding and test set of a system, and what was measured there."""
    for decoding in (one for one in PAPER.decodings if one.name in decodings):
        for test in decoding.on(INPUTS, LONG):
            inputs = INPUTS[test]
            labels = LABELS * inputs.pieces
            lengths = {"id": inputs.ids, "target_length": labels, "pieces": inputs.pieces}
            names = [f"{system}/{decoding.name}:{test}", f"{system}/{decoding.name}", system, decoding.name]
            measure = _aligning if decoding.name.startswith("forced") else _writing
            yield decoding.name, test, lengths | measure(world, names, inputs, labels, rng)


def _writing(
    world: World, names: list[str], inputs: Inputs, labels: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    errors = inputs.spread(_named(world.errors, names, 20.0)) / 100
    return _noisy("per", errors, labels, rng, 0.005)


def _aligning(
    world: World, names: list[str], inputs: Inputs, labels: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    block = _noisy("entropy", inputs.spread(_named(world.entropy, names, 2.0)), labels, rng)
    if not world.timed:
        return block
    found, one = inputs.spread(_named(world.aligned, names, 0.9)), np.ones(len(labels))
    return (
        block
        | _noisy("aligned", found, labels, rng)
        | _noisy("aligned-uniform", world.uniform, labels, rng)
        | _noisy("aligned-count", found * labels, one, rng)
        | _noisy("prefix", inputs.spread(_named(world.prefix, names, 9.0)), one, rng)
        | _noisy("pointing", inputs.spread(_named(world.pointing, names, 0.7)), labels, rng)
        | _noisy("pointing-chance", 0.05, labels, rng)
    )


def _named(levels: Mapping[str, Level], names: Sequence[str], default: Level) -> Level:
    """Return the value under the most exact name."""
    return next((levels[name] for name in names if name in levels), default)


def _noisy(
    name: str, mean: Any, whole: np.ndarray, rng: np.random.Generator, deviation: float = 0.02
) -> dict[str, np.ndarray]:
    """Return the columns of a share."""
    part = whole * (mean + cancelling(rng, len(whole), deviation))
    return columns(METRICS[name].columns, np.column_stack([part, whole]))


@dataclass(frozen=True)
class Case:
    """How one claim is tried."""

    at: Callable[[float], World]
    """A world in which its effect, in its weakest part, is so large."""
    gap: float
    """How far from the margin an effect is clear of what examples alone do."""
    leads: tuple[str, ...]
    lags: tuple[str, ...] = ()

    @property
    def systems(self) -> tuple[str, ...]:
        """Whom it looks at."""
        return (*self.leads, *self.lags)

    @property
    def decodings(self) -> tuple[str, ...]:
        """What it looks at: what tells whether they have learnt, and what its world names."""
        world = self.at(0.1)
        told = " ".join([*world.errors, *world.aligned, *world.prefix])
        return tuple(name for name in DECODINGS if name in ("beam", "forced") or name in told)


def _broken(**shares: float) -> dict[str, float]:
    """Return shares by decoding, their hyphens written ``_``, where long inputs break forced alignment."""
    return {"forced-long": 0.3, **{name.replace("_", "-"): share for name, share in shares.items()}}


BOTH = ("conv", "baseline")
CASES = {
    "content-alone-is-competitive": Case(
        lambda x: World(errors={"baseline": 20 * (1 - x / 100)}), 10, ("baseline",), ("conv",)
    ),
    "location-helps": Case(
        lambda x: World(errors={"conv": 20 * (1 - x / 100)}), 10, ("conv",), ("baseline",)
    ),
    "smoothing-helps": Case(
        lambda x: World(errors={"conv-smooth": 20 * (1 - x / 100)}), 10, ("conv-smooth",), ("conv",)
    ),
    "content-decoding-breaks": Case(lambda x: World(errors={"long": 20 + x}), 8, ("baseline",)),
    "content-decoding-breaks-in-a-window": Case(
        lambda x: World(errors={"long-narrow": 20 + x}), 8, ("baseline",)
    ),
    "content-alignment-breaks": Case(
        lambda x: World(aligned={"forced-long": 0.9 - x}), 0.2, ("baseline",)
    ),
    "location-decoding-survives-in-a-window": Case(
        lambda x: World(errors={"long-wide": 20 - x}), 8, ("conv",)
    ),
    "content-keeps-the-beginning": Case(
        lambda x: World(aligned=_broken(), prefix={"forced-long": 9 * (1 + x / 100)}), 30, ("baseline",)
    ),
    "location-loses-everything-once-broken": Case(
        lambda x: World(aligned={**_broken(), "conv/forced-long": 0.3 * (1 - x / 100)}), 40,
        ("baseline",), ("conv",),
    ),
    "sharpening-rescues-location": Case(
        lambda x: World(aligned={
            **_broken(forced_sharp=0.35, forced_top_10=0.35),
            **{f"conv/forced-{how}": 0.35 + x for how in ("sharp", "top-10")},
        }), 0.2, ("conv",), ("baseline",),
    ),
    "a-window-rescues-alignment": Case(
        lambda x: World(aligned=_broken(forced_wide=0.3 + x)), 0.2, BOTH
    ),
    "a-window-rescues-decoding-by-location-alone": Case(
        lambda x: World(errors={"baseline/long-wide": 25 + x, "conv/long-wide": 25.0}), 8,
        ("conv",), ("baseline",),
    ),
    "a-wide-window-beats-a-narrow-one": Case(
        lambda x: World(errors={"long-narrow": 22 + x, "long-wide": 22.0}), 8, ("conv",)
    ),
    "the-best-frame-alone-hurts": Case(lambda x: World(errors={"beam-top-1": 20 + x}), 5, BOTH),
    "a-narrow-beam-suffices": Case(lambda x: World(errors={"beam-40": 20 + x}), 0.25, BOTH),
    "repeats-are-easier": Case(
        lambda x: World(aligned={f"conv/forced-long:{LONG[0]}": 0.5 + x, f"conv/forced-long:{LONG[1]}": 0.5}),
        0.2, ("conv",),
    ),
}  # fmt: skip

MARGINS = {claim.name: claim.margin for claim in PAPER.claims}


def tried(claim: str, *shifts: float, **changed: Any) -> Made:
    """Return records of what a claim needs, its effect so many gaps from the margin, a seed a shift.

    ``changed`` are fields of the worlds; mappings are laid over theirs.
    """
    worlds = [CASES[claim].at(MARGINS[claim] + shift * CASES[claim].gap) for shift in shifts]
    return (
        needed(claim, *(_laid_over(world, changed) for world in worlds)) if changed else _tried(claim, shifts)
    )


@lru_cache
def _tried(claim: str, shifts: tuple[float, ...]) -> Made:
    return needed(claim, *(CASES[claim].at(MARGINS[claim] + shift * CASES[claim].gap) for shift in shifts))


def needed(claim: str, *worlds: World) -> Made:
    """Return records of what a claim needs, a seed a world."""
    return records(*worlds, systems=CASES[claim].systems, decodings=CASES[claim].decodings)


def _laid_over(world: World, changed: Mapping[str, Any]) -> World:
    laid = {
        name: {**getattr(world, name), **value} if isinstance(value, Mapping) else value
        for name, value in changed.items()
    }
    return replace(world, **laid)
