"""Made-up records of Xu et al.'s systems, and for each claim a world in which its effect is known.

Noise cancels between two pictures of as many objects, so that means are exact; BLEU is exact, as n-grams of
every order match with one chance and outputs are as long as references.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from judging_claims import LOSS, Made, cancelling, columns, stacked

from attnbench.scoring.bleu import ORDERS
from attnbench.tasks.captioning.measures import METRICS, VARIANCES
from reproductions.xu2015 import PAPER

SYSTEMS = tuple(system.name for system in PAPER.systems)
DECODINGS = tuple(decoding.name for decoding in PAPER.decodings)
OBJECTS = np.repeat([1, 2, 3, 4, 5, 6], 40)
IDS = np.array([f"{place:04d}" for place in range(len(OBJECTS))], dtype=object)
WORDS = 12
"""Of a caption."""
EVALUATIONS = 100
"""Each ten updates, where a claim is about them; else a fifth."""

Level = float | tuple[float, ...]
"""A value, or one for each number of objects."""

DEFAULTS: Mapping[str, Level] = {
    "bleu": 30.0, "cider": 5.0, "length": float(WORDS), "distinct-1": 0.1, "distinct-2": 0.2, "novel": 0.8,
    "pointing": 0.6, "pointing-chance": 0.1, "pointing-centre": 0.2, "pointing-shuffled": 0.3,
    "mass": 0.5, "mass-uniform": 0.1, "mass-centre": 0.15, "mass-shuffled": 0.25,
    "entropy": 2.0, "time-variance": 0.1, "coverage-variance": 0.4, "gate-objects": 0.7,
    "gate-function": 0.5, "kl": 0.05, "kl-places": 0.4, **{f"variance-{name}": 8.0 for name in VARIANCES},
}  # fmt: skip
"""What is true where a world does not say otherwise."""

GATES = ("gate-objects", "gate-function")
FINDING = tuple(name for name in DEFAULTS if name.startswith(("pointing", "mass")))
SPREAD = ("entropy", "time-variance", "coverage-variance")
WRITTEN = ("cider", "length", "distinct-1", "distinct-2", "novel")
OF = {"marginal": ("kl", "kl-places"), "gradients": tuple(f"variance-{name}" for name in VARIANCES)}


@dataclass(frozen=True)
class World:
    """What is true of one seed's systems."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    """The most exact of the names SYSTEM/DECODING:METRIC, SYSTEM:METRIC and METRIC counts. ``bleu`` is BLEU
    of every order, ``bleu-N`` what N-grams alone say."""
    there: Mapping[str, float] = field(default_factory=dict)
    """The update at which a validation loss that falls in a straight line is ``LOSS``; else it settles."""
    parting: float = 0.0
    """By how much likelihood and BLEU agree less in the second half of training; below 0, in the first."""
    regions: bool = True
    """Whether it is known where objects are."""

    def level(self, system: str, decoding: str, *metrics: str) -> np.ndarray:
        """Return a value for each picture, of the first metric that is named."""
        names = [
            f"{who}{metric}" for metric in metrics for who in (f"{system}/{decoding}:", f"{system}:", "")
        ]
        level = next((self.levels[name] for name in names if name in self.levels), DEFAULTS[metrics[-1]])
        return np.array(level)[OBJECTS - 1] if isinstance(level, tuple) else np.full(len(IDS), level)


def records(
    *worlds: World, systems: Sequence[str] = SYSTEMS, decodings: Sequence[str] = DECODINGS
) -> Made:  # fmt: skip
    """Draw the records of the systems, a seed a world."""
    rng = np.random.default_rng(7)
    blocks, runs = [], []
    for seed, world in enumerate(worlds):
        for system in systems:
            for decoding in _done(system, decodings):
                same = {"system": system, "seed": seed, "test": "test", "decoding": decoding, "data": "files"}
                lengths = {"id": IDS, "objects": OBJECTS, "target_length": np.full(len(IDS), WORDS)}
                blocks.append((same, lengths | _tested(world, system, decoding, rng)))
            run = {"system": system, "seed": seed, "settings": {}}
            runs.append(run | {"history": _history(world, system)})
    return Made(stacked(blocks), tuple(runs))


def _done(system: str, decodings: Sequence[str]) -> list[str]:
    return [one.name for one in PAPER.decodings_of(system) if one.name in decodings]


def _tested(
    world: World, system: str, decoding: str, rng: np.random.Generator
) -> dict[str, np.ndarray]:  # fmt: skip
    """Return what a decoding of a system measures."""
    block: dict[str, np.ndarray] = {}
    attended = (*FINDING[: len(FINDING) * world.regions], *SPREAD) if system != "mean" else ()
    forced = (*attended, *GATES) if decoding == "forced" else WRITTEN
    for metric in OF.get(decoding, forced):
        part = world.level(system, decoding, metric) / (10 if metric == "cider" else 1)
        block |= _of(metric, np.column_stack([part * _noise(rng), np.ones(len(IDS))]))
    if "length" in OF.get(decoding, forced):
        words, noise = world.level(system, decoding, "length"), _noise(rng)
        found = [world.level(system, decoding, f"bleu-{n}", "bleu") for n in range(1, ORDERS + 1)]
        matches = [words * one / 100 * noise for one in found]
        block |= _of(
            "bleu-4", np.column_stack([words, np.full(len(IDS), WORDS), *matches, *[words] * ORDERS])
        )
    return block


def _noise(rng: np.random.Generator) -> np.ndarray:
    return 1 + cancelling(rng, len(IDS), 0.05)


def _of(metric: str, values: np.ndarray) -> dict[str, np.ndarray]:
    return columns(METRICS[metric].columns, values)


def _history(world: World, system: str) -> list[dict[str, float]]:
    count = EVALUATIONS if world.there or world.parting else EVALUATIONS // 5
    updates = np.linspace(0, 1000, count + 1)[1:]
    losses = LOSS * (1 + np.exp(-updates / 150))
    if system in world.there:
        losses = LOSS * (2 - updates / world.there[system])
    half = count // 2
    halves = disagreeing(half, max(-world.parting, 0)), half + disagreeing(half, max(world.parting, 0))
    scores = 10 + np.concatenate(halves) / 10
    names = ("update", "valid_nll", "valid_score")
    return [dict(zip(names, row, strict=True)) for row in zip(updates, losses, scores, strict=True)]


def disagreeing(count: int, lost: float) -> np.ndarray:
    """Return an order of so many whose rank correlation with 1, 2, 3 ... is about 1 - ``lost``.

    One is 1 - 6 d / (count^3 - count), with d the squares of all distances. To turn k places round adds
    (k^3 - k) / 3 to them.
    """
    order, left, start = np.arange(float(count)), lost * (count**3 - count) / 6, 0
    for size in range(count, 1, -1):
        if size**3 - size <= 3 * left and start + size <= count:
            order[start : start + size] = order[start : start + size][::-1].copy()
            left, start = left - (size**3 - size) / 3, start + size
    return order


@dataclass(frozen=True)
class Case:
    """How one claim is tried."""

    at: Callable[[float], World]
    """A world in which its effect, in its weakest part, is so large."""
    gap: float
    """How far from the margin an effect is clear of what examples alone do."""
    leads: tuple[str, ...]
    lags: tuple[str, ...] = ()
    examples: bool = True
    """Whether it is about test examples; else about the training history."""
    exact: float = 1e-6
    """How near a world's effect is to what is asked."""

    @property
    def systems(self) -> tuple[str, ...]:
        """Whom it looks at."""
        return (*self.leads, *self.lags)

    @property
    def decodings(self) -> tuple[str, ...]:
        """What it looks at: what tells whether they have learnt, and what its world names."""
        named = [metric.partition(":")[2] for metric in self.at(-0.1).levels]
        return ("beam", "forced", *(name for name, metrics in OF.items() if {*metrics} & {*named}))


