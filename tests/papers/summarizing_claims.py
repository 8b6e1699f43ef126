"""Made-up records of Rush et al.'s systems, and for each claim a world in which its effect is known.

Noise cancels between two sentences of one length, so that means are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from judging_claims import Made, cancelling, columns, history, stacked

from attnbench.tasks.summarization.measures import METRICS
from reproductions.rush2015 import PAPER

NEARER = 0.1
"""How much more of the attention lies within two words of where it should, and how much more by chance."""
RULES = ("prefix", "lead", "ir")
BLIND = ("nnlm", "kn-5")
SYSTEMS = tuple(system.name for system in PAPER.systems)
TRAINED = tuple(system.name for system in PAPER.systems if system.stages)
NETWORK = "abs"
"""Whose network ABS+ has."""
PAIRS = 240
LENGTHS = np.arange(PAIRS) // 2 % 40 + 1
WORDS = 9
"""Of a reference, the end symbol among them."""
ROUGES = ("rouge-1-75", "rouge-2-75", "rouge-l-75")
NATS = {"kn-5": 9.0, "nnlm": 8.5, "bow": 4.0, "tdnn-sorted": 3.9, "tdnn": 3.7, "abs-unsmoothed": 3.5}
"""Nats a word where a world says nothing; of the others 3.4."""
IDS = {
    test: np.array([f"{test}{place:04d}" for place in range(PAIRS)], dtype=object)
    for test in ("test", "duc2004")
}

DECODINGS = ("forced", "beam", "greedy", "beam-extractive")

Way = tuple[str, str]
"""A system, and how it is used."""


@dataclass(frozen=True)
class World:
    """What is true of one seed's systems; those that are not named have the value after the colon."""

    nats: Mapping[str, float] = field(default_factory=dict)
    """Nats a word: those of ``NATS``."""
    growth: Mapping[str, float] = field(default_factory=dict)
    """By how much they and ROUGE are higher for inputs of more than 30 words: 0."""
    level: float = 30.0
    """Each ROUGE of everybody, but for their gains."""
    gains: Mapping[str, float] = field(default_factory=dict)
    """By SYSTEM, SYSTEM/DECODING or either with :METRIC, the most exact counts: 0."""
    duc: Mapping[str, float] | None = None
    """The same on DUC-2004; None: it was not tested on."""
    copies: Mapping[str, float] = field(default_factory=dict)
    """The share of output words that stand in the input, and of word pairs that do not: 0.8."""
    words: Mapping[str, float] = field(default_factory=dict)
    """By SYSTEM or SYSTEM/DECODING, words a summary: 8."""
    copied: Mapping[str, float] = field(default_factory=dict)
    """Attention's weight on a copied word, by chance 0.1: 0.5."""
    pointing: Mapping[str, float] | None = None
    """The share of words whose largest weight lies on a gold link, by chance 0.05: 0.6; None: no links."""
    attending: Sequence[str] = ("abs", "abs-unsmoothed")
    """Who has an alignment."""
    apart: bool = True
    """Whether each system is used in its own ways alone; else each in all."""


def records(
    *worlds: World,
    systems: Sequence[str] = SYSTEMS,
    decodings: Sequence[str] = DECODINGS,
) -> Made:
    """Draw the records of the systems, a seed a world; equal worlds draw equal records."""
    rng = np.random.default_rng(7)
    blocks, runs = [], []
    for seed, world in enumerate(worlds):
        for system in systems:
            for decoding, test, block in _tested(world, system, decodings, rng):
                about = {"system": system, "seed": seed, "test": test, "decoding": decoding, "data": "files"}
                blocks.append((about, {"id": IDS[test], "source_length": LENGTHS, **block}))
            settings = {"data": {}, "model": {"hidden": 400}, "training": {}, "decoding": {}}
            run = {"system": system, "seed": seed, "settings": settings}
            if system in TRAINED:
                run["history"] = history({400: 90.0, 800: 50.0, 1000: 40.0})
            runs.append(run)
    return Made(stacked(blocks), tuple(runs))


