"""Pictures and captions from the hub.

Rows have a column ``image``, the bytes of an image file, which are read here and not by ``datasets``.
Captions stand in ``caption_0``, ``caption_1`` and so on, as in
https://huggingface.co/datasets/jxie/flickr8k, or in one column of ``COLUMNS``, which holds a text, an object
with the text ``raw``, or a list of such:

- ``caption``, a list, as in https://huggingface.co/datasets/nlphuji/flickr30k and its copies, where the
  column ``split`` says what the one split ``test`` is made of: ``test/train`` names its rows of train;
- ``sentences``, an object, as in https://huggingface.co/datasets/bitmind/MS-COCO, where a picture comes in
  as many rows as it has captions. Rows in a row with the same picture are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from datasets import DatasetDict, Image

from attnbench.corpora import hub, plain
from attnbench.corpora.captions import gathering
from attnbench.corpora.captions.gathering import ROWS, Picture
from attnbench.corpora.captions.pictures import Unreadable
from attnbench.corpora.splits import Names
from attnbench.errors import BadInput, first_line

COLUMNS = ("captions", "caption", "sentences_raw", "sentences", "alt_text", "text")
"""What the column of captions may be called; of those that are there the first is read."""

_NUMBERED = re.compile(r"caption_?[0-9]+")

_SPLIT = "split"


def captions(
    reference: str, names: Names, limit: int | None = None, scratch: Path | None = None
) -> tuple[DatasetDict, str]:
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        names: splits, or ``SPLIT/VALUE`` for the rows of a split with a value in the column ``split``.
        scratch: see ``splits.gather``.
        limit: use at most so many training pictures, and stream, so that a large set is not downloaded.

    Pictures that cannot be used are left out, and told.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    there = {name: (split, "") for name, split in opened.items()}
    for name in chain.from_iterable(names.values()):
        of, _, own = name.partition("/")
        if own and of in opened and _SPLIT in (opened[of].column_names or []):
            there[name] = opened[of], own

    def pictures(name: str) -> Iterator[Picture]:
        split, own = there[name]
        where = f"hub:{reference} {name}"
        named = _columns(split, where)
        tables = hub.batches(_undecoded(split, where), reference, ROWS)
        yield from _joined(_rows(tables, named, own, where))

    made = gathering.corpus(names, there, f"hub:{reference}", pictures, lambda _: False, limit, scratch)
    return made, revision


def _columns(split: hub.Opened, where: str) -> list[str]:
    """Return what the columns of captions are called; raise ``BadInput`` for none, or for no ``image``."""
    there = split.column_names or []
    numbered = sorted(filter(_NUMBERED.fullmatch, there), key=lambda name: int(re.sub(r"\D", "", name)))
    found = numbered or [name for name in COLUMNS if name in there][:1]
    missing = [] if "image" in there else ["image"]
    missing += [] if found else ["/".join(("caption_0", *COLUMNS))]
    if missing:
        raise BadInput(f"{where} has no column {' and '.join(missing)}, only {plain.shown(there)}")
    return found


def _undecoded(split: hub.Opened, where: str) -> hub.Opened:
    """Return a split whose pictures stay bytes; raise ``BadInput`` where ``image`` holds something else."""
    try:
        return split.cast_column("image", Image(decode=False))
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BadInput(
            f"{where}: column image holds no image files ({first_line(error)}); choose another set"
        ) from error


class _Row(NamedTuple):
    where: str
    content: bytes | None
    captions: list[str]


def _rows(tables: Iterator[pa.Table], named: list[str], own: str, where: str) -> Iterator[_Row]:
    """Yield the rows, of those with a value in the column ``split`` if one is asked for."""
    number = 0
    for table in tables:
        kept = [*named, "image", *([_SPLIT] if own else [])]
        for row in _held(table.select(kept), f"{where}, from row {number + 1} on"):
            number += 1
            if own and row[_SPLIT] != own:
                continue
            place = f"{where} row {number}"
            said = chain.from_iterable(_texts(row[name], f"{place}: {name}") for name in named)
            yield _Row(place, (row["image"] or {}).get("bytes"), list(said))


def _held(table: pa.Table, where: str) -> list[dict[str, Any]]:
    """Return rows of a table; raise ``BadInput`` for texts that are not UTF-8."""
    try:
        return table.to_pylist()
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: a text is not UTF-8 ({error.reason}); choose another set") from None


def _joined(rows: Iterator[_Row]) -> Iterator[Picture]:
    """Yield pictures, each with the captions of the rows in a row that have it."""
    for _, alike in groupby(rows, key=lambda row: row.content or row.where):
        same = list(alike)
        said = list(chain.from_iterable(one.captions for one in same))
        yield Picture(same[0].where, partial(_content, same[0].content), said)


def _texts(held: Any, where: str) -> list[str]:
    """Return the captions in a value; none in null."""
    if held is None:
        return []
    if isinstance(held, list):
        return list(chain.from_iterable(_texts(one, where) for one in held))
    if isinstance(held, dict):
        if "raw" not in held:
            raise BadInput(f"{where} is an object without raw, only {plain.shown(held)}")
        return _texts(held["raw"], where)
    return [plain.text(held, where)]


def _content(content: bytes | None) -> bytes:
    """Return the bytes of a picture; a path without them is never opened."""
    if content is None:
        raise Unreadable("the row has no bytes")
    return content
