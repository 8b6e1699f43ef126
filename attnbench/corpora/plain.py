"""Plain text files, as they are or packed by gzip, with errors that name the line."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pyarrow as pa

from attnbench.errors import BadInput

_BATCH = 10_000

_MOST_FOLDERS = 100_000
"""More than this, and links lead to the same ones again and again."""


def find(folder: Path, name: str, ending: str) -> Path | None:
    """Return the file ``NAME.ENDING`` or ``NAME.ENDING.gz`` of a folder; None where there is neither."""
    plain = folder / f"{name}.{ending}"
    paths = (plain, plain.with_name(f"{plain.name}.gz"))
    return next((path for path in paths if _is_file(path)), None)


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
        found |= {name for name in named if name.rpartition("/")[2].strip(".") and _is_text(name)}
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
                f"{here} cannot be read: {error.strerror or error}; make it readable, or move it away"
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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a link to itself, or a name that is too long
        return False


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, plain or gzip, without their ends."""
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput(
            f"{path} line {number} is not UTF-8; convert it, such as with iconv -t utf-8"
        ) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{path} is not whole gzip after line {number}: {error}; fetch it again") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error


def tables(rows: Iterable[Sequence[str]], columns: Sequence[str], none: str) -> Iterator[pa.Table]:
    """Yield texts as tables of at most 10,000 rows; raise ``BadInput``, saying ``none``, for no row."""
    rows, empty = iter(rows), True
    while batch := list(islice(rows, _BATCH)):
        texts = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
        yield pa.table(texts, names=list(columns))
        empty = False
    if empty:
        raise BadInput(none)
