"""Word vectors from a text file of word2vec, GloVe or fastText, plain or gzip: a word and its numbers a line.

Blanks are space and tab, one or more between the word and its numbers and from one number to the next; those
at a line's end count for nothing. A word may hold blanks, as some of GloVe's do, or any other character, such
as U+00A0. Lines end as ``plain`` says. word2vec's and fastText's files begin with a line of two numbers, how
many words follow and how many numbers each has; GloVe's do not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from attnbench.corpora import plain
from attnbench.corpora.text import at_blanks
from attnbench.errors import BadInput

_HEAD = re.compile(r"([0-9]{1,15})[ \t]+([0-9]{1,15})[ \t]*")

_NUMBERS = re.compile(r"[-+.0-9eE ]+")
"""What numbers are written with: no ``nan``, ``1_000`` or digits of other scripts, which Python takes."""

_SEPARATED = {",": "comma-separated values", ";": "semicolon-separated values"}

_FORM = "a line is a word and its numbers with blanks between them, such as: the 0.1 -0.2 0.3"

_BINARY = (
    "if it is word2vec's binary format, convert it, such as with gensim's "
    "KeyedVectors.load_word2vec_format(binary=True).save_word2vec_format(binary=False)"
)


def read(path: Path, words: Collection[str], dimension: int) -> dict[str, np.ndarray]:
    """Return the vectors (dimension,) of those of the words that the file has; the first of two counts.

    Raises ``BadInput`` for a missing, binary, broken or cut file, for vectors of another dimension, and for a
    file that has none of the words.
    """
    name, wanted, word = f"data.vectors={path}", set(words), ""
    found: dict[str, np.ndarray] = {}
    for where, word, numbers in _entries(path, name, dimension):
        if word in wanted and word not in found:
            found[word] = _vector(word, numbers, where)
    if not found:
        raise BadInput(
            f"{name} has none of the corpus' {len(wanted)} words, but words such as {word[:50]!r}; choose "
            "vectors of lower-cased words in the corpus' language, or leave data.vectors out"
        )
    return found


def _entries(path: Path, name: str, dimension: int) -> Iterator[tuple[str, str, str]]:
    """Yield where each entry stands, its word and its numbers, a space between them; count them."""
    promised, count = None, 0
    for number, line in enumerate(plain.lines(path, name, _BINARY), start=1):
        where = f"{name} line {number}"
        if number == 1 and (head := _HEAD.fullmatch(line)) and (dimension > 1 or int(head[2]) == 1):
            promised = int(head[1])
            if int(head[2]) != dimension:
                raise _other_size(where, int(head[2]), dimension, "")
            continue
        line = line.rstrip(" \t").replace("\t", " ")
        if line.count(" ") != dimension:
            line = re.sub(" +", " ", line)
        word, _, numbers = line.partition(" ")
        if line.count(" ") != dimension:
            word, numbers = _cut(line, where, dimension, f"line {number - 1}" if number > 1 else "")
        if not count:
            _vector(word, numbers, where)  # whether wanted or not, it shows what kind of file this is
        count += 1
        yield where, word, numbers
    if promised not in (None, count):
        raise BadInput(f"{name} line 1 says {promised} words, but {count} follow; fetch it again")
    if not count:
        raise BadInput(f"{name} holds no vector; {_FORM}")


def _cut(line: str, where: str, dimension: int, before: str) -> tuple[str, str]:
    """Return a word that may hold blanks, and its numbers; ``before`` names the entry before, if any."""
    pieces = at_blanks(line)
    numbers = _trailing_numbers(pieces)
    if not numbers:
        raise _no_entry(line, where)
    if numbers != dimension:
        raise _other_size(where, numbers, dimension, before)
    return " ".join(pieces[:-dimension]), " ".join(pieces[-dimension:])


def _vector(word: str, numbers: str, where: str) -> np.ndarray:
    if _NUMBERS.fullmatch(numbers):
        with suppress(ValueError), np.errstate(over="ignore"):
            vector = np.array(numbers.split(" "), dtype=np.float32)
            if np.isfinite(vector).all():
                return vector
    raise _no_entry(f"{word} {numbers}", where)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _trailing_numbers(pieces: list[str]) -> int:
    """Return how many numbers a line ends with, its first piece being a word whatever it looks like."""
    places = (place for place, piece in enumerate(reversed(pieces[1:])) if not _is_number(piece))
    return next(places, len(pieces[1:]))


def _other_size(where: str, found: int, wanted: int, before: str) -> BadInput:
    size = f"{where}: a vector has {found} numbers"
    if before:
        return BadInput(f"{size} but that of {before} has {wanted}; fetch the file again")
    return BadInput(f"{size}, but data.dimension is {wanted}; set data.dimension={found}")


def _no_entry(line: str, where: str) -> BadInput:
    """Say what a line looks like that is not a word and its numbers."""
    at_ends = _trailing_numbers(at_blanks(line))
    for sign, kind in _SEPARATED.items():
        between = sum(_is_number(piece.strip(" \"'")) for piece in line.split(sign)[1:])
        if between > at_ends or (not at_ends and line.count(sign) > 1):
            return BadInput(f"{where} looks like {kind}; {_FORM}")
    return BadInput(f"{where} holds something else than a word and its numbers; {_FORM}")
