"""Word vectors from a text file of word2vec or GloVe, plain or gzip: a word and its numbers a line.

word2vec's files begin with a line of two numbers, how many words and how many numbers each; GloVe's do not. A
word may hold blanks, as some of GloVe's do.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Collection
from pathlib import Path

import numpy as np

from attnbench.corpora import plain
from attnbench.errors import BadInput

_LOOKED_AT = 1000


def read(path: Path, words: Collection[str], dimension: int) -> dict[str, np.ndarray]:
    """Return the vectors (dimension,) of those of the words that the file has; the first of two counts.

    Raises ``BadInput`` for a missing, binary or broken file and for vectors of another dimension.
    """
    _refuse_binary(path)
    wanted = set(words)
    found: dict[str, np.ndarray] = {}
    for number, line in enumerate(plain.lines(path), start=1):
        fields = line.rstrip(" ").rsplit(" ", dimension)
        if number == 1 and _is_head(line):
            _check(f"{path} line 1", int(line.split()[1]), dimension)
            continue
        where = f"{path} line {number}"
        if len(fields) != dimension + 1 or (" " in fields[0] and _is_number(fields[0].split(" ")[-1])):
            _check(where, _trailing_numbers(line), dimension)
        word = fields[0].strip(" ")
        if word in wanted and word not in found:
            found[word] = _vector(fields[1:], where)
    return found


def _refuse_binary(path: Path) -> None:
    """Raise ``BadInput`` for a file that cannot be read, and for word2vec's binary format."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(_LOOKED_AT)
    except (OSError, EOFError) as error:
        message = getattr(error, "strerror", None) or error
        raise BadInput(f"data.vectors={path} cannot be read: {message}") from error
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        binary = b"\0" in head
    except UnicodeDecodeError:
        binary = True
    if binary:
        raise BadInput(
            f"data.vectors={path} is not text; if it is word2vec's binary format, convert it, such as with "
            "gensim's KeyedVectors.load_word2vec_format(binary=True).save_word2vec_format(binary=False)"
        )


def _is_head(line: str) -> bool:
    fields = line.split()
    return len(fields) == 2 and all(field.isdecimal() for field in fields)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _trailing_numbers(line: str) -> int:
    """Return how many numbers a line ends with, its first field being a word whatever it looks like."""
    fields = line.split()[1:]
    words = next((place for place, field in enumerate(reversed(fields)) if not _is_number(field)), None)
    return len(fields) if words is None else words


def _check(where: str, found: int, wanted: int) -> None:
    if found != wanted:
        message = f"a vector has {found} numbers, but data.dimension is {wanted}"
        raise BadInput(f"{where}: {message}; set data.dimension={found}")


def _vector(fields: list[str], where: str) -> np.ndarray:
    try:
        vector = np.array(fields, dtype=np.float32)
    except ValueError:
        vector = np.array([np.nan])
    if not np.isfinite(vector).all():
        raise BadInput(f"{where} holds something else than a word and its numbers")
    return vector
