"""What the words of a caption are."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(
    r"""
    (?<!\S)'(?:s|m|d|re|ve|ll)\b        # as text has it that was cut already: the man 's hat
    | [^\W_]+ (?: ['-] [^\W_]+ )*       # a word or a number, with what is inside it: t-shirt, don't
    | [^\w\s] | _                       # a punctuation mark
    """,
    re.VERBOSE,
)


def words(caption: str) -> list[str]:
    """Return the words of a caption in lower case; each punctuation mark is a word of its own.

    The words of a caption that is cut already, with blanks between its words, are those words, and the words
    of words with a blank between them are the same again. Characters that show nothing are dropped.

    >>> words("A boy's T-shirt, red.")
    ['a', "boy's", 't-shirt', ',', 'red', '.']
    >>> words("the man 's hat .")
    ['the', 'man', "'s", 'hat', '.']
    """
    lowered = unicodedata.normalize("NFC", caption.lower()).replace("’", "'")
    shown = "".join(letter for letter in lowered if letter.isspace() or letter.isprintable())
    return _WORD.findall(shown)
