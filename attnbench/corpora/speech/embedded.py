"""The speech that is made here. No file, no network; the same seed gives the same bytes.

A sound of 16,000 samples a second, made by a voice of sources and filters (``voice``), so that it is known
to the sample where each phone lies. An utterance has 4 to 14 phones, all numbers as likely, of whole
syllables as English makes them, with silence (``sil``) of 30 to 100 ms before and behind and, at three in ten
borders of syllables, of 40 to 250 ms within. Each has a speaker of its own: pitch, length of the vocal tract,
rate, loudness, breath, and the noise of the place. Phones and times are the same on every machine; sounds are
summed up in 64 bits, so that what machines round in their own ways is gone in samples of 16.

The default inventory has 8 vowels, 6 stops, 5 fricatives, 2 nasals and 3 approximants. Phones differ from
their neighbours as in speech: by voice, by place, by a formant, which may miss its target by 12 percent. A
long tract makes the vowels of a short one out of others; stops are told by a burst of 15 ms and by the way of
the formants from and to them.

How this differs from recorded speech: nobody mumbles, no phone is dropped, and how one sounds depends on its
two neighbours alone. Phones make no words, so that a model of the language gains little. Utterances are
short, so that fifteen in a row are far beyond training, as in the paper. Silences within are as
long as those where utterances are joined, so that silence tells nothing of the end: where there was little of
it within, models ended at the first joint, and the length of inputs decided nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import DatasetDict, Features, List, Value

from attnbench.corpora.generated import Seen, attempts, require_room, write_splits
from attnbench.corpora.speech import voice
from attnbench.corpora.speech.voice import speaker
from attnbench.corpora.speech.voice.inventory import CONSONANTS, ORDER, SILENCE, VOWELS

FEATURES = Features(
    {
        "id": Value("string"),
        "sound": Value("binary"),
        "labels": Value("string"),
        "ends": List(Value("int32")),
        "pieces": Value("int32"),
    }
)

BYTES = 20_000
"""An utterance on the disk, at the least."""

AT_ONCE = 100
"""Utterances that are held before they are written."""

Row = tuple[Any, ...]


def speech(
    seed: int = 0, *, train: int = 4000, valid: int = 300, test: int = 400, inventory: int = 24,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return utterances with the times of their phones.

    Args:
        seed: changes every utterance; how a phone is made stays.
        train, valid, test: utterances in these splits.
        inventory: how many phones, beside silence, there are: the first of ``inventory.ORDER``.
        scratch: see ``generated.write_splits``.

    No sequence of phones is in two splits, and none is twice in ``test`` or in ``valid``; ``train`` may
    repeat its own, by another speaker. The test set is the same whatever the sizes of the others, and
    ``valid`` whatever that of ``train``. Raises ``BadInput`` for more than there is room for, and where there
    are no more sequences.
    """
    require_room(train + valid + test, BYTES, valid + test, scratch, "data.test_count")
    seen = Seen()
    sizes = {"test": test, "valid": valid, "train": train}
    splits = {name: _utterances(seed, name, number, inventory, seen) for name, number in sizes.items()}
    return write_splits(splits, FEATURES, scratch, ("train", "valid", "test"), AT_ONCE)


def _utterances(seed: int, split: str, number: int, inventory: int, seen: Seen) -> Iterator[Row]:
    """Yield utterances; none has a sequence of phones in ``seen``.

    Sequences are added to ``seen``, but for ``train``.
    """
    rng = random.Random(f"{seed}/{split}")
    for place in range(number):
        for _ in attempts("utterances", "data.test_count"):
            phones = voice.words(rng, inventory)
            spoken = " ".join(phone for phone in phones if phone != SILENCE)
            if spoken not in seen:
                break
        if split != "train":
            seen.add(spoken)
        said = voice.say(phones, speaker.draw(rng), rng)
        yield f"{split}/{place}", said.sound.astype("<i2").tobytes(), " ".join(phones), said.ends, 1


def description() -> str:
    """Return a few lines on the corpus."""
    fewest, most = voice.LENGTHS
    return (
        "Synthesised speech with the times of its phones; made from the seed, a speaker an utterance.\n"
        f"{len(VOWELS)} vowels and {len(CONSONANTS)} consonants at most; data.inventory takes the first of: "
        f"{' '.join(ORDER)}; and {SILENCE}.\n"
        f"An utterance has {fewest} to {most} phones and lasts about a second."
    )
