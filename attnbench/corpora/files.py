"""Parallel text in plain files: ``NAME.LANG`` or ``NAME.LANG.gz``, one sentence a line, UTF-8.

Line n of ``NAME.en`` belongs to line n of ``NAME.fr``. Gold word alignments may stand beside them in
``NAME.align[.gz]``: for each line the links ``i-j`` (sure) and ``i?j`` (possible), as in the Pharaoh format.
i counts words of the source language, j of the target, both from 0, words split at blanks.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice, zip_longest
from pathlib import Path

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import pairs
from attnbench.errors import BadInput

_LINK = re.compile(r"(\d+)([-?])(\d+)")
_BATCH = 50_000


def parallel_text(
    folder: Path, languages: tuple[str, str], names: Mapping[str, tuple[str, ...]], limit: int | None = None
) -> DatasetDict:
    """Return the corpus in a folder: ``train``, ``valid`` and one key a test set.

    Args:
        folder: where the files are; names may reach into its folders.
        languages: source and target, as in the file names. An alignment file counts source words first; one
            written for the other direction is refused as soon as a link points past a sentence's end.
        names: file names without language for ``train``, ``valid``, ``test``. Several names of ``train`` or
            ``valid`` are joined; each name of ``test`` is a test set. A split left out takes its usual name.
        limit: read at most so many training pairs.

    Pairs with a blank side are left out of ``train``; ``valid`` and tests are kept as they are. An example's
    id is ``NAME/LINE``, lines counted from 1. Raises ``BadInput`` for missing, broken and mismatched files.
    """
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}; --data files:DIR takes a folder of NAME.LANG files")
    chosen = pairs.choose(names, _names(folder, languages), f"{folder} ({'-'.join(languages)})")
    train = _join([_read(folder, name, languages, limit) for name in chosen["train"]])
    splits = {"train": pairs.finish(train.slice(0, limit), f"{folder}: training split", drop_blank=True)}
    valid = _join([_with_links(folder, name, languages) for name in chosen["valid"]])
    splits["valid"] = pairs.finish(valid, f"{folder}: validation split", drop_blank=False)
    for name, key in pairs.keys_of_tests(chosen["test"]).items():
        test = _with_links(folder, name, languages)
        splits[key] = pairs.finish(test, f"{folder}: test set {name}", drop_blank=False)
    return DatasetDict(splits)


def _names(folder: Path, languages: tuple[str, str]) -> set[str]:
    """Return the names that have a file in either language, relative to the folder."""
    found: set[str] = set()
    for ending in (f".{language}{packed}" for language in languages for packed in ("", ".gz")):
        paths = folder.rglob(f"*{ending}")
        found.update(path.relative_to(folder).as_posix().removesuffix(ending) for path in paths)
    if not found:
        wanted = " or ".join(f"NAME.{language}[.gz]" for language in languages)
        raise BadInput(
            f"{folder} holds no {wanted}; set data.languages, such as en-fr, or choose another folder"
        )
    return found


def _path(folder: Path, name: str, ending: str) -> Path | None:
    plain = folder / f"{name}.{ending}"
    return next((path for path in (plain, plain.with_name(f"{plain.name}.gz")) if path.is_file()), None)


def _side(folder: Path, name: str, language: str) -> Path:
    path = _path(folder, name, language)
    if path is None:
        raise BadInput(f"{folder / name}.{language}[.gz] is missing; a name needs a file in each language")
    return path


def _join(tables: list[pa.Table]) -> pa.Table:
    """Put tables one after the other, with the columns that all of them have."""
    common = [name for name in tables[0].column_names if all(name in table.column_names for table in tables)]
    return pa.concat_tables([table.select(common) for table in tables])


def _read(folder: Path, name: str, languages: tuple[str, str], limit: int | None = None) -> pa.Table:
    """Return columns id, source, target."""
    source, target = (_side(folder, name, language) for language in languages)
    lines = islice(_paired(source, target), limit)
    batches = []
    start = 1
    while batch := list(islice(lines, _BATCH)):
        texts = [pa.array(side, pa.string()) for side in zip(*batch, strict=True)]
        batches.append(
            pa.table([pairs.ids(name, start, len(batch)), *texts], names=["id", "source", "target"])
        )
        start += len(batch)
    if not batches:
        raise BadInput(f"{source} is empty")
    return pa.concat_tables(batches)


def _paired(left: Path, right: Path) -> Iterator[tuple[str, str]]:
    """Yield line by line; raise ``BadInput`` with both counts where one file ends before the other."""
    left_lines, right_lines = _lines(left), _lines(right)
    for both, (one, other) in enumerate(zip_longest(left_lines, right_lines)):
        if one is None or other is None:
            rest = 1 + sum(1 for _ in (right_lines if one is None else left_lines))
            counts = (both, both + rest) if one is None else (both + rest, both)
            raise BadInput(f"{left} has {counts[0]} lines but {right} has {counts[1]}; they must be equal")
        yield one, other


def _lines(path: Path) -> Iterator[str]:
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


def _with_links(folder: Path, name: str, languages: tuple[str, str]) -> pa.Table:
    """Return columns id, source, target and, where an alignment file is there, sure and possible."""
    table = _read(folder, name, languages)
    path = _path(folder, name, "align")
    if path is None:
        return table
    lines = list(_lines(path))
    if len(lines) != table.num_rows:
        raise BadInput(f"{path} has {len(lines)} lines but {name} has {table.num_rows}; they must be equal")
    texts = zip(table["source"].to_pylist(), table["target"].to_pylist(), strict=True)
    links = []
    for number, (line, (source, target)) in enumerate(zip(lines, texts, strict=True), start=1):
        links.append(_links(line, len(source.split()), len(target.split()), f"{path} line {number}"))
    for column, values in zip(("sure", "possible"), zip(*links, strict=True), strict=True):
        table = table.append_column(column, pa.array(values, pairs.LINKS))
    return table


def _links(
    line: str, source_length: int, target_length: int, where: str
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the sure links of one line and the possible ones that are not sure, sorted."""
    kinds: dict[str, set[tuple[int, int]]] = {"-": set(), "?": set()}
    for text in line.split():
        match = _LINK.fullmatch(text)
        if not match:
            raise BadInput(f"{where}: {text!r} is not a link; write i-j (sure) or i?j (possible), from 0")
        source, target = int(match[1]), int(match[3])
        if source >= source_length or target >= target_length:
            raise BadInput(
                f"{where}: link {text!r} points past {source_length} source or {target_length} target words; "
                "links are source-target and count from 0"
            )
        kinds[match[2]].add((source, target))
    sure, possible = sorted(kinds["-"]), sorted(kinds["?"] - kinds["-"])
    return [list(link) for link in sure], [list(link) for link in possible]
