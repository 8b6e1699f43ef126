"""The one door for texts: the lines of files and of standard input, and the values of other formats.

A text is UTF-8. A byte-order mark (U+FEFF) at the beginning of a file, or of a line, as in files that were
joined, is no part of it. A line ends with LF, or with CR and LF; nothing else ends one: a CR alone, a form
feed, U+0085 and U+2028 stand inside a line. NUL stands in no text. A text is one line: a line's end inside a
value, as JSON and the hub have them, is read as a space. Null, numbers and halves of surrogate pairs are no
texts. What is wrong is said with its place.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from attnbench.errors import BadInput, is_utf8, reason

_BATCH = 10_000

_BLOCK = 2**16
"""Bytes that are decoded at once, unless a line is longer."""

_MARK = "\ufeff"

_FOREIGN = {
    codecs.BOM_UTF16_LE: "is UTF-16; convert it, such as with iconv -f utf-16 -t utf-8",
    codecs.BOM_UTF16_BE: "is UTF-16; convert it, such as with iconv -f utf-16 -t utf-8",
    b"\x1f\x8b": "is packed by gzip; unpack it, or let its name end with .gz",
}
"""What is said of a file that begins with these bytes."""

_NOT_UTF8, _NUL = "is not UTF-8", "holds a NUL character, as UTF-16 and binary files do"

_MEND = {
    _NOT_UTF8: "convert it, such as with iconv -f latin1 -t utf-8",
    _NUL: "convert it, such as with iconv -f utf-16le -t utf-8, or delete those, such as with tr -d '\\000'",
}

_FETCH = "fetch it again, or drop .gz from its name if it is not packed"

_SHOWN = 200
"""Characters of what a file holds in a message, at most."""

_KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}

_MOST_FOLDERS = 100_000
"""More than this, and links lead to the same ones again and again."""


def find(folder: Path, name: str, ending: str) -> Path | None:
    """Return the file ``NAME.ENDING`` or ``NAME.ENDING.gz`` of a folder; None where there is neither.

    Raises ``BadInput`` where both are there, and for what has such a name and is no file.
    """
    plain = folder / f"{name}.{ending}"
    paths = [path for path in (plain, plain.with_name(f"{plain.name}.gz")) if os.path.lexists(path)]
    if len(paths) > 1:
        raise BadInput(f"{paths[0]} and {paths[1].name} are both there; move one away")
    for path in paths:
        if not os.path.isfile(path):  # noqa: PTH113 (pathlib has errors for a link to itself)
            what = "a folder" if path.is_dir() else "no file, nor a link to one"
            raise BadInput(f"{path} is {what}; move it away, or put the file in its place")
    return next(iter(paths), None)


def find_all(folder: Path, chosen: Mapping[str, Iterable[str]], *endings: str) -> list[Path]:
    """Return the files of all chosen names, in the order of splits, names and endings, each once."""
    pairs = ((name, ending) for names in chosen.values() for name in names for ending in endings)
    found = (find(folder, name, ending) for name, ending in pairs)
    return list(dict.fromkeys(path for path in found if path is not None))


def names(folder: Path, *endings: str) -> set[str]:
    """Return the names that have a file with one of the endings, relative to the folder.

    Endings are compared as they are spelt. Folders behind symbolic links are read too, but none inside
    itself. Passed over are broken links, what is no file, and names that are not UTF-8 or only dots. Raises
    ``BadInput`` for a folder that may not be read.
    """
    found: set[str] = set()
    wanted = tuple(f".{ending}{packed}" for ending in endings for packed in ("", ".gz"))
    for path in _files(folder):
        named = {path.removesuffix(ending) for ending in wanted if path.endswith(ending)}
        found |= {name for name in named if name.rpartition("/")[2].strip(".") and is_utf8(name)}
    return found


def _files(folder: Path) -> Iterator[str]:
    """Yield the paths of all files under a folder, relative to it, ``/`` between their parts."""
    pending: list[tuple[str, frozenset[tuple[int, int]]]] = [("", frozenset())]
    for _ in range(_MOST_FOLDERS):
        if not pending:
            return
        place, above = pending.pop()
        here = folder / place
        try:
            known = here.stat()
            entries = list(os.scandir(here))
        except OSError as error:
            raise BadInput(
                f"{here} cannot be read: {reason(error)}; make it readable, or move it away"
            ) from error
        inside = above | {(known.st_dev, known.st_ino)}
        if len(inside) == len(above):
            continue  # a link to a folder that it lies in
        for entry in entries:
            with suppress(OSError):  # a link to itself
                if entry.is_file():
                    yield f"{place}{entry.name}"
                elif entry.is_dir():
                    pending.append((f"{place}{entry.name}/", inside))
    raise BadInput(f"{folder} holds more than {_MOST_FOLDERS} folders, links counted; choose one inside it")


def lines(source: Path | io.BufferedIOBase, name: str = "", mend: str = "") -> Iterator[str]:
    """Yield the lines of a text, without their ends; see above for what a text is and where a line ends.

    Args:
        source: a file, packed by gzip where its name ends with ``.gz``; or an open one, which stays open.
        name: what it is called in errors; empty: its path.
        mend: what can be done about one that is no text; empty: what usually can.

    Raises ``BadInput`` for what cannot be read or is no text, after the lines before it.
    """
    name, number = name or str(source), 0
    try:
        with _opened(source) as file:
            for block in _blocks(file):
                text, wrong = _decoded(block if number else _begun(block, name))
                found = text.split("\n")
                if _MARK in text:
                    found = [line.lstrip(_MARK) for line in found]
                if not found[-1]:
                    found.pop()
                yield from (line.rstrip("\r") for line in found) if "\r" in text else found
                number += len(found)
                if wrong:
                    raise BadInput(f"{name} line {number + 1} {wrong}; {mend or _MEND[wrong]}")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{name} is not whole gzip after line {number}: {error}; {_FETCH}") from error
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {reason(error)}") from error


def _opened(source: Path | io.BufferedIOBase) -> AbstractContextManager[io.BufferedIOBase]:
    if not isinstance(source, Path):
        return nullcontext(source)
    return gzip.open(source, "rb") if source.suffix == ".gz" else source.open("rb")


def _blocks(file: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines."""
    held: list[bytes] = []
    while block := file.read1(_BLOCK):
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join([*held, block[:end]])
            held.clear()
        held.append(block[end:])
    if rest := b"".join(held):
        yield rest


