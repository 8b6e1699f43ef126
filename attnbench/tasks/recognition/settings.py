"""The ``data`` and ``decoding`` settings of recognition."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attnbench.corpora.speech.phones import WAYS
from attnbench.settings import SEARCHED, DataSettings, SearchSettings
from attnbench.values import COUNT, FILES, GIVEN, MADE, SEED, Only, setting

LABELS = ("phones", "words")

_OF_PHONES = Only(
    "data.labels=phones from files or a hub",
    lambda here: GIVEN.holds(here) and here.settings.data.labels == "phones",
)


@dataclass(frozen=True)
class RecognitionData(DataSettings):
    """Which utterances, and what is heard of them. The defaults are those of Chorowski et al. (2015)."""

    labels: str = setting("phones", one_of=LABELS, only=GIVEN, tested=True)
    """What is recognised: ``phones``, or ``words``, such as digits."""
    phones: str = setting("given", one_of=WAYS, only=_OF_PHONES, tested=True)
    """``given``: as they are written; ``39``: folded as TIMIT's are; ``spoken``: so, and without silence."""
    strings: int = setting(0, low=0, high=10_000, only=FILES, tested=True)
    """Join one to so many recordings of a speaker to an utterance, such as digits to strings; 0: none."""
    inventory: int = setting(24, low=8, high=38, only=MADE, tested=True)
    """Phones of generated speech."""
    test_count: int = setting(400, low=1, high=COUNT, only=MADE, tested=True)
    """Generated utterances of the test set."""
    joined_per_count: int = setting(20, low=0, high=COUNT, tested=True)
    """Inputs of the test sets ``repeated`` and ``mixed`` for each number of joined utterances; 0: no such
    sets."""
    seed: int = setting(0, low=0, high=SEED, tested=True)
    """Of generated speech, and of what is joined."""
    frame_shift: float = setting(10.0, low=1, high=200, tested=True)
    """Milliseconds from one frame to the next."""
    mel: int = setting(40, low=4, high=100, tested=True)
    """Mel filter banks; with the energy, and first and second differences, a frame is 3 (mel + 1) numbers."""


@dataclass(frozen=True)
class RecognitionDecoding(SearchSettings):
    """How labels are searched for, and how the alignment of a trained model is changed meanwhile."""

    beam: int = setting(10, low=1, high=10_000)
    """Hypotheses an utterance; 1 is greedy."""
    normalise: bool = setting(False, only=SEARCHED)
    """Rank finished hypotheses by log-probability a label (end symbol included)."""
    widest: int = setting(40, low=0, high=10_000)
    """A beam that finds no end is doubled up to this; with no more than the beam, never."""
    max_length_ratio: float = setting(1 / 3, low=0.001, high=100)
    """Longest output, in labels a frame."""
    batch_frames: int = setting(2**14, low=0, high=COUNT, neutral=True)
    """The most that the inputs decoded together times the longest may be, in frames; 0: no bound. It bounds
    memory, and what is spent on the padding of joined inputs."""
    beta: float = setting(1.0, above=0, high=1000)
    """Inverse temperature of the alignment."""
    keep: int = setting(0, low=0, high=COUNT)
    """Frames with the largest energies that alone get weight; 0: all."""
    window: float = setting(0.0, above=0, high=1000, or_zero=True)
    """Frames seen to either side of the median of the alignment before, in mean lengths of a training input;
    0: all."""

    def trained(self) -> RecognitionDecoding:
        """Return the same with outputs of a usual length at most, and one beam."""
        return replace(self, max_length_ratio=min(self.max_length_ratio, 0.15), widest=0)
