"""Numbers in prose that are read from the tables in results/, checked or written anew.

A number of a result has an HTML comment right before it that says where it is from::

    has <!--= embedded.small/scores.csv rnnsearch-50: value .1f ci -->81.3 [79.9, 82.6] BLEU

``<!--= FILE NAME COLUMN=VALUE ... [minus NAME COLUMN=VALUE ...]: COLUMN[*FACTOR] FORMAT [ci] -->``

- FILE: a table in results/PAPER, or in results for the README of the root. ``run.json`` is one row, whose
  columns are its keys joined by dots. ``printed`` (``PAPER/printed`` in the root's README) has the paper's
  own numbers.
- NAME: the row's system, claim or measurement, whichever the table has. ``run.json`` has none.
- COLUMN=VALUE: which row, where there are several; ``part="above chance"`` where there are blanks. What is
  not said is the paper's headline for ``metric``, its first decoding, the test set ``test`` or else the first
  in run.json, ``seed=all``, the last ``update``, and the mean over seeds where no row has it. One row must be
  left.
- ``minus``: another row whose number is taken off; only what differs is said, and there is no interval.
- COLUMN FORMAT: what is shown, and how: ``.1f``, ``+.2f`` or ``,.0f`` as in Python; ``*100`` or ``*-1``
  times; with ``ci`` its interval follows in brackets. ``: verdict`` alone shows a claim's verdict.

In a section "What came out" no number with a decimal point and no interval in brackets may stand without such
a comment. Free are whole numbers, words, and what stands in `code`, in links and in other comments. A comment
may go over several lines, but must not begin one: Markdown would take the line for HTML.

A whole table has the command before it that shows it: ``<!-- attnbench compare FOLDER --by LENGTH -->``, if
need be with ``--test TEST``.

``python tests/quoted.py [--write] [README ...]`` lists what is wrong; with ``--write`` it first writes every
number and whole table anew.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from quoted_rows import Unfounded, cell, find, number

from attnbench import comparison
from attnbench.claims import VERDICTS
from attnbench.results import Results

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", *sorted(ROOT.glob("reproductions/*/README.md")))
COMMENT = re.compile(r"<!--=(.*?)-->", re.DOTALL)
AT_START = re.compile(r"^[ >]*(?:[-*+] +|\d+\. +)?<!--=.*", re.MULTILINE)
SECTION = re.compile(r"^## What came out\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
NUMBER = r"[+−-]?\d+(?:,\d{3})*(?:\.\d+)?"
INTERVAL = rf"\[{NUMBER},\s+{NUMBER}\]"
RESULT = re.compile(rf"{INTERVAL}|[+−-]?\d[\d,]*\.\d+")
EXEMPT = re.compile(r"```.*?```|`[^`]*`|\[[^\]]*\]\([^)]*\)|<!--.*?-->|<https?:[^>]*>", re.DOTALL)
TABLE = re.compile(
    r"^<!-- attnbench compare (\S+) --by (\S+)(?: --test (\S+))? -->\n\n(.*?)(?=\n\n)",
    re.MULTILINE | re.DOTALL,
)
WHAT = re.compile(r"verdict|([^\s*]+)(?:\*(-?\d+))? (\+?,?\.\d+f)( ci)?")


@dataclass(frozen=True)
class Shown:
    """What of a row is shown, by default a verdict."""

    column: str = "verdict"
    factor: float = 1
    form: str = ""
    interval: bool = False

    @property
    def pattern(self) -> str:
        """What the shown text looks like, whatever its numbers."""
        if not self.form:
            return "|".join(VERDICTS)
        return rf"{NUMBER}(?:\s+{INTERVAL})?" if self.interval else NUMBER


@dataclass(frozen=True)
class Quote:
    """A query, the text after it, and what should be there."""

    query: str
    start: int
    """Where its comment starts."""
    end: int
    """Where the text after it ends."""
    written: str
    given: str = ""
    """What the table gives."""
    problem: str = ""
    """Why it gives nothing."""

    @property
    def right(self) -> bool:
        """Whether the text is what the table gives; lines may be broken anywhere."""
        return not self.problem and self.written.split() == self.given.split()


def quotes(text: str, base: Path) -> Iterator[Quote]:
    """Yield every query of a README whose tables lie in ``base``, what is written and what should be."""
    for found in _asked(text):
        try:
            yield replace(found, given=look_up(found.query, base))
        except Unfounded as error:
            yield replace(found, problem=str(error))


def _asked(text: str) -> Iterator[Quote]:
    """Yield the queries of a text, with what is written after them; look nothing up."""
    for comment in COMMENT.finditer(text):
        query, pattern = " ".join(comment[1].split()), NUMBER
        with suppress(Unfounded):
            pattern = _shown(query).pattern
        found = re.compile(pattern).match(text, comment.end())
        written = found[0] if found else ""
        yield Quote(query, comment.start(), comment.end() + len(written), written)


def uncovered(text: str) -> list[str]:
    """Return the results in the sections "What came out" that no query covers."""
    found: list[str] = []
    for section in SECTION.findall(text):
        bare = section
        for quote in reversed(list(_asked(section))):
            bare = f"{bare[: quote.start]} {bare[quote.end :]}"
        found += RESULT.findall(EXEMPT.sub("", bare))
    return found


def compared(quoted: re.Match[str]) -> str:
    """Return the table that the command in the comment before a table shows."""
    folder, by, test, _ = quoted.groups()
    shown = comparison.show([Results(ROOT / folder)], comparison.View(by=by, test=test))
    return shown.split("\n\n")[1].rstrip("\n")


def rewritten(text: str, base: Path) -> str:
    """Return the README with every number and table as its table gives it; what has none stays."""
    for quote in reversed(list(quotes(text, base))):
        if not quote.problem and not quote.right:
            start = quote.end - len(quote.written)
            text = text[:start] + quote.given + text[quote.end :]
    return TABLE.sub(lambda quoted: quoted[0].replace(quoted[4], compared(quoted)), text)


def problems(text: str, base: Path) -> list[str]:
    """Return in words what is wrong with the numbers of a README; empty where all is right."""
    found = [
        f"{quote.query}: {quote.problem or f'it says {quote.written!r}, its table {quote.given!r}'}"
        for quote in quotes(text, base)
        if not quote.right
    ]
    found += [f"no table is named for {result}" for result in uncovered(text)]
    found += [f"not the table of {match[1]}" for match in TABLE.finditer(text) if match[4] != compared(match)]
    return found + [f"a comment begins the line {line!r}" for line in AT_START.findall(text)]


def look_up(query: str, base: Path) -> str:
    """Return what the text of a query is by its table; raise ``Unfounded`` where it gives none."""
    shown = _shown(query)
    file, *words = _words(query.partition(":")[0])
    first, *others = _split(words)
    row = find(base / file, first)
    if not shown.form:
        return cell(row, shown.column)
    less = sum(number(find(base / file, first | other), shown.column) for other in others)
    text = _formatted((number(row, shown.column) - less) * shown.factor, shown.form)
    if not shown.interval:
        return text
    if others:
        raise Unfounded("a difference of two rows has no interval")
    low, high = sorted(number(row, end) * shown.factor for end in ("ci_low", "ci_high"))
    form = shown.form.lstrip("+")
    return f"{text} [{_formatted(low, form)}, {_formatted(high, form)}]"


def _words(where: str) -> list[str]:
    try:
        return shlex.split(where)
    except ValueError as error:
        raise Unfounded(str(error)) from error


def _shown(query: str) -> Shown:
    where, _, what = query.partition(":")
    asked = WHAT.fullmatch(what.strip())
    if not where.strip() or not asked:
        raise Unfounded("not FILE NAME COLUMN=VALUE ...: COLUMN[*FACTOR] FORMAT [ci]")
    column, factor, form, interval = asked.groups()
    return Shown(column, float(factor or 1), form, bool(interval)) if form else Shown()


def _split(words: list[str]) -> list[dict[str, str]]:
    """Return what is said of the row, and of those that are taken off it; its name is under an empty key."""
    said: list[dict[str, str]] = [{}]
    for word in words:
        if word == "minus":
            said.append({})
        else:
            column, equals, value = word.partition("=")
            said[-1][column if equals else ""] = value if equals else word
    return said


def _formatted(value: float, form: str) -> str:
    """Return a number with a true minus, and none before zero."""
    sign = "+" if form.startswith("+") else "-"
    return format(value, f"{sign}z{form.lstrip('+')}").replace("-", "−")


def base_of(readme: Path) -> Path:
    """Return the folder of the tables that a README quotes."""
    return ROOT / "results" / ("" if readme.parent == ROOT else readme.parent.name)


def main(words: Sequence[str]) -> int:
    """Check the READMEs that are named, or all; with ``--write`` write their numbers first."""
    paths = [Path(word).resolve() for word in words if word != "--write"] or READMES
    wrong = 0
    for path in paths:
        text, base = path.read_text(encoding="utf-8"), base_of(path)
        if "--write" in words:
            text = rewritten(text, base)
            path.write_text(text, encoding="utf-8")
        found = problems(text, base)
        print("\n".join([f"{path.relative_to(ROOT)}: {len(list(quotes(text, base)))} numbers", *found]))
        wrong += len(found)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