def _begun(block: bytes, name: str) -> bytes:
    """Return the first block of a file; raise ``BadInput`` for what is clearly no text."""
    for mark, said in _FOREIGN.items():
        if block.startswith(mark):
            raise BadInput(f"{name} {said}")
    if b"\n" not in block and b"\r" in block.rstrip(b"\r"):
        raise BadInput(f"{name} ends its lines with CR alone; convert it, such as with tr '\\r' '\\n'")
    return block


def _decoded(block: bytes) -> tuple[str, str]:
    """Return the lines of a block before the first that is no text, and what is wrong with that."""
    bad, wrong = len(block), ""
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        bad, wrong = error.start, _NOT_UTF8
    end = block.find(b"\n", bad)
    nul = block.find(b"\0", 0, end if end >= 0 else len(block))
    if nul >= 0:
        bad, wrong = min(bad, nul), _NUL
    return (block[: block.rfind(b"\n", 0, bad) + 1].decode(), wrong) if wrong else (text, "")


def text(value: object, where: str) -> str:
    """Return a value that must be a text, on one line; raise ``BadInput``, naming ``where``, for another."""
    if not isinstance(value, str):
        raise BadInput(f"{where} is {_KINDS.get(type(value), type(value).__name__)}; it must be a text")
    if "\0" in value:
        raise BadInput(f"{where} holds a NUL character; delete it")
    if not is_utf8(value):
        raise BadInput(f"{where} holds half of a surrogate pair, which is no character; delete it")
    value = value.lstrip(_MARK)
    return value.replace("\r\n", " ").replace("\n", " ") if "\n" in value else value


def shown(names: Iterable[str]) -> str:
    """Return names that a file gives, for a message: on one line, not all where they are long."""
    text = ", ".join(islice(names, _SHOWN))[:_SHOWN]
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def texts(table: pa.Table, name: str, where: str, first: int) -> pa.ChunkedArray:
    """Return a column that must hold texts, each on one line; null where there is none, or one with NUL.

    Args:
        table: some rows.
        name: the column's.
        where, first: the corpus, and the number of the first row, for errors.
    """
    column = table[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type not in (pa.string(), pa.large_string()):
        values = enumerate(column.to_pylist(), start=first)
        each = [None if one is None else text(one, f"{where} row {row}: {name}") for row, one in values]
        column = pa.chunked_array([pa.array(each, pa.string())])
    column = column.cast(pa.string())
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise BadInput(f"{where}: {name} is not UTF-8, from row {first} on: {error}") from None
    column = pc.if_else(pc.match_substring(column, "\0"), pa.scalar(None, pa.string()), column)
    return pc.replace_substring_regex(pc.utf8_ltrim(column, _MARK), "\r?\n", " ")


def tables(
    rows: Iterable[Sequence[Any]], columns: Sequence[str], none: str,
    types: Mapping[str, pa.DataType] | None = None,
) -> Iterator[pa.Table]:  # fmt: skip
    """Yield texts as tables of at most 10,000 rows; raise ``BadInput``, saying ``none``, for no row.

    Columns of other values than texts have ``types``.
    """
    rows, empty = iter(rows), True
    schema = pa.schema([(name, (types or {}).get(name, pa.string())) for name in columns])
    while batch := list(islice(rows, _BATCH)):
        values = zip(zip(*batch, strict=True), schema.types, strict=True)
        yield pa.table([pa.array(column, type_) for column, type_ in values], schema=schema)
        empty = False
    if empty:
        raise BadInput(none)