def _ahead(lead: str, lag: str, **levels: float) -> Case:
    """Return the case of a lead in percent of these levels; ``_`` stands for a hyphen."""
    named = {name.replace("_", "-"): level for name, level in levels.items()}
    return Case(
        lambda x: World({f"{lead}:{name}": level * (1 + x / 100) for name, level in named.items()}), 5,
        (lead,), (lag,),
    )  # fmt: skip


def _steadier(name: str) -> Case:
    return Case(lambda x: World({f"hard:variance-{name}": 8 * (1 - x / 100)}), 5, ("hard",))


CASES = {
    "attention-beats-a-fixed-vector": _ahead("soft", "mean", bleu=30, cider=5),
    "hard-beats-soft": _ahead("hard", "soft", bleu=30),
    "hard-is-as-good-in-every-bleu": _ahead("hard", "soft", bleu=30),
    "penalty-raises-bleu": _ahead("soft", "soft-unpenalised", bleu=30),
    "penalty-makes-captions-more-descriptive": _ahead(
        "soft", "soft-unpenalised", length=WORDS, distinct_1=0.1, distinct_2=0.2
    ),
    "penalty-evens-attention": Case(
        lambda x: World({"soft:coverage-variance": 0.4 * (1 - x / 100)}), 5, ("soft",), ("soft-unpenalised",)
    ),
    "gate-opens-at-objects": Case(lambda x: World({"soft:gate-objects": 0.5 + x}), 0.1, ("soft",)),
    "equal-lengths-converge-faster": Case(
        lambda x: World(there={"soft": 1000 * (1 - x / 100), "soft-unsorted": 1000}), 20,
        ("soft",), ("soft-unsorted",), examples=False,
    ),
    "equal-lengths-cost-nothing": _ahead("soft", "soft-unsorted", bleu=30),
    "likelihood-and-bleu-part-late": Case(
        lambda x: World(parting=x), 0.3, ("soft",), examples=False, exact=0.01
    ),
    "moving-average-lowers-the-variance": _steadier("baseline"),
    "entropy-lowers-the-variance": _steadier("entropy"),
    "expected-contexts-lower-the-variance": _steadier("mixing"),
    "variance-reduction-pays": _ahead("hard", "hard-bare", bleu=30),
    "soft-is-near-the-marginal": Case(lambda x: World({"soft:kl": -x}), 0.05, ("soft",)),
}  # fmt: skip

MARGINS = {claim.name: claim.margin for claim in PAPER.claims}


def tried(claim: str, *shifts: float, **changed: Any) -> Made:
    """Return records of what a claim needs, its effect so many gaps from the margin, a seed a shift.

    ``changed`` are fields of the worlds; mappings are laid over theirs.
    """
    if not changed:
        return _tried(claim, shifts)
    worlds = [CASES[claim].at(MARGINS[claim] + shift * CASES[claim].gap) for shift in shifts]
    return needed(claim, *(_laid_over(world, changed) for world in worlds))


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
