"""The ``data`` and ``decoding`` settings of captioning."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.corpora.text import SPECIAL
from attnbench.settings import SEARCHED, DataSettings, SearchSettings
from attnbench.values import COUNT, GIVEN, MADE, SEED, setting

FITS = ("crop", "squeeze")

USES = ("expected", "argmax", "sampled")

PICTURES = 50
"""At most so many of a test set, spread over it, are looked at where each takes long: what a claim needs."""


@dataclass(frozen=True)
class CaptioningData(DataSettings):
    """Which pictures and captions, and what is seen of them. The defaults are those of Xu et al. (2015)."""

    words: int = setting(10_000, low=len(SPECIAL) + 1, high=10**8, at_most=True)
    """Words of the vocabulary, the unknown word and the end symbol among them."""
    max_length: int = setting(100, low=2, high=COUNT, at_most=True)
    """Training captions of so many words or more are left out."""
    captions: int = setting(5, low=1, high=COUNT, tested=True)
    """The first so many captions of a picture count, for training and as references."""
    encoder: str = setting("", only=GIVEN, tested=True)
    """What makes annotations of pictures: a file NAME.npz of weights with ``layers.json`` beside it, or
    ``torchvision:vgg19``."""
    layer: str = setting("", only=GIVEN, tested=True)
    """The layer of such a file whose outputs are the annotations; empty: the last."""
    side: int = setting(224, low=8, high=2048, only=GIVEN, tested=True)
    """Pixels of a side of the square that is seen of a picture."""
    fit: str = setting("crop", one_of=FITS, only=GIVEN, tested=True)
    """``crop``: the middle of a picture whose shorter side was made a seventh longer than ``side``;
    ``squeeze``: all of it, made square."""
    pool: int = setting(1, low=1, high=1000, only=GIVEN, tested=True)
    """Cells of the grid are averaged, so many by so many."""
    seed: int = setting(0, low=0, high=SEED, only=MADE, tested=True)
    """Of generated scenes, and of the encoder that is trained on them."""
    test_count: int = setting(400, low=1, high=COUNT, only=MADE, tested=True)
    """Generated scenes of the test set."""
    objects: int = setting(6, low=1, high=6, only=MADE, tested=True)
    """The most objects of a generated scene."""
    references: int = setting(4, low=1, high=100, only=MADE, tested=True)
    """Captions of a generated scene."""
    trunk_updates: int = setting(1200, low=1, high=COUNT, only=MADE, tested=True)
    """Updates of the encoder of generated scenes."""


@dataclass(frozen=True)
class CaptioningDecoding(SearchSettings):
    """How captions are searched for."""

    normalise: bool = setting(False, only=SEARCHED)
    """Rank finished hypotheses by log-probability a word (end symbol included)."""
    max_length: int = setting(30, low=1, high=10_000)
    """Longest caption, in words and the end symbol."""
    attention: str = setting("expected", one_of=USES)
    """How attention that was trained by draws is used: ``expected``, weights as in soft attention;
    ``argmax``, all on the likeliest place; ``sampled``, all on one that is drawn."""
