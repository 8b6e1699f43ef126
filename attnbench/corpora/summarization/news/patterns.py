"""Patterns: what an article says beside what its headline says of it, word for word.

The article's side is made of parts: words, and numbers of slots. The headline's side is made of pieces, words
and slots too, each with the part that it comes from. ``deeds`` tells how patterns are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from attnbench.corpora.summarization.news.lexicon.nouns import NUMERALS
from attnbench.corpora.summarization.news.verbs import verb

TIME, AUXILIARY, VERB = -1, -2, -3
"""Parts that are no slots: where a time may stand, the auxiliary (none or some words), the verb."""

_SPECIAL = {"T": TIME, "A": AUXILIARY, "V": VERB}
_SLOT = re.compile(r"(S|[A-Z]{3,})\d?")

Part = str | int


class Phrase(NamedTuple):
    """Words of an article, and what its headline makes of them."""

    words: tuple[str, ...]
    head: tuple[str, ...]
    links: tuple[tuple[int, int], ...]
    """Places in ``head`` and in ``words``."""
    plural: bool = False


class Piece(NamedTuple):
    """A piece of a headline: what a slot holds, or a word."""

    slot: int
    """The slot; -1: a word."""
    part: int
    """The place of the part that it comes from; -1: none."""
    singular: str = ""
    plural: str = ""


Head = tuple[Piece, ...]


class Pattern(NamedTuple):
    """What the article says, with the headlines for it, the usual one first."""

    parts: tuple[Part, ...]
    slots: tuple[str, ...]
    """The class of each slot."""
    heads: tuple[Head, ...]


def entries(table: str) -> list[list[str]]:
    """Return the entries of a table of ``deeds``: a line, and the indented ones below."""
    found: list[list[str]] = []
    for line in table.strip().split("\n"):
        if line.startswith(" "):
            found[-1].append(line.strip())
        else:
            found.append([line])
    return found


def pattern(article: str, headlines: Sequence[str] = (), base: str = "", planned: bool = False) -> Pattern:
    """Return a pattern as it is written in ``deeds``.

    Args:
        article: its words and slots; ``A`` is the auxiliary, ``V`` the verb, ``T`` where a time may stand.
        headlines: for it.
        base: the verb.
        planned: whether headlines have ``to visit`` for ``visits``.
    """
    names: list[str] = []
    parts: list[Part] = []
    for token in article.split():
        if _SLOT.fullmatch(token):
            parts.append(len(names))
            names.append(token)
        else:
            parts.append(_SPECIAL.get(token, token))
    heads = tuple(_head(headline.split(), names, parts, base, planned) for headline in headlines)
    return Pattern(tuple(parts), tuple(name.rstrip("0123456789") for name in names), heads)


def _head(tokens: Sequence[str], names: list[str], parts: list[Part], base: str, planned: bool) -> Head:
    pieces: list[Piece] = []
    for token in tokens:
        if _SLOT.fullmatch(token):
            slot = names.index(token)
            pieces.append(Piece(slot, parts.index(slot)))
            continue
        word, linked, source = (f"~{base}=V" if token == "V" else token).partition("=")
        place = _place(source or word, parts) if linked else -1
        if not word.startswith("~"):
            pieces.append(Piece(-1, place, word, word))
        elif planned:
            to = parts.index(AUXILIARY)
            pieces += [Piece(-1, to, "to", "to"), Piece(-1, place, word[1:], word[1:])]
        else:
            pieces.append(Piece(-1, place, verb(word[1:]).third, word[1:]))
    return tuple(pieces)


def _place(source: str, parts: list[Part]) -> int:
    """Return the place of a word among the parts; ``word/2``: of its second."""
    word, _, number = source.partition("/")
    places = [place for place, part in enumerate(parts) if part == _SPECIAL.get(word, word)]
    if not number and len(places) != 1:
        raise ValueError(f"{word} is there {len(places)} times in {parts}")
    return places[int(number or 1) - 1]


def put(words: list[str], parts: Sequence[Part], phrases: Sequence[Phrase]) -> list[int]:
    """Add parts that are words and slots to an article; return the place of each part's first word."""
    places = []
    for part in parts:
        places.append(len(words))
        if isinstance(part, str):
            words.append(part)
        else:
            words.extend(phrases[part].words)
    return places


def fill(
    head: Head, phrases: Sequence[Phrase], places: Sequence[int]
) -> tuple[list[str], list[tuple[int, int]]]:
    """Return a headline with its links; ``places``: of the parts in the article.

    A verb agrees with the last slot before it. Number words become digits, but for the first word.
    """
    words: list[str] = []
    links: list[tuple[int, int]] = []
    plural = False
    for slot, part, one, several in head:
        start = len(words)
        if slot < 0:
            words.append(several if plural else one)
            if part >= 0:
                links.append((start, places[part]))
            continue
        phrase, place = phrases[slot], places[part]
        plural = phrase.plural
        words.extend(phrase.head)
        if start and words[start] in NUMERALS:
            words[start] = NUMERALS[words[start]]
        links += [(target + start, source + place) for target, source in phrase.links]
    return words, links


def linked(long: str, short: str, plural: bool = False) -> Phrase:
    """Return a phrase for which the headline has a short form.

    A word links to the same word where that is there, else to the one at its place where there are as many,
    else to all.
    """
    words, head = tuple(long.split()), tuple(short.split())
    links: list[tuple[int, int]] = []
    for place, word in enumerate(head):
        if word in words:
            links.append((place, words.index(word)))
        elif len(words) == len(head):
            links.append((place, place))
        else:
            links += [(place, source) for source in range(len(words))]
    return Phrase(words, head, tuple(links), plural)


def after(first: Phrase, second: Phrase, plural: bool = False) -> Phrase:
    """Return two phrases as one, in this order on both sides."""
    words, head = len(first.words), len(first.head)
    moved = tuple((target + head, source + words) for target, source in second.links)
    return Phrase(first.words + second.words, first.head + second.head, first.links + moved, plural)


def before(first: Phrase, second: Phrase, plural: bool = False) -> Phrase:
    """Return two phrases as one, in the other order in the headline."""
    words, head = len(first.words), len(second.head)
    moved = tuple((target, source + words) for target, source in second.links)
    rest = tuple((target + head, source) for target, source in first.links)
    return Phrase(first.words + second.words, second.head + first.head, moved + rest, plural)


def article(word: str) -> str:
    """Return a or an."""
    return "an" if word[0] in "aeiou" else "a"


def silent(text: str) -> Phrase:
    """Return words that no headline keeps."""
    return Phrase(tuple(text.split()), (), ())
