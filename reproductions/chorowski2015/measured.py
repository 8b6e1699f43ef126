"""What is measured without a verdict: every system and decoding against the length, and the controls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

import numpy as np

from attnbench.evidence import Evidence, NotRun, Part
from attnbench.scoring import Estimate
from reproductions.chorowski2015.effects import (
    FORCED,
    MOST,
    SETS,
    TEN,
    Pieces,
    Way,
    above_chance,
    change,
    percent,
    score,
)

SYSTEMS = ("baseline", "content-smooth", "conv", "conv-smooth")
SEARCHES = ("long", "long-sharp", "long-top-10", "long-narrow", "long-wide")
ALIGNMENTS = ("forced-long", "forced-sharp", "forced-top-10", "forced-narrow", "forced-wide")
BANDS = {"2 or 3": Pieces(2, 4), "5 or 8": Pieces(5, 9), "8 or 11": TEN, "11 or 15": MOST}
"""Two numbers each, so that sets of 25 inputs a number have enough examples."""
SHARPER = {"inverse temperature": "beam-sharp", "best 10": "beam-top-10", "best one": "beam-top-1"}
HALF = 0.5

Measured = Callable[[], Estimate]


def error_by_pieces(evidence: Evidence) -> list[Part]:
    """Error rate of every system and search, on single utterances and on joined ones."""
    return _by_pieces(evidence, "per", "beam", SEARCHES)


def aligned_by_pieces(evidence: Evidence) -> list[Part]:
    """Share of labels that every system aligns, by every normaliser, in single and in joined utterances."""
    return _by_pieces(evidence, "aligned", FORCED, ALIGNMENTS)


def failure_point(evidence: Evidence) -> list[Part]:
    """The length in labels from which on forced alignment finds less than half of them."""
    found = []
    for system in filter(evidence.ran, SYSTEMS):
        for decoding in ALIGNMENTS:
            for test in SETS:
                part = _failure(evidence, Way(system, decoding, test))
                found += [part] if part else []
    return _some(found)


def entropy_of_attention(evidence: Evidence) -> list[Part]:
    """Nats a step of forced attention, in single utterances, in 11 or 15, and the difference."""
    parts: dict[str, Measured] = {}
    for system in filter(evidence.ran, SYSTEMS):
        single = Way(system, FORCED)
        parts[f"{system}, single"] = _scoring(evidence, "entropy", single)
        for test in SETS:
            way = Way(system, "forced-long", test, MOST)
            parts[f"{system}, {test}, 11 or 15"] = _scoring(evidence, "entropy", way)
            parts[f"{system}, {test}, rise"] = _changing(evidence, "entropy", way, single)
    return _those_known(parts)


def what_is_left(evidence: Evidence) -> list[Part]:
    """Labels an input that forced attention finds, and those before its first miss: single, 11 or 15."""
    parts: dict[str, Measured] = {}
    for system in filter(evidence.ran, SYSTEMS):
        for metric, name in {"aligned-count": "found", "prefix": "before the first miss"}.items():
            parts[f"{system}, single, {name}"] = _scoring(evidence, metric, Way(system, FORCED))
            for test in SETS:
                way = Way(system, "forced-long", test, MOST)
                parts[f"{system}, {test}, 11 or 15, {name}"] = _scoring(evidence, metric, way)
    return _those_known(parts)


def smoothing_without_location(evidence: Evidence) -> list[Part]:
    """Errors that smoothing saves content alone, and that location then saves, in percent."""
    steps = {
        "smoothing, without location": ("content-smooth", "baseline"),
        "location, with smoothing": ("conv-smooth", "content-smooth"),
    }
    return [
        Part(name, -percent(evidence, "per", Way(system), Way(other)))
        for name, (system, other) in steps.items()
    ]


def sharpening_on_single_utterances(evidence: Evidence) -> list[Part]:
    """Error rate of every system with sharpened attention minus that as it was trained."""
    return _those_known({
        f"{system}, {name}": _changing(evidence, "per", Way(system, decoding), Way(system))
        for system in filter(evidence.ran, SYSTEMS)
        for name, decoding in SHARPER.items()
    })  # fmt: skip


def what_a_window_saves(evidence: Evidence) -> list[Part]:
    """Error rate of every system on 8 or 11 utterances minus that in a window."""
    return _those_known({
        f"{system}, {test}, {name}": _changing(
            evidence, "per", Way(system, "long", test, TEN), Way(system, f"long-{name}", test, TEN)
        )
        for system in filter(evidence.ran, SYSTEMS)
        for test in SETS
        for name in ("narrow", "wide")
    })  # fmt: skip


def location_without_a_window(evidence: Evidence) -> list[Part]:
    """Error rate of content alone minus that of location-aware attention on 8 or 11, no window."""
    pairs = {"softmax": ("baseline", "conv"), "smooth": ("content-smooth", "conv-smooth")}
    return _those_known({
        f"{name}, {test}": _changing(
            evidence, "per", Way(content, "long", test, TEN), Way(location, "long", test, TEN)
        )
        for name, (content, location) in pairs.items()
        for test in SETS
    })  # fmt: skip


def attention_finds_its_label(evidence: Evidence) -> list[Part]:
    """In single utterances: largest weights within their label, labels aligned, and both above chance."""
    parts: dict[str, Measured] = {}
    chances = {"pointing": "pointing-chance", "aligned": "aligned-uniform"}
    for system in filter(evidence.ran, SYSTEMS):
        for metric, chance in chances.items():
            way = Way(system, FORCED)
            parts[f"{system}, {metric}"] = _scoring(evidence, metric, way)
            parts[f"{system}, {metric}, above chance"] = _beyond(evidence, metric, chance, way)
    return _those_known(parts)


def _by_pieces(evidence: Evidence, metric: str, single: str, decodings: Iterable[str]) -> list[Part]:
    parts: dict[str, Measured] = {}
    for system in filter(evidence.ran, SYSTEMS):
        parts[f"{system}, single"] = _scoring(evidence, metric, Way(system, single))
        for decoding in decodings:
            for test in SETS:
                for name, pieces in BANDS.items():
                    way = Way(system, decoding, test, pieces)
                    parts[f"{system}, {decoding}, {test}, {name}"] = _scoring(evidence, metric, way)
    return _those_known(parts)


def _failure(evidence: Evidence, way: Way) -> Part | None:
    """Return the first edge of lengths from which on less than half is aligned; None where nothing is known.

    A seed for which that is never so stands at the last edge that has enough inputs.
    """
    edges, shares = [], []
    for edge in evidence.task.lengths[0].edges or ():
        try:
            shares.append(evidence.score(way.system, "aligned", way.decoding, way.test, edge, inf))
        except NotRun:
            break
        edges.append(edge)
    if not edges:
        return None
    values, replicates = (
        _first_below(np.stack([getattr(one, name) for one in shares]), np.array(edges, dtype=float))
        for name in ("values", "replicates")
    )
    seeds = shares[0].seeds
    above = np.stack([one.values for one in shares]).min(axis=0) >= HALF
    never = [str(seed) for seed, one in zip(seeds, above, strict=True) if one]
    note = f"never below half up to here with seed {' and '.join(never)}" if never else ""
    estimate = Estimate(seeds, values, replicates, shares[0].examples)
    return Part(f"{way.system}, {way.decoding}, {way.test}", estimate, note=note)


def _first_below(shares: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return (...) the edge (e,) at which shares (e, ...) first are below half; the last one for never."""
    below = shares < HALF
    found: np.ndarray = np.where(below.any(axis=0), edges[below.argmax(axis=0)], edges[-1])
    return found


def _scoring(evidence: Evidence, metric: str, way: Way) -> Measured:
    return lambda: score(evidence, metric, way)


def _changing(evidence: Evidence, metric: str, way: Way, before: Way) -> Measured:
    return lambda: change(evidence, metric, way, before)


def _beyond(evidence: Evidence, metric: str, chance: str, way: Way) -> Measured:
    return lambda: above_chance(evidence, metric, chance, way)


def _those_known(parts: dict[str, Measured]) -> list[Part]:
    """Return those parts for which there are records."""
    found = []
    for name, measure in parts.items():
        try:
            found.append(Part(name, measure()))
        except NotRun:
            continue
    return _some(found)


def _some(parts: list[Part]) -> list[Part]:
    if not parts:
        raise NotRun("no system has enough records of it")
    return parts
