"""Parallel text in plain files: ``NAME.LANG`` or ``NAME.LANG.gz``, one sentence a line, UTF-8.

Line n of ``NAME.en`` belongs to line n of ``NAME.fr``; lines end as ``plain`` says, with LF or CR LF alone.
Gold word alignments may stand beside them in ``NAME.align[.gz]``: for each line the links ``i-j`` (sure) and
``i?j`` or ``ipj`` (possible), as in the Pharaoh format. i counts words of the source language, j of the
target; both count from 0, or from 1 where ``links_from`` says so. Blanks, between links and between the words
that they count, are space and tab alone: a no-break space belongs to the word that it stands in. ``i?j`` is
how https://github.com/clab/sp2016.11-731/blob/master/hw1/README.md writes a possible link, ``ipj`` how
https://github.com/lilt/alignment-scripts/blob/master/scripts/aer.py does, which reads both numberings too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from pathlib import Path

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import plain, splits
from attnbench.corpora.splits import Names
from attnbench.corpora.text import at_blanks
from attnbench.errors import BadInput

_LINK = re.compile(r"([0-9]{1,9})([-?p])([0-9]{1,9})")


def parallel_text(
    folder: Path, languages: tuple[str, str], names: Names, limit: int | None = None, links_from: int = 0,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return the corpus in a folder: ``train``, ``valid`` and one key a test set.

    Args:
        folder: where the files are; names may reach into its folders.
        languages: source and target, as in the file names. An alignment file counts source words first; one
            written for the other direction is refused as soon as a link points past a sentence's end.
        names: file names without language; with limit and scratch see ``splits.gather``.
        links_from: the number of the first word in the alignment files, 0 or 1.

    Pairs with a blank side are left out of ``train``; ``valid`` and tests are kept as they are. Raises
    ``BadInput`` for missing, broken and mismatched files, and for ``links_from`` where there are no links.
    """

    def read(split: str, name: str) -> Iterable[pa.Table]:
        if split == "train":
            return _read(folder, name, languages, limit)
        joined = names.get("valid", ()) if split == "valid" else ()  # all have links, or none
        if all(plain.find(folder, one, "align") for one in (name, *joined)):
            return [_with_links(folder, name, languages, links_from)]
        return _read(folder, name, languages)

    unfit, there = splits.blank("source", "target"), _names(folder, languages)
    where = _where(folder, languages)
    if links_from:
        chosen = splits.choose(names, there, where)
        if not plain.find_all(folder, {**chosen, "train": ()}, "align"):
            raise BadInput(
                f"data.links_from={links_from} changes nothing here: no validation or test set of {where} "
                "has a NAME.align; leave it out"
            )
    return splits.gather(names, there, where, read, unfit=unfit, limit=limit, scratch=scratch)


def read_from(folder: Path, languages: tuple[str, str], names: Names) -> list[Path]:
    """Return the files that ``parallel_text`` reads; raise ``BadInput`` for a name that has none."""
    chosen = splits.choose(names, _names(folder, languages), _where(folder, languages))
    return plain.find_all(folder, chosen, *languages, "align")


def _where(folder: Path, languages: tuple[str, str]) -> str:
    return f"{folder} ({'-'.join(languages)})"


def _names(folder: Path, languages: tuple[str, str]) -> set[str]:
    """Return the names that have a file in either language, relative to the folder."""
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}; --data files:DIR takes a folder of NAME.LANG files")
    found = plain.names(folder, *languages)
    if not found:
        wanted = " or ".join(f"NAME.{language}[.gz]" for language in languages)
        raise BadInput(
            f"{folder} holds no {wanted}; set data.languages, such as en-fr, or choose another folder"
        )
    return found


def _side(folder: Path, name: str, language: str) -> Path:
    path = plain.find(folder, name, language)
    if path is None:
        raise BadInput(f"{folder / name}.{language}[.gz] is missing; a name needs a file in each language")
    return path


def _read(
    folder: Path, name: str, languages: tuple[str, str], limit: int | None = None
) -> Iterator[pa.Table]:
    """Yield columns source, target of at most ``limit`` pairs."""
    source, target = (_side(folder, name, language) for language in languages)
    lines = islice(_paired(source, target), limit)
    return plain.tables(lines, ("source", "target"), f"{source} is empty")


def _paired(left: Path, right: Path) -> Iterator[tuple[str, str]]:
    """Yield line by line; raise ``BadInput`` with both counts where one file ends before the other."""
    left_lines, right_lines = plain.lines(left), plain.lines(right)
    for both, (one, other) in enumerate(zip_longest(left_lines, right_lines)):
        if one is None or other is None:
            rest = 1 + sum(1 for _ in (right_lines if one is None else left_lines))
            counts = (both, both + rest) if one is None else (both + rest, both)
            raise BadInput(f"{left} has {counts[0]} lines but {right} has {counts[1]}; they must be equal")
        yield one, other


def _with_links(folder: Path, name: str, languages: tuple[str, str], first: int) -> pa.Table:
    """Return columns source, target, sure and possible of a name with an alignment file."""
    table = pa.concat_tables(_read(folder, name, languages))
    path = plain.find(folder, name, "align")
    assert path is not None
    lines = list(plain.lines(path))
    if len(lines) != table.num_rows:
        raise BadInput(f"{path} has {len(lines)} lines but {name} has {table.num_rows}; they must be equal")
    texts = zip(table["source"].to_pylist(), table["target"].to_pylist(), strict=True)
    links = []
    for number, (line, (source, target)) in enumerate(zip(lines, texts, strict=True), start=1):
        sizes = len(at_blanks(source)), len(at_blanks(target))
        links.append(_links(line, sizes, first, f"{path} line {number}"))
    if not any(map(any, links)):
        raise BadInput(f"{path} holds no link; move it away if {name} has none")
    for column, values in zip(("sure", "possible"), zip(*links, strict=True), strict=True):
        table = table.append_column(column, pa.array(values, splits.LINKS))
    return table


def _links(
    line: str, sizes: tuple[int, int], first: int, where: str
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the sure links of one line and the possible ones that are not sure, sorted, from 0.

    Args:
        line: links, separated by blanks.
        sizes: words of the source and of the target sentence.
        first: the number of the first word in ``line``.
        where: file and line, for errors.
    """
    kinds: dict[bool, set[tuple[int, int]]] = {True: set(), False: set()}
    for text in at_blanks(line):
        match = _LINK.fullmatch(text)
        if not match:
            raise BadInput(
                f"{where}: {text[:50]!r} is not a link; "
                "write i-j (sure), i?j or ipj (possible), source word first"
            )
        source, target = int(match[1]) - first, int(match[3]) - first
        if not (0 <= source < sizes[0] and 0 <= target < sizes[1]):
            raise BadInput(_outside(text, min(source, target) < 0, sizes, first, where))
        kinds[match[2] == "-"].add((source, target))
    sure, possible = sorted(kinds[True]), sorted(kinds[False] - kinds[True])
    return [list(link) for link in sure], [list(link) for link in possible]


def _outside(text: str, below: bool, sizes: tuple[int, int], first: int, where: str) -> str:
    """Say that a link names a word that is not there, and what may be set to mend it."""
    if below:
        return f"{where}: link {text!r} has a word 0, but links count from 1; set data.links_from=0"
    wrong = f"{where}: link {text!r} points past {sizes[0]} source or {sizes[1]} target words"
    mend = "set data.links_from=1 if the file counts from 1, or turn" if first == 0 else "turn"
    return f"{wrong}, from {first}; {mend} data.languages round if it is for the other direction"
