"""What messages tell a person to type is there to be typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

import attnbench
import reproductions
from attnbench import paper
from attnbench.cli import app
from attnbench.harness.configure import defaults

SECTIONS = ("data", "model", "training", "decoding")
HOLE = "HOLE"
"""Stands where a message has something filled in."""

Command = Any
"""A command of the command line, or a group of them."""


class Text(NamedTuple):
    """A text in the source that is no docstring."""

    where: str
    text: str


def _documented(tree: ast.AST) -> set[int]:
    """Return the docstrings of a module, and texts that stand alone."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _filled(node: ast.AST) -> str:
    """Return a text with ``HOLE`` where it is filled in; joined where two are added."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_filled, node.values))
    return HOLE


def texts() -> Iterator[Text]:
    """Yield every text of the sources that a person may be shown."""
    for package in (attnbench, reproductions):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            inner = {
                id(one) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for one in node.values
            }
            apart = inner | _documented(tree)
            for node in ast.walk(tree):
                if isinstance(node, (ast.JoinedStr, ast.Constant)) and id(node) not in apart:
                    yield Text(f"{path.relative_to(root.parent)}:{node.lineno}", _filled(node))


def _top() -> Command:
    return typer.main.get_command(app)


def _options(command: Command) -> set[str]:
    named = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return {name for name in named if name.startswith("-")} | {"--help"}


def _all_options(command: Command) -> set[str]:
    return _options(command).union(*(_all_options(one) for one in getattr(command, "commands", {}).values()))


def wrong_with(words: str) -> str:
    """Return what cannot be typed of the words after ``attnbench``; empty: all can."""
    command = _top()
    for word in words.split():
        inner = getattr(command, "commands", {})
        if word.startswith("--"):
            if word.partition("=")[0] not in _options(command):
                return f"{command.name} has no {word}"
        elif inner:
            if word not in inner:
                return f"no command {word}"
            command = inner[word]
    return "" if not getattr(command, "commands", {}) else f"{words!r} names no command"


TEXTS = list(texts())
COMMANDS = [
    (one.where, words) for one in TEXTS for words in re.findall(r"`attnbench\b ?([^`]*)`", one.text) if words
]


def test_every_command_in_a_message_can_be_typed() -> None:
    assert {words.split()[0] for _, words in COMMANDS} >= {"reproduce", "list"}
    assert {f"{where}: {wrong}" for where, words in COMMANDS if (wrong := wrong_with(words))} == set()


def test_every_option_in_a_message_is_one() -> None:
    known = _all_options(_top())
    named = {(one.where, word) for one in TEXTS for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", one.text)}
    outside = {
        ("attnbench/machine/provenance.py", word) for word in ("--always", "--abbrev", "--dirty")
    }  # git's own
    assert {"--force", "--work", "--set"} <= {word for _, word in named}
    assert {
        (where, word)
        for where, word in named
        if word not in known and (where.partition(":")[0], word) not in outside
    } == set()


def test_every_setting_in_a_message_is_one() -> None:
    known = {
        f"{section}.{one.name}"
        for name in paper.names()
        for section in SECTIONS
        for one in fields(getattr(defaults(paper.load(name)), section))
    }
    pattern = re.compile(rf"(?<![\w./-])(?:{'|'.join(SECTIONS)})\.[a-z_]+\b(?![\w(./])")
    named = {(one.where, key) for one in TEXTS for key in pattern.findall(one.text)}
    assert "training.learning_rate" in {key for _, key in named}
    assert {
        (where, key) for where, key in named if key not in known and not key.endswith(".safetensors")
    } == set()


@pytest.mark.parametrize(
    ("words", "wrong"),
    [("reproduce --force", ""), ("work clean --all", ""), ("reproduce PAPER --fore", "no --fore"),
     ("data fetch", "no command fetch"), ("remake", "no command remake"), ("work", "names no command")],
)  # fmt: skip
def test_what_cannot_be_typed_is_found(words: str, wrong: str) -> None:
    found = wrong_with(words)
    assert wrong in found and bool(wrong) == bool(found)
