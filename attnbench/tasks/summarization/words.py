"""From a text to its tokens, and from a token to the word that models know."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from attnbench.corpora.text import SPECIAL, UNKNOWN, at_blanks

TOKENIZERS = ("treebank", "none")

NUMBERS = ("digits", "words")

_UNKNOWN = (SPECIAL[UNKNOWN], "UNK")
"""How texts spell a word that was taken out of them."""

_WHOLE = re.compile(r"#|\ue000|^(<unk>|UNK|``|'')$")
"""What a token holds, or is, that is left as it stands: numbers without their digits, and what some tokeniser
made."""

_IN_ITS_PLACE = "\ue000"
"""Stands for such a token while the others are cut: a character that no language uses."""

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[\d#]")


def tokens(text: str, tokenizer: str) -> list[str]:
    """Return the tokens of a text as they are written.

    ``none`` cuts at blanks, see ``text.at_blanks``. ``treebank`` follows the Penn Treebank, as Rush et al.
    did, and cuts at every blank of Unicode; a text that is tokenised already keeps its tokens, but for a word
    in a thousand.
    """
    found = at_blanks(text)
    if tokenizer == "none":
        return found
    whole = iter([token for token in found if _WHOLE.search(token)])
    line = " ".join(_IN_ITS_PLACE if _WHOLE.search(token) else token for token in found)
    return [next(whole) if token == _IN_ITS_PLACE else token for token in _treebank()(line)]


@lru_cache
def _treebank() -> Callable[[str], list[str]]:
    from nltk.tokenize import TreebankWordTokenizer

    cut: Callable[[str], list[str]] = TreebankWordTokenizer().tokenize
    return cut


def normalised(token: str, numbers: str) -> str:
    """Return a token as models know it: lower-cased, digits as ``#``, an unknown word as ``<unk>``.

    ``numbers`` is ``digits``, where each digit is one ``#``, or ``words``, where a token with a digit, or
    with ``#``, is ``##``.

    >>> [normalised(token, "digits") for token in ("U.S.", "4,500", "UNK")]
    ['u.s.', '#,###', '<unk>']
    """
    if token in _UNKNOWN:
        return SPECIAL[UNKNOWN]
    if numbers == "words":
        return "##" if _NUMBER.search(token) else token.lower()
    return _DIGIT.sub("#", token.lower())