def _tested(
    world: World, system: str, decodings: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, str, dict[str, np.ndarray]]]:
    """Yield every decoding and test set of a system, and what was measured there."""
    own = PAPER.system(system).decodings if world.apart else ()
    for decoding in decodings:
        if decoding in own or not own:
            reads = decoding == "forced"
            yield (
                decoding,
                "test",
                _read(world, system, rng) if reads else _wrote(world, (system, decoding), rng),
            )
    if world.duc is not None and system not in BLIND:
        yield "beam-75", "duc2004", _wrote(replace(world, gains=world.duc), (system, "beam-75"), rng)


def _read(world: World, system: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    nats = world.nats.get(system, NATS.get(system, 3.4)) + world.growth.get(system, 0.0) * (LENGTHS > 30)
    summed = WORDS * (nats + cancelling(rng, PAIRS, 0.5))
    block = columns(METRICS["nats"].columns, np.column_stack([summed, np.full(PAIRS, WORDS), np.ones(PAIRS)]))
    if system in world.attending:
        measured = {"copied": (world.copied.get(system, 0.5), 0.1)}
        if world.pointing is not None:
            measured["pointing"] = (world.pointing.get(system, 0.6), 0.05)
        for name, (share, chance) in measured.items():
            block |= _noisy(name, share, rng, 4) | _noisy(f"{name}-chance", chance, rng, 4)
            block |= _noisy(f"{name}-near", share + NEARER, rng, 4)
            block |= _noisy(f"{name}-near-chance", chance + NEARER, rng, 4)
    return block


def _wrote(world: World, way: Way, rng: np.random.Generator) -> dict[str, np.ndarray]:
    system = way[0]
    rise = world.growth.get(system, 0.0) * (LENGTHS > 30)
    copies, words = world.copies.get(system, 0.8), _named(world.words, way, default=8.0)
    block = _noisy("extractive", copies, rng, 8) | _noisy("novel-2", copies, rng, 7)
    block |= columns(METRICS["words"].columns, np.column_stack([np.full(PAIRS, words), np.ones(PAIRS)]))
    for metric in ROUGES:
        block |= _noisy(metric, (world.level + rise + _named(world.gains, way, metric)) / 100, rng)
    return block


def _named(values: Mapping[str, float], way: Way, metric: str = "", default: float = 0.0) -> float:
    """Return the value under the most exact name."""
    system, decoding = way
    names = [f"{system}/{decoding}:{metric}", f"{system}:{metric}", f"{system}/{decoding}", system]
    return next((values[name] for name in names if name in values), default)


def _noisy(name: str, mean: Any, rng: np.random.Generator, whole: float = 1.0) -> dict[str, np.ndarray]:
    """Return the columns of a share."""
    part = whole * (mean + cancelling(rng, PAIRS, 0.05))
    return columns(METRICS[name].columns, np.column_stack([part, np.full(PAIRS, whole)]))


@dataclass(frozen=True)
class Case:
    """How one claim is tried."""

    at: Callable[[float], World]
    """A world in which its effect, in each of its parts, is so large."""
    gap: float
    """How far from the margin an effect is clear of what examples alone do."""
    pairs: tuple[tuple[Way, Way], ...]
    """What it compares: who is said to lead, and whom they are said to lead."""
    attending: tuple[str, ...] = ()
    """Whose attention must have learnt."""

    @property
    def systems(self) -> tuple[str, ...]:
        """What it compares, and what tells whether they have learnt."""
        compared = [system for pair in self.pairs for system, _ in pair]
        network = [NETWORK] if "abs-plus" in compared else []
        return tuple(dict.fromkeys([*compared, *network, *BLIND]))

    @property
    def decodings(self) -> tuple[str, ...]:
        """How these are used."""
        return tuple(dict.fromkeys(["forced", *(how for pair in self.pairs for _, how in pair)]))


def _forced(*pairs: tuple[str, str]) -> tuple[tuple[Way, Way], ...]:
    return tuple(((one, "forced"), (other, "forced")) for one, other in pairs)


def _beam(*pairs: tuple[str, str]) -> tuple[tuple[Way, Way], ...]:
    return tuple(((one, "beam"), (other, "beam")) for one, other in pairs)


ORDER = ("abs", "tdnn", "bow", "nnlm", "kn-5")
PLUS = ("abs-plus", "abs")

CASES = {
    "conditioning-beats-no-encoder": Case(
        lambda x: World(nats={"nnlm": 4 + x, "kn-5": 4 + x}), 0.2, _forced(("bow", "nnlm"), ("bow", "kn-5"))
    ),
    "neural-model-beats-n-grams": Case(
        lambda x: World(nats={"kn-5": 8.5 + x}), 0.2, _forced(("nnlm", "kn-5"))
    ),
    "word-order-helps": Case(lambda x: World(nats={"tdnn": 4 - x}), 0.2, _forced(("tdnn", "bow"))),
    "attention-beats-convolution": Case(
        lambda x: World(nats={"abs": 3.7 - x}), 0.2, _forced(("abs", "tdnn")), ("abs",)
    ),
    "attention-beats-a-bag-of-words": Case(
        lambda x: World(nats={"abs": 4 - x}), 0.2, _forced(("abs", "bow")), ("abs",)
    ),
    "ranking": Case(lambda x: World(nats={"abs": 3.7 - x}), 0.2, _forced(*pairwise(ORDER)), ("abs",)),
    "attention-raises-rouge": Case(
        lambda x: World(gains={"bow": -x}), 2.5, _beam(("abs", "bow")), ("abs",)
    ),
    "beam-beats-greedy": Case(
        lambda x: World(gains={"abs-plus/greedy": -x}), 2.5,
        ((("abs-plus", "beam"), ("abs-plus", "greedy")),), PLUS,
    ),
    "abstractive-beats-extractive": Case(
        lambda x: World(gains={"abs-plus/beam-extractive": -x}), 2.5,
        ((("abs-plus", "beam"), ("abs-plus", "beam-extractive")),), PLUS,
    ),
    "extractive-features-help-recall": Case(
        lambda x: World(gains={"abs-plus": x}), 2.5, _beam(PLUS), PLUS
    ),
    "extractive-features-raise-copying": Case(
        lambda x: World(copies={"abs-plus": 0.8 + x}), 0.03, _beam(PLUS), PLUS
    ),
    "attention-beats-the-baselines": Case(
        lambda x: World(gains={"prefix": -x, "ir": -x}), 2.5, _beam(("abs", "prefix"), ("abs", "ir")),
        ("abs",),
    ),
    "prefix-beats-retrieval": Case(lambda x: World(gains={"ir": -x}), 2.5, _beam(("prefix", "ir"))),
}  # fmt: skip

MARGINS = {claim.name: claim.margin for claim in PAPER.claims}
FORCED = tuple(name for name, case in CASES.items() if case.pairs[0][0][1] == "forced")


def seeds(claim: str, *worlds: World) -> Made:
    """Return records of what a claim needs, a seed a world."""
    return records(*worlds, systems=CASES[claim].systems, decodings=CASES[claim].decodings)


@lru_cache
def _tried(claim: str, shifts: tuple[float, ...]) -> Made:
    return seeds(claim, *_shifted(claim, shifts))


def _shifted(claim: str, shifts: tuple[float, ...]) -> list[World]:
    return [CASES[claim].at(MARGINS[claim] + shift * CASES[claim].gap) for shift in shifts]


def tried(claim: str, *shifts: float, nats: Mapping[str, float] | None = None, **changed: Any) -> Made:
    """Return the same where effects lie so many gaps from the margin, a seed a shift.

    ``nats`` are laid over those of the world.
    """
    if not (changed or nats):
        return _tried(claim, shifts)
    worlds = _shifted(claim, shifts)
    return seeds(claim, *(replace(one, nats={**one.nats, **(nats or {})}, **changed) for one in worlds))
