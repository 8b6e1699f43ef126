"""A cache and a results folder, the commands that read them, and how each answers when nothing is damaged."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import harm
from forking import Forks, Tried
from outcome import differences, hidden, outcome, renewed

REPRODUCE, FORCE = "reproduce", "reproduce --force"
LIST, CLEAN = "work list", "work clean"

BY_SIDE = {
    "out": ("compare", "claims", "rebuild", REPRODUCE, FORCE),
    "work": ("predict", LIST, CLEAN, REPRODUCE, FORCE),
}
"""The commands that read each folder."""

WRITE = ("rebuild", REPRODUCE, FORCE)
"""Those that write the tables."""

PROGRESS = re.compile(r"\w+: \S+, scale \w+")
"""What `reproduce` says before it reads its corpus."""

SECOND = re.compile(r"/[a-z0-9-]+\.1\.")
"""In the names of what is of seed 1."""

ROUNDS = 3
"""How often advice may have to be followed until a command is through."""


GIVES_UP = re.compile("delete .*`attnbench rebuild")
"""Advice by which what was damaged is gone, and the tables are those of the rest."""

REASONS = [
    "is not a folder",
    *(os.strerror(code) for code in (errno.EACCES, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)),
]
"""What is said of what stands in the way; a line that says so, and where, needs no other advice."""

IN_NAMES = r"[^\s;:,()'`]*"

Act = Callable[["Stand"], object]


class Stand:
    """Commands on a folder that is made whole before each case."""

    def __init__(self, forks: Forks, folder: Path, words: Sequence[str], trained: str) -> None:
        """Take the words of a `reproduce`, and what `predict` is to use."""
        self.forks, self.folder, self.whole, self.other = (
            forks,
            folder / "here",
            folder / "whole",
            folder / "other",
        )
        self.folder.mkdir()
        (self.folder / "in.txt").write_text("the man sees a dog .\n\nhe\n")
        out, work = ["--out", str(self.folder / "out")], ["--work", str(self.folder / "work")]
        reproduce = [*words, *out, *work]
        self.words: dict[str, list[str]] = {
            "compare": ["compare", "--by", "length", *out],
            "claims": ["claims", "--json", *out],
            "rebuild": ["rebuild", *out],
            REPRODUCE: reproduce,
            FORCE: [*reproduce, "--force"],
            "predict": ["predict", trained, "--input", str(self.folder / "in.txt"), *work],
            LIST: ["work", "list", *work],
            CLEAN: ["work", "clean", *work],
        }
        self.culprit = self.folder
        """What is damaged."""
        self._expected: dict[str, Tried] = {}
        self.tables: dict[str, str] = {}
        """What `reproduce` leaves in the results folder."""
        self.cleaned: dict[str, str] = {}
        """What `work clean` leaves in the whole one."""

    def settle(self, until: str = "") -> None:
        """Run `reproduce`, or kill it where it has done ``until``."""
        said = self.say(REPRODUCE)
        assert said.code == 0, said.err
        self.tables = outcome(self.folder / "out")
        if until:
            self._start_over()
            fatal = 2 + next(place for place, (what, _) in enumerate(said.places) if re.search(until, what))
            assert self.forks(self.words[REPRODUCE], self.folder, fatal).code == -signal.SIGKILL
            assert not hidden(self.folder)
        renewed(self.folder, self.whole)

    def expected(self, command: str) -> Tried:
        """Return how a command answers where nothing is damaged; its tables are those of `reproduce`."""
        if command not in self._expected:
            renewed(self.whole, self.folder)
            said = self._expected[command] = self.say(command)
            if command == CLEAN:
                self.cleaned = outcome(self.folder)
            assert command not in WRITE or said.code or outcome(self.folder / "out") == self.tables
        return self._expected[command]

    def _start_over(self) -> None:
        for name in ("out", "work"):
            shutil.rmtree(self.folder / name)

    def say(self, name: str, *more: str) -> Tried:
        """Run a command by its name."""
        return self.forks([*self.words[name], *more], self.folder, unprivileged=True)

    def cases(self) -> list[tuple[Path, str, str]]:
        """Return every file and folder, all that can be done to it, and each command that reads its like.

        Of two seeds one is enough.
        """
        paths = [path for side in BY_SIDE for path in sorted((self.whole / side).rglob("*"))]
        names = [path.relative_to(self.whole) for path in paths if not SECOND.search(str(path))]
        return [
            (name, how, command)
            for name in names
            for how in harm.of(self.whole / name, harm.counterpart(name, self.other))
            for command in BY_SIDE[name.parts[0]]
        ]

    def damage(self, name: Path, how: str) -> None:
        """Make the folder whole, then damage one thing in it."""
        renewed(self.whole, self.folder)
        self.culprit = self.folder / name
        harm.of(self.culprit, harm.counterpart(name, self.other))[how](self.culprit)

    def examine(self, name: Path, how: str, command: str) -> str:
        """Return what is wrong with how a command answers to one damage; empty: nothing."""
        for asked in (command, REPRODUCE):  # both are compared with, and change the folder
            self.expected(asked)
        self.damage(name, how)
        said = self.say(command)
        problem = self._judge(command, said, name)
        if not problem and said.code:
            problem = self._advised(command, said, name, how)
        if not problem and command == CLEAN:
            problem = self._judge(REPRODUCE, self.say(REPRODUCE), name)
            problem = problem and f"then {REPRODUCE}: {problem}"
        return problem and f"{name} {how}: {command}: {problem}"

    def _judge(self, command: str, said: Tried, name: Path) -> str:
        """Return what is wrong with an answer; empty for the undisturbed one, and for a refusal."""
        if said.code:
            return _refusal(said)
        out = self.expected(command).out
        if command == LIST:
            gone = set(out.splitlines()) - set(said.out.splitlines())
            gone = {row for row in gone if not _same_thing(Path("work", row.split()[1]), name)}
            return f"rows of others differ: {gone}" if gone else ""
        if command == CLEAN:
            lost = differences(outcome(self.folder), self.cleaned)
            lost = [one for one in lost if not _same_thing(Path(one.partition(" (")[0]), name)]
            return f"lost: {lost}" if lost else ""
        if said.out != out:
            return f"WITHOUT A WORD: other output: {_first_difference(said.out, out)}"
        if command in WRITE:
            found = differences(outcome(self.folder / "out"), self.tables)
            if command == "rebuild" and " is no longer there, and forgotten" in said.err:
                return ""  # told, and the tables are those of the rest
            return f"WITHOUT A WORD: other results: {', '.join(found)}" if found else ""
        return ""

    def in_the_way(self, said: Tried) -> Act | None:
        """Return what takes away what was damaged, where a refusal only says that it stands in the way."""
        line = said.err.strip().rpartition("\n")[2]
        named = _subject(line, self.folder)
        if named and named.is_relative_to(self.culprit) and any(reason in line for reason in REASONS):
            return _deletion(self.culprit)
        return None

    def _offered(self, said: Tried) -> dict[str, Act]:
        """Return what a refusal says to do."""
        found = actions(said.err.strip().rpartition("\n")[2], self.folder)
        away = None if found else self.in_the_way(said)
        return {"mend that": away} if away else found

    def _advised(self, command: str, said: Tried, name: Path, how: str) -> str:
        """Follow each advice of a refusal, from the same damage; return what is wrong then."""
        if self.expected(command).code:
            return ""  # refused undamaged as well
        found = self._offered(said)
        if not found:
            return f"no advice: {said.err.strip()}"
        for wanted in found:
            self.damage(name, how)
            last = self.say(command)
            for _ in range(ROUNDS):
                offered = self._offered(last)
                if not last.code or not offered or _refusal(last):
                    break
                offered.get(wanted, next(iter(offered.values())))(self)
                last = self.say(command)
            if last.code:
                problem = f"still: {last.err.strip()[-400:]}"
            else:
                problem = "" if GIVES_UP.search(wanted) else self._judge(command, last, name)
            if problem:
                return f"advice {wanted!r} followed: {problem}; first: {said.err.strip()[-400:]}"
        return ""


def _subject(line: str, folder: Path) -> Path | None:
    """Return the first path below the folder that a line names."""
    found = re.search(re.escape(str(folder)) + IN_NAMES, line)
    return Path(found[0]) if found else None


def actions(line: str, folder: Path) -> dict[str, Act]:
    """Return what the line of a refusal says to do: each alternative, and how it is done.

    A file is to be deleted by its name, or as the `it` that the line begins with. Other steps come after.
    """
    path, subject = re.escape(str(folder)) + IN_NAMES, _subject(line, folder)
    found: dict[str, Act] = {}
    for part in re.split(r",? or |; ", line):
        steps: list[Act] = []
        if named := re.search(rf"\bdelete ({path})", part):
            steps.append(_deletion(Path(named[1])))
        elif subject and "delete it" in part:
            steps.append(_deletion(subject))
        steps += map(_command, re.findall(r"`attnbench ([^`]*)`", part))
        if "--force" in re.sub("`[^`]*`", "", part):
            steps.append(_command("reproduce --force"))
        if steps:
            found[part] = _in_turn(steps)
    return found


def _in_turn(steps: Sequence[Act]) -> Act:
    def act(stand: Stand) -> None:
        for step in steps:
            step(stand)

    return act


def _deletion(path: Path) -> Act:
    return lambda stand: harm.remove(path) if os.path.lexists(path) else None


def _command(text: str) -> Act:
    """Return what runs a command that was named: for `reproduce`, the one that the stand was made by."""
    name = {"reproduce": REPRODUCE, "rebuild": "rebuild", "work": CLEAN}[text.split()[0]]
    name = FORCE if name == REPRODUCE and "--force" in text else name

    def act(stand: Stand) -> None:
        said = stand.say(name)
        if said.code and (take_away := stand.in_the_way(said)):
            take_away(stand)
            stand.say(name)

    return act


def _refusal(said: Tried) -> str:
    """Return what is wrong with a refusal: it is one line, with nothing printed."""
    lines = [line for line in said.err.splitlines() if not PROGRESS.fullmatch(line)]
    if said.code not in (1, 2) or len(lines) != 1 or not lines[0].startswith("attnbench: "):
        return f"TRACEBACK, or no line: exit code {said.code}: {said.err.strip()[-300:]}"
    return f"printed {said.out!r}, then refused" if said.out else ""


def _same_thing(one: Path, other: Path) -> bool:
    """Return whether two names are of the same run or corpus, or one lies in the other."""
    depth = {"runs": 5, "corpora": 3}.get(one.parts[1], 2)
    common = min(depth, len(one.parts), len(other.parts))
    return one.parts[:common] == other.parts[:common]


def _first_difference(found: str, expected: str) -> str:
    pairs = zip([*found.splitlines(), ""], [*expected.splitlines(), ""], strict=False)
    return next((f"{a!r}, not {b!r}" for a, b in pairs if a != b), "longer or shorter")[:200]
