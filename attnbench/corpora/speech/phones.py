"""Phones: how they are written, and TIMIT's 61 folded onto 39 as its results are usually given.

The table is that of the code of Chorowski et al. (2015): closures and pauses are ``sil``, and ``q``, the
glottal stop, is deleted. Phones outside it stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

WAYS = ("given", "39", "spoken")
"""As they are written; folded onto 39; so, but without ``sil``, and with ``dx``, a flap, as ``t``: what a
lexicon's phones have in common with TIMIT's."""

PAUSE = "pau"
"""The label of silence between two utterances."""

SILENCE = "sil"

_SAME = "aa ae ah aw ay b ch d dh dx eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z"
"""Those that are the same among the 39."""

_INTO = {
    SILENCE: "bcl dcl gcl pcl tcl kcl pau epi h#",
    "aa": "ao",
    "ah": "ax ax-h",
    "er": "axr",
    "l": "el",
    "m": "em",
    "n": "en nx",
    "ng": "eng",
    "hh": "hv",
    "ih": "ix",
    "uw": "ux",
    "sh": "zh",
    "": "q",
}

FOLDING = {phone: phone for phone in [SILENCE, *_SAME.split()]} | {
    phone: into for into, phones in _INTO.items() for phone in phones.split()
}
"""What each of TIMIT's 61 phones is among the 39; empty for the one that is deleted."""

_SPOKEN = {"dx": "t", SILENCE: ""}


def parsed(text: str) -> list[str]:
    """Return phones that stand between blanks: lower case, stress digits and ``|`` between words dropped.

    >>> parsed("W IY0 | K AO1 L")
    ['w', 'iy', 'k', 'ao', 'l']
    """
    phones = (re.sub("(?<=[a-z])[0-9]+$", "", phone) for phone in text.lower().split())
    return [phone for phone in phones if phone != "|"]


def folded(labels: Sequence[str], ends: Sequence[int] | None, way: str) -> tuple[list[str], list[int] | None]:
    """Return phones folded in one of ``WAYS``, and where each ends.

    Args:
        labels: phones.
        ends: the sample after the last one of each; None where that is not known.
        way: one of ``WAYS``.

    The span of a phone that is deleted joins the phone before it, or the first where there is none before.
    """
    if way == "given":
        return list(labels), None if ends is None else list(ends)
    kept, bounds = [], []
    for place, label in enumerate(labels):
        phone = FOLDING.get(label, label)
        phone = _SPOKEN.get(phone, phone) if way == "spoken" else phone
        end = ends[place] if ends is not None else 0
        if phone:
            kept.append(phone)
            bounds.append(end)
        elif kept:
            bounds[-1] = end
    return kept, None if ends is None else bounds


def pause(known: Collection[str]) -> str:
    """Return what silence between utterances is called where some labels are known; empty: nothing.

    Labels that have no word for silence, such as words, get none: a model could not know it.
    """
    return next((label for label in (PAUSE, SILENCE) if label in known), "")
