"""Made-up records of Rocktäschel et al.'s systems, and for each claim a world in which its effect is known.

Accuracies are exact to a tenth of a percent; noise on the attention cancels between two pairs of one length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from judging_claims import Made, cancelling, columns, history, stacked

from attnbench.tasks.entailment.measures import METRICS
from reproductions.rocktaschel2016 import PAPER

CONTROL = "hypothesis-only"
SYSTEMS = tuple(system.name for system in PAPER.systems)
ATTENDING = ("attention", "word-by-word")
BOTH_WAYS = tuple(f"{system}-two-way" for system in ATTENDING)
PAIRS = 1000
LENGTHS = np.arange(PAIRS) // 2 % 40 + 1
UNRELATED = np.arange(PAIRS) // 2 % 5 == 0
IDS = {
    test: np.array([f"{test}{place:04d}" for place in range(PAIRS)], dtype=object)
    for test in ("test", "train")
}


@dataclass(frozen=True)
class World:
    """What is true of one seed's systems; those that are not named have the value after the colon."""

    test: Mapping[str, float] = field(default_factory=dict)
    """Percent right on test pairs: 60, of the hypothesis alone 35."""
    train: Mapping[str, float] = field(default_factory=dict)
    """On training pairs: 10 more."""
    rise: Mapping[str, float] = field(default_factory=dict)
    """By how much the normalised entropy rises from premises of up to 20 words to longer ones: 0."""
    reworded: Mapping[str, float] | None = None
    """The share of deciding words that find what settles them in other words, by chance 0.1: 0.6; None: not
    measured."""
    matching: Sequence[str] = ()
    """The systems whose attention starts by matching."""
    copied: Mapping[str, float] = field(default_factory=dict)
    """The share of copied words that point at themselves, by chance 0.2: 0.8."""
    pointing: float = 0.7
    """The share of decisive words that point right, by chance 0.25."""
    function: Mapping[str, float] = field(default_factory=dict)
    """Attention on function words, by group of pairs and control: 0.4."""
    attending: Sequence[str] = (*ATTENDING, *BOTH_WAYS)
    """Who has an alignment."""


def records(
    *worlds: World,
    systems: Sequence[str] = SYSTEMS,
    vectors: str = "vectors.txt",
    hidden: Mapping[str, int] | None = None,
) -> Made:
    """Draw the records of the systems, a seed a world; equal worlds draw equal records."""
    rng = np.random.default_rng(3)
    blocks, runs = [], []
    for seed, world in enumerate(worlds):
        for system in systems:
            for test in ("test", "train"):
                about = {"system": system, "seed": seed, "test": test, "decoding": "argmax", "data": "files"}
                blocks.append((about, _block(world, system, test, rng)))
            settings: dict[str, Any] = {"data": {"vectors": vectors}}
            if hidden and system in hidden:
                settings["model"] = {"hidden": hidden[system]}
            if system in world.matching:
                settings["model"] = {"matching": True}
            run = {"system": system, "seed": seed, "settings": settings}
            runs.append({**run, "history": history({400: 40.0, 800: 60.0, 1000: 60.0})})
    return Made(stacked(blocks), tuple(runs))


