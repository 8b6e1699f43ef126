"""From pictures, wherever they are, to the columns of a corpus: read one by one, checked, and counted.

A picture that cannot be used is left out, of training and of tests, and said so with its file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import splits
from attnbench.corpora.captions import naming, pictures, regions
from attnbench.corpora.captions.words import words
from attnbench.corpora.splits import Names
from attnbench.corpora.told import Told
from attnbench.errors import BadInput, reason

ROWS = 64
"""Of a table: pictures are big."""

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("picture", pa.binary()),
        ("captions", pa.list_(pa.string())),
        ("objects", pa.int32()),
        ("regions", pa.list_(pa.binary())),
        ("links", pa.list_(pa.list_(pa.int32(), 3))),
    ]
)
"""The columns; the last three are there where regions are known."""

_OF_REGIONS = SCHEMA.names[3:]


class Outlined(NamedTuple):
    """An object whose place in the picture is known."""

    category: str
    shapes: list[list[float]]
    """See ``regions.rasterised``."""


class Picture(NamedTuple):
    """What a corpus says of a picture, which is not read yet."""

    file: str
    """Its name, for messages."""
    read: Callable[[], bytes]
    """Gives its bytes."""
    captions: list[str]
    objects: Sequence[Outlined] = ()
    """What is outlined in it."""


Pictures = Callable[[str], Iterator[Picture]]
"""Gives the pictures of a name, in order."""


def corpus(
    names: Names, there: Collection[str], where: str, of: Pictures, outlined: Callable[[str], bool],
    limit: int | None, scratch: Path | None,
) -> DatasetDict:  # fmt: skip
    """Return the corpus that pictures make.

    Args:
        names, there, where, scratch: see ``splits.gather``.
        of: the pictures of a name.
        outlined: whether the objects of a name are outlined. A split has the columns of regions where those
            of all its names are.
        limit: use at most so many training pictures.

    Raises ``BadInput`` for a name of which no picture can be used.
    """
    chosen = splits.choose(names, there, where)
    keys = splits.keys_of_tests(chosen["test"])
    told: defaultdict[str, Told] = defaultdict(lambda: Told("pictures"))

    def read(split: str, name: str) -> Iterator[pa.Table]:
        key = keys[name] if split == "test" else split
        joined = (name,) if split == "test" else chosen[split]
        left = None if limit is None or split != "train" else limit - told[key].rows
        with_regions = all(map(outlined, joined))
        rows = islice(_rows(of(name), name, with_regions, told[key]), left)
        yield from _tables(rows, with_regions, f"{where}: {name}", told[key])

    made = splits.gather(names, there, where, read, unfit={}, limit=limit, scratch=scratch)
    for key, split in made.items():
        split.info.description = "\n".join(told[key].lines())
    return made


def _tables(rows: Iterator[dict[str, Any]], with_regions: bool, where: str, told: Told) -> Iterator[pa.Table]:
    """Yield tables of some rows; raise ``BadInput`` for none."""
    before = told.rows
    schema = SCHEMA if with_regions else pa.schema([one for one in SCHEMA if one.name not in _OF_REGIONS])
    while batch := list(islice(rows, ROWS)):
        told.rows += len(batch)
        yield pa.Table.from_pylist(batch, schema=schema)
    if told.rows == before:
        raise BadInput("; ".join([f"{where} has no picture that can be used", *told.lines()]))


def _rows(of: Iterator[Picture], name: str, with_regions: bool, told: Told) -> Iterator[dict[str, Any]]:
    """Yield rows; an id counts what is left out too."""
    for number, one in enumerate(of, start=1):
        captions = [caption for caption in one.captions if words(caption)]
        if not captions:
            told.add("without captions left out", one.file)
            continue
        if len(captions) < len(one.captions):
            told.add("with captions without words, which were dropped", one.file)
        if with_regions and not one.objects:
            told.add("without objects left out", one.file)
            continue
        try:
            content = _checked(one)
        except pictures.Unreadable as error:
            told.add("that cannot be read left out", f"{one.file} ({error})")
            continue
        row = {"id": f"{name}/{number}", "picture": content, "captions": captions}
        yield row | _of_regions(captions, one.objects) if with_regions else row


def _checked(one: Picture) -> bytes:
    """Return the bytes of a picture; raise ``pictures.Unreadable`` where they hold none."""
    try:
        content = one.read()
    except OSError as error:
        raise pictures.Unreadable(reason(error)) from error
    pictures.decoded(content)
    return content


def _of_regions(captions: list[str], objects: Sequence[Outlined]) -> dict[str, Any]:
    return {
        "objects": len(objects),
        "regions": [regions.packed(regions.rasterised(one.shapes)) for one in objects],
        "links": naming.links(captions, [one.category for one in objects]),
    }
