"""How words inflect: regular rules; the lexicon writes out what they do not cover."""

from __future__ import annotations

from functools import cache

VOWELS = frozenset("aeiouyàâéèêëîïôœAEIOUÉ")

ASPIRATED = frozenset(
    (
        "héros",
        "hibou",
        "hiboux",
        "hache",
        "haches",
        "haricot",
        "haricots",
        "haie",
        "haies",
        "haut",
        "haute",
        "hauts",
        "hautes",
        "huit",
    )
)
"""French forms that begin with a vowel sound in writing only: nothing elides before them."""

SILENT_H = frozenset({"hour", "hours", "honest"})
"""English words spelt with a consonant that take ``an``."""

SOUNDED_VOWEL = frozenset({"useful", "european"})
"""English words spelt with a vowel that take ``a``."""


@cache
def elides(form: str) -> bool:
    """Return whether a French word elides the one before it: a vowel or a mute h."""
    return form not in ASPIRATED and (form[0] in VOWELS or form[0] in "hH")


def takes_an(form: str) -> bool:
    """Return whether an English word takes ``an``."""
    return form in SILENT_H or (form[0] in "aeiou" and form not in SOUNDED_VOWEL)


def add_s(base: str) -> str:
    """Return an English plural or third person: box, boxes; story, stories."""
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def add_ed(base: str) -> str:
    """Return an English past: close, closed; carry, carried."""
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + "ed"


_PLURALS = {"travail": "travaux", "œil": "yeux", "bijou": "bijoux", "joyau": "joyaux", "caillou": "cailloux"}
_PLURALS |= {"hibou": "hiboux", "bal": "bals", "bleu": "bleus"}


def french_plural(form: str) -> str:
    """Return the plural of a French noun or masculine adjective: -al, -aux; -eau, -eaux; -s, -x, -z stay."""
    if form in _PLURALS:
        return _PLURALS[form]
    if form[-1] in "sxz":
        return form
    if form.endswith("al"):
        return form[:-1] + "ux"
    if form.endswith(("eau", "eu")):
        return form + "x"
    return form + "s"


def feminine(form: str) -> str:
    """Return the regular feminine of a French adjective: léger, légère; heureux, heureuse; actif, active."""
    if form.endswith("e"):
        return form
    if form.endswith("er"):
        return form[:-2] + "ère"
    if form.endswith("eux"):
        return form[:-1] + "se"
    if form.endswith("f"):
        return form[:-1] + "ve"
    if form.endswith(("en", "on")):
        return form + "ne"
    return form + "e"


def agreeing(masculine: str, feminine_form: str = "") -> tuple[str, str, str, str]:
    """Return masculine, feminine, masculine plural, feminine plural of an adjective or participle."""
    she = feminine_form or feminine(masculine)
    return masculine, she, french_plural(masculine), french_plural(she)


def present(infinitive: str, stressed: str = "") -> tuple[str, str, str, str]:
    """Return the present of a regular verb for je, il, nous and ils.

    ``stressed`` is the stem where the ending is silent, if it differs: achet-er, achèt-e.
    """
    stem = infinitive[:-2]
    if infinitive.endswith("er"):
        soft = stem + "e" if stem[-1] == "g" else stem[:-1] + "ç" if stem[-1] == "c" else stem
        silent = stressed or stem
        return silent + "e", silent + "e", soft + "ons", silent + "ent"
    if infinitive.endswith("ir"):
        return stem + "is", stem + "it", stem + "issons", stem + "issent"
    return stem + "s", stem, stem + "ons", stem + "ent"


def participle(infinitive: str) -> str:
    """Return the past participle of a regular verb: trouvé, choisi, vendu."""
    return infinitive[:-2] + {"er": "é", "ir": "i", "re": "u"}[infinitive[-2:]]
