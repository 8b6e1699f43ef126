"""Utterances joined to longer ones, and the test sets that show how models fare on those."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from datasets import Dataset

from attnbench.corpora.speech import RATE
from attnbench.corpora.speech.phones import PAUSE, pause
from attnbench.errors import BadInput

COUNTS = (1, 2, 3, 5, 8, 11, 15)
"""Of how many utterances the long inputs are joined; the paper's go up to 15."""

SILENCE = RATE // 20
"""Samples between two utterances: 0.05 s, as in the paper."""

FADE = RATE // 100
"""Samples over which an utterance fades into the silence, and out of it: 10 ms, of our choice."""


class Utterance(NamedTuple):
    """Sound and what is heard in it."""

    sound: np.ndarray
    """(samples,) of 16-bit integers, mono, ``RATE`` a second."""
    labels: list[str]
    ends: list[int] | None
    """The sample after the last one of each label; None where that is not known."""


def joined(utterances: Sequence[Utterance], between: str = PAUSE) -> Utterance:
    """Return utterances in a row, with 0.05 s of silence between them that each cross-fades with.

    The silence is labelled ``between``, and is one with labels of that name that it lies between; where that
    is empty it belongs to the label before. It holds noise as quiet as the quietest part of the utterances:
    digital silence has an energy that no recording has. One utterance alone stays as it is.
    """
    last = len(utterances) - 1
    sounds: list[np.ndarray] = []
    labels: list[str] = []
    ends: list[int] = []
    start, noise = 0, _Noise(utterances)
    for place, one in enumerate(utterances):
        sounds.append(_faded(one.sound, noise, into=place > 0, out=place < last))
        one_silence = bool(labels and one.labels and between == labels[-1] == one.labels[0])
        if one_silence:
            labels.pop()
            ends = ends[:-1]
        labels += one.labels
        ends += [start + end for end in one.ends or ()]
        start += len(one.sound)
        if place == last:
            break
        sounds.append(noise(SILENCE))
        start += SILENCE
        if between and not (one.labels and one.labels[-1] == between):
            labels.append(between)
            ends.append(start)
        elif ends:
            ends[-1] = start
    timed = all(one.ends is not None for one in utterances)
    whole = np.concatenate([sounds[0], *sounds[1:]])
    return Utterance(np.rint(whole).astype(np.int16), labels, ends if timed else None)


class _Noise:
    """Noise as quiet as the quietest hundredth of a second of some utterances."""

    def __init__(self, utterances: Sequence[Utterance]) -> None:
        parts = [one.sound[: len(one.sound) // FADE * FADE].reshape(-1, FADE) for one in utterances]
        levels = np.concatenate([part.astype(np.float64).std(axis=1) for part in parts])
        self._level = levels.min(initial=np.inf, where=levels > 0)
        self._level = self._level if np.isfinite(self._level) else 0.0
        self._draw = np.random.default_rng(len(utterances))

    def __call__(self, samples: int) -> np.ndarray:
        return self._draw.normal(0.0, self._level, samples)


def _faded(sound: np.ndarray, noise: _Noise, into: bool, out: bool) -> np.ndarray:
    """Return a sound that rises from noise, and falls to it, in a line."""
    ramp = (np.arange(min(FADE, len(sound) // 2)) + 1) / (FADE + 1)
    share = np.ones(len(sound))
    if into:
        share[: len(ramp)] *= ramp
    if out:
        share[len(sound) - len(ramp) :] *= ramp[::-1]
    fading = share < 1
    faded = sound.astype(np.float64)
    faded[fading] = share[fading] * faded[fading] + (1 - share[fading]) * noise(int(fading.sum()))
    return faded


def experiment(
    test: Dataset, per_count: int, counts: Sequence[int] = COUNTS, seed: int = 0
) -> dict[str, Iterator[dict[str, Any]]]:
    """Return the rows of the test sets ``repeated`` and ``mixed``, drawn as they are asked for.

    Args:
        test: a split of utterances.
        per_count: how many inputs are made of each number of utterances; fewer where there are not so many
            utterances. Those of every number begin with the same utterances.
        counts: the numbers of utterances.
        seed: draws the first utterances, and those that follow.

    A row of ``repeated`` is one utterance again and again, one of ``mixed`` different ones, where more follow
    the same that fewer have. Ids end in ``x`` and the number. Raises ``BadInput`` for too few utterances.
    """
    if len(test) < max(counts):
        raise BadInput(
            f"test inputs of {max(counts)} different utterances cannot be joined of {len(test)}; "
            "name a test set with more in data.test, or set data.joined_per_count=0"
        )
    draw = random.Random(seed)
    firsts = draw.sample(range(len(test)), min(per_count, len(test)))
    rows = [[first, *_others(draw, len(test), first, max(counts) - 1)] for first in firsts]
    between = pause({label for labels in test["labels"] for label in labels.split()})
    repeated = [(row[:1] * count) for count in counts for row in rows]
    mixed = [row[:count] for count in counts for row in rows]
    make = partial(_joined_rows, test, between)
    return {"repeated": make(repeated), "mixed": make(mixed)}


def _others(draw: random.Random, size: int, first: int, count: int) -> list[int]:
    """Return so many different numbers below ``size``, ``first`` not among them."""
    return [number + (number >= first) for number in draw.sample(range(size - 1), count)]


def _joined_rows(test: Dataset, between: str, rows: Sequence[Sequence[int]]) -> Iterator[dict[str, Any]]:
    for places in rows:
        read: Callable[[int], dict[str, Any]] = test.with_format(None).__getitem__
        found = [read(place) for place in places]
        whole = joined([utterance(one) for one in found], between)
        row = {"id": f"{found[0]['id']}x{len(places)}", "sound": whole.sound.astype("<i2").tobytes()}
        row["labels"] = " ".join(whole.labels)
        yield row | ({} if whole.ends is None else {"ends": whole.ends}) | {"pieces": len(places)}


def utterance(row: dict[str, Any]) -> Utterance:
    """Return a row of a corpus as an utterance."""
    return Utterance(np.frombuffer(row["sound"], "<i2"), row["labels"].split(), row.get("ends"))
