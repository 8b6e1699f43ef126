"""Languages as BCP 47 names them (``fr``, ``fr-CA``, ``zh-Hans``), and the rules that text is cut by in each.

The rules are those of Moses, through sacremoses, chosen by the first subtag of a name: ``_`` counts as ``-``,
case does not matter, and the three letters of ISO 639 (``fra``, ``fre``) and English names (``french``) stand
for the two letters. Regions and scripts choose nothing. What sacremoses has:

- lists of abbreviations that keep their full stop, for 38 languages; all others have that of English;
- apostrophes: it ``'s`` in English, l' homme in French and Italian; elsewhere each stands alone, l ' aigua;
- Chinese and Japanese are not cut where no blank stands, so that a sentence without blanks is one word, while
  Korean is cut at its blanks; in every other language a Chinese character or Korean syllable in the text is a
  word of its own.

``notes`` tells which of this a reader should know.
"""

from __future__ import annotations

import re
from functools import cache

from attnbench.errors import BadInput

_CODES = {
    "as": "asm", "bn": "ben", "ca": "cat", "cs": "ces cze", "de": "deu ger", "el": "ell gre", "en": "eng",
    "es": "spa", "et": "est ekk", "fi": "fin", "fr": "fra fre", "ga": "gle", "gu": "guj", "hi": "hin",
    "hu": "hun", "is": "isl ice", "it": "ita", "ja": "jpn japanese", "kn": "kan", "ko": "kor korean",
    "lt": "lit", "lv": "lav lvs", "ml": "mal", "mr": "mar", "nl": "nld dut", "or": "ori ory", "pa": "pan",
    "pl": "pol", "pt": "por", "ro": "ron rum", "ru": "rus", "sk": "slk slo", "sl": "slv", "sv": "swe",
    "ta": "tam", "te": "tel", "zh": "zho chi cmn",
}  # fmt: skip
"""The three letters of ISO 639-2 and 639-3 of the languages that sacremoses has rules for."""

_UNCUT = {"zh", "yue", "ja", "th", "tha", "lo", "lao", "km", "khm", "my", "mya", "bur"}
"""Written without blanks between words."""

_MISSING = {
    "ca": "apostrophes stand alone, l ' aigua",
    "ga": "apostrophes stand alone, d ' ól",
    "fi": "a colon inside a word stands alone, EU : ssa",
    "sv": "a colon inside a word stands alone, USA : s",
    "yue": "each Chinese character is a word",
    "zh": "characters without blanks between them are one word; cut them first, and set data.tokenizer=none",
    "ja": "characters without blanks between them are one word; cut them first, and set data.tokenizer=none",
}
"""What sacremoses does, in languages that it has rules for, other than a reader of them would expect."""


def pair(text: str) -> tuple[str, str]:
    """Return source and target of ``SOURCE-TARGET``, or of ``SOURCE:TARGET`` where a name has a hyphen.

    They are the endings of files or the names of columns. Raises ``BadInput`` for any other text, and where
    both are one.
    """
    parts = [part.strip() for part in text.split(":" if ":" in text else "-")]
    if len(parts) != 2 or not all(part.strip(".") for part in parts):
        raise BadInput(
            f"data.languages={text!r} is not SOURCE-TARGET, such as en-fr, or SOURCE:TARGET where a name "
            "has a hyphen, such as en:zh-CN"
        )
    source, target = parts
    for name in parts:
        if not name.isprintable() or "/" in name or name.lower().split(".")[-1] in ("align", "gz"):
            raise BadInput(f"data.languages={text!r}: {name!r} cannot be the ending of a language's files")
    if _plain(source) == _plain(target):
        raise BadInput(
            f"data.languages={text!r} reads {source!r} as both sides; name two languages, such as en-fr"
        )
    return source, target


def rules(name: str) -> str:
    """Return the language whose rules sacremoses is to use: two letters where there are, such as ``fr``.

    One that it does not know is returned as its first subtag, for which sacremoses has general rules.
    """
    first = re.split("[-.@]", _plain(name))[0]
    return _spellings().get(first, first)


def notes(*names: str) -> list[str]:
    """Return what a reader must know of how text in these languages is cut by Moses' rules, a line each."""
    return [f"tokeniser: {name}: {note}" for name in names if (note := _note(rules(name)))]


def _note(language: str) -> str:
    if language in _spellings().values() and language != "ko":
        return _MISSING.get(language, "")
    told = "Moses has no rules for it; abbreviations are those of English, apostrophes stand alone"
    if language in _UNCUT:
        told += "; words without blanks between them are not cut; cut them first, and set data.tokenizer=none"
    return told


def _plain(name: str) -> str:
    return name.replace("_", "-").casefold()


@cache
def _spellings() -> dict[str, str]:
    """Return every spelling of the languages that sacremoses has rules for, and the one that it takes."""
    from sacremoses.corpus import NonbreakingPrefixes

    spellings = {code: two for two, codes in _CODES.items() for code in (two, *codes.split())}
    return spellings | NonbreakingPrefixes().available_langs