def _block(world: World, system: str, test: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    percent = world.test.get(system, 35 if system == CONTROL else 60)
    if test == "train":
        percent = world.train.get(system, percent + 10)
    right = rng.permutation(PAIRS) < round(percent * PAIRS / 100)
    measured = {"accuracy": np.column_stack([right, np.ones(PAIRS)])}
    if system in world.attending and test == "test":
        measured |= _attention(world, system, rng)
    block = {"id": IDS[test], "premise_length": LENGTHS, "hypothesis_length": np.full(PAIRS, 5)}
    for name, values in measured.items():
        block |= columns(METRICS[name].columns, values)
    return block


def _attention(world: World, system: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    def noisy(mean: Any, whole: float = 1.0) -> np.ndarray:
        return np.column_stack([whole * (mean + cancelling(rng, PAIRS, 0.1)), np.full(PAIRS, whole)])

    measured = {
        "entropy": noisy(0.3 + world.rise.get(system, 0.0) * (LENGTHS > 20)),
        "copied": noisy(world.copied.get(system, 0.8), 5),
        "copied-chance": noisy(0.2, 5),
        "pointing": noisy(world.pointing, 2),
        "pointing-chance": noisy(0.25, 2),
    }
    if world.reworded is not None:
        measured |= {"reworded": noisy(world.reworded.get(system, 0.6)), "reworded-chance": noisy(0.1)}
    for group in ("related", "unrelated"):
        for control in ("", "-uniform"):
            mass = noisy(world.function.get(f"{group}{control}", 0.4))
            mass[(group == "unrelated") != UNRELATED] = np.nan
            measured[f"function-mass-{group}{control}"] = mass
    return measured


def right(**percent: float) -> World:
    """Return a world in which systems answer so much right; names have ``_`` for ``-``."""
    return World(test={name.replace("_", "-"): value for name, value in percent.items()})


@dataclass(frozen=True)
class Case:
    """How one claim is tried."""

    at: Callable[[float], World]
    """A world in which its effect, in each of its parts, is so large."""
    gap: float
    """How far from the margin an effect is clear of what examples alone do."""
    pairs: tuple[tuple[str, str], ...]
    """What it compares: the systems that are said to lead, and those that they are said to lead; a system
    with itself where it compares none."""

    @property
    def systems(self) -> tuple[str, ...]:
        """What it needs, the control apart."""
        return tuple(dict.fromkeys(system for pair in self.pairs for system in pair))


LARGER = "conditional-shared-159"
ORDER = ("word-by-word", "attention", LARGER, "conditional", "independent")
FROZEN = ("conditional-shared", "word-by-word")


def _ranked(last: float) -> World:
    """Return steps of 12 points down to conditional encoding, and another one from there."""
    return World(test=dict(zip(ORDER, (98, 86, 74, 62, 62 - last), strict=True)))


CASES = {
    "conditioning-beats-independent-encoding": Case(
        lambda x: right(independent=60 - x), 10, (("conditional-shared", "independent"),)
    ),
    "attention-beats-a-larger-lstm": Case(
        lambda x: World(test={LARGER: 60 - x}), 10, (("attention", LARGER),)
    ),
    "attention-beats-two-lstms": Case(
        lambda x: right(conditional=60 - x), 10, (("attention", "conditional"),)
    ),
    "word-by-word-beats-attention": Case(
        lambda x: right(attention=60 - x), 10, (("word-by-word", "attention"),)
    ),
    "two-way-does-not-help": Case(
        lambda x: right(attention_two_way=60 - x, word_by_word_two_way=60 - x), 10,
        (("attention", "attention-two-way"), ("word-by-word", "word-by-word-two-way")),
    ),
    "ranking": Case(_ranked, 8, tuple(pairwise(ORDER))),
    "frozen-vectors-shrink-the-gap": Case(
        lambda x: World(train={"independent": 70 + x}), 12, tuple((one, "independent") for one in FROZEN)
    ),
    "one-look-flattens-on-long-premises": Case(
        lambda x: World(rise={"attention": x}), 0.08, (("attention", "word-by-word"),)
    ),
    "unrelated-pairs-look-at-function-words": Case(
        lambda x: World(function={"unrelated": 0.4 + x}), 0.05, (("word-by-word", "word-by-word"),)
    ),
}  # fmt: skip

MARGINS = {claim.name: claim.margin for claim in PAPER.claims}


@lru_cache
def _tried(claim: str, shifts: tuple[float, ...]) -> Made:
    return records(*_shifted(claim, shifts), systems=(*CASES[claim].systems, CONTROL))


def _shifted(claim: str, shifts: tuple[float, ...]) -> list[World]:
    return [CASES[claim].at(MARGINS[claim] + shift * CASES[claim].gap) for shift in shifts]


def tried(claim: str, *shifts: float, **changed: Any) -> Made:
    """Return records of what a claim needs, a seed a shift: effects lie so many gaps from its margin."""
    if not changed:
        return _tried(claim, shifts)
    worlds = [replace(world, **changed) for world in _shifted(claim, shifts)]
    return records(*worlds, systems=(*CASES[claim].systems, CONTROL))
