"""The phones that are spoken, as targets of sources and filters.

Formants of vowels are round numbers near those that phonetics books print for men; those of the other phones
are where the tract stands, so that the formants of a neighbouring vowel point there.
"""

from __future__ import annotations

import math
from typing import NamedTuple

SILENCE = "sil"
OFF = -math.inf

Formants = tuple[float, float, float]
Band = tuple[float, float]


class Part(NamedTuple):
    """A stretch of a phone during which its targets stay."""

    length: float
    """Milliseconds, on average, of a speaker of rate 1."""
    formants: Formants | None = None
    """The lowest three resonances, in Hz; None: the tract is on its way to what follows."""
    voice: float = OFF
    """Decibels of the voice, through the formants, relative to a vowel; so are the other two."""
    breath: float = OFF
    """Decibels of noise through the formants."""
    hiss: float = OFF
    """Decibels of noise through ``band``."""
    band: Band | None = None
    """Middle and width, in Hz, of the noise of a narrow place."""
    width: float = 1.0
    """By how much the formants are wider than a vowel's."""


Phone = tuple[Part, ...]

_LIPS: Formants = (280.0, 900.0, 2200.0)
_TEETH: Formants = (290.0, 1350.0, 2550.0)
_RIDGE: Formants = (300.0, 1750.0, 2700.0)
_VELUM: Formants = (280.0, 2050.0, 2350.0)
_PALATE: Formants = (290.0, 1950.0, 2600.0)
_S, _SH, _F, _TH = (5600.0, 2000.0), (3100.0, 1600.0), (4200.0, 5600.0), (5400.0, 4800.0)


def _vowel(length: float, first: float, second: float, third: float, voice: float = 0.0) -> Phone:
    return (Part(length, (first, second, third), voice),)


def _glide(length: float, start: Formants, end: Formants) -> Phone:
    """Return a diphthong: two targets and the way between them."""
    return Part(0.4 * length, start, 0.0), Part(0.3 * length, None, 0.0), Part(0.3 * length, end, -2.0)


def _nasal(place: Formants) -> Phone:
    return (Part(65, (270.0, *place[1:]), -6.0, width=2.2),)


def _voiceless(place: Formants, burst: Band, level: float) -> Phone:
    """Return a stop: silence, a burst, and breath while the tract opens."""
    return Part(46, place), Part(13, place, hiss=level, band=burst), Part(21, breath=-15.0)


def _voiced(place: Formants, burst: Band, level: float) -> Phone:
    """Return a stop with a weak, dull voice behind the closed lips or tongue, and a burst."""
    closed = Part(45, (200.0, *place[1:]), -19.0, width=4.0)
    return closed, Part(15, place, -12.0, hiss=level, band=burst)


def _fricative(length: float, place: Formants, band: Band, hiss: float, voice: float = OFF) -> Phone:
    return (Part(length, place, voice, hiss=hiss, band=band, width=1.5),)


VOWELS: dict[str, Phone] = {
    "aa": _vowel(115, 740, 1130, 2450, 1),
    "iy": _vowel(105, 280, 2270, 3000, -2),
    "uw": _vowel(105, 310, 900, 2240, -2),
    "eh": _vowel(90, 550, 1820, 2500),
    "ae": _vowel(120, 680, 1720, 2420, 1),
    "ih": _vowel(80, 400, 1980, 2570, -1),
    "er": _vowel(110, 490, 1320, 1680, -1),
    "ah": _vowel(85, 620, 1220, 2420),
    "uh": _vowel(80, 440, 1040, 2260, -1),
    "ey": _glide(125, (480, 2000, 2600), (320, 2250, 2900)),
    "ay": _glide(140, (720, 1250, 2500), (400, 2050, 2650)),
    "ow": _glide(125, (520, 980, 2400), (360, 820, 2300)),
    "aw": _glide(140, (720, 1350, 2450), (430, 950, 2300)),
    "oy": _glide(140, (500, 850, 2400), (380, 2000, 2600)),
}

CONSONANTS: dict[str, Phone] = {
    "p": _voiceless(_LIPS, (1100.0, 1600.0), -17.0),
    "t": _voiceless(_RIDGE, (4600.0, 2800.0), -9.0),
    "k": _voiceless(_VELUM, (2100.0, 900.0), -11.0),
    "b": _voiced(_LIPS, (900.0, 1400.0), -20.0),
    "d": _voiced(_RIDGE, (4400.0, 2800.0), -14.0),
    "g": _voiced(_VELUM, (2000.0, 900.0), -15.0),
    "dx": (Part(28, (330.0, *_RIDGE[1:]), -12.0, width=2.0),),
    "ch": (Part(42, _PALATE), Part(63, _PALATE, hiss=-8.0, band=_SH, width=1.5)),
    "jh": (Part(38, (200.0, *_PALATE[1:]), -19.0, width=4.0),
           Part(47, _PALATE, -13.0, hiss=-12.0, band=_SH, width=1.5)),
    "s": _fricative(100, _RIDGE, _S, -8.0),
    "z": _fricative(75, _RIDGE, _S, -13.0, -11.0),
    "sh": _fricative(100, _PALATE, _SH, -6.0),
    "f": _fricative(88, _LIPS, _F, -19.0),
    "v": _fricative(62, _LIPS, _F, -23.0, -9.0),
    "th": _fricative(82, _TEETH, _TH, -20.0),
    "dh": _fricative(52, _TEETH, _TH, -25.0, -8.0),
    "hh": (Part(58, breath=-14.0),),
    "m": _nasal(_LIPS),
    "n": _nasal(_RIDGE),
    "ng": _nasal(_VELUM),
    "l": (Part(62, (350.0, 1050.0, 2800.0), -4.0, width=1.3),),
    "r": (Part(62, (340.0, 1150.0, 1550.0), -4.0, width=1.3),),
    "w": (Part(60, (310.0, 680.0, 2150.0), -5.0, width=1.3),),
    "y": (Part(58, (280.0, 2250.0, 2950.0), -5.0, width=1.3),),
}  # fmt: skip

SPOKEN = {**VOWELS, **CONSONANTS, SILENCE: (Part(55),)}
"""Every phone's parts. All names are their own in TIMIT's folding to 39."""

ORDER = (
    "aa", "iy", "uw", "s", "n", "t", "m", "k", "eh", "l", "b", "sh", "p", "d", "ae", "r", "f", "g", "ih", "z",
    "w", "er", "v", "ah", "hh", "ey", "y", "ng", "ay", "th", "ow", "dh", "ch", "uh", "jh", "aw", "oy", "dx",
)  # fmt: skip
"""Phones, but for silence, as a growing inventory takes them in."""

FEWEST = 8
"""The smallest inventory that has syllables of all kinds."""
