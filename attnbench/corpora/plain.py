"""Plain text files, as they are or packed by gzip, with errors that name the line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa

from attnbench.errors import BadInput

_BATCH = 10_000


def find(folder: Path, name: str, ending: str) -> Path | None:
    """Return the file ``NAME.ENDING`` or ``NAME.ENDING.gz`` of a folder; None where there is neither."""
    plain = folder / f"{name}.{ending}"
    return next((path for path in (plain, plain.with_name(f"{plain.name}.gz")) if path.is_file()), None)


def find_all(folder: Path, chosen: Mapping[str, Iterable[str]], *endings: str) -> list[Path]:
    """Return the files of all chosen names, in the order of splits, names and endings, each once."""
    pairs = ((name, ending) for names in chosen.values() for name in names for ending in endings)
    found = (find(folder, name, ending) for name, ending in pairs)
    return list(dict.fromkeys(path for path in found if path is not None))


def names(folder: Path, *endings: str) -> set[str]:
    """Return the names that have a file with one of the endings, relative to the folder."""
    found: set[str] = set()
    for ending in (f".{ending}{packed}" for ending in endings for packed in ("", ".gz")):
        paths = folder.rglob(f"*{ending}")
        found.update(path.relative_to(folder).as_posix().removesuffix(ending) for path in paths)
    return found


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
