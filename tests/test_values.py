"""What settings may hold: each field's range, odd values, and where alone a setting counts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import example, given
from hypothesis import settings as examined
from hypothesis import strategies as st

from attnbench import harness, paper
from attnbench.errors import BadInput
from attnbench.harness.configure import defaults
from attnbench.settings import Settings, override
from attnbench.values import Rule, read, rule, shown

ODD = [
    "", " ", "nan", "-nan", "inf", "-inf", "1e400", "-1e400", "1e999999", "0", "-0.0", "-1", "1e-400", "1e3",
    "1.5", "1_000", "١٢", "٣", "²", "0x10", "1e18", str(10**18), "-" + "9" * 400, "9" * 5000, "none", "None",
    "true", "yes", "a,,b", ",", "a,b,", "\ud800", "a\0b", "a\nb", "a\u2028b", "~", "/", "../x", "x" * 300,
    "ünï", "$x_{$", "[red]", "en-**",
]  # fmt: skip
"""Texts that broke something somewhere."""

TEXTS = (
    st.sampled_from(ODD)
    | st.integers().map(str)
    | st.integers(-(10**30), 10**30).map(str)
    | st.floats().map(str)
    | st.text(st.characters(exclude_categories=()), max_size=8)
)


def sections() -> Iterator[tuple[str, str, Any]]:
    """Yield paper, section and settings of every section of every paper."""
    for name in paper.names():
        for section, settings in vars(defaults(paper.load(name))).items():
            yield name, section, settings


FIELDS = [
    (name, f"{section}.{field.name}")
    for name, section, one in sections()
    for field in dataclasses.fields(one)
]


def numeric() -> Iterator[tuple[str, str, type, Rule]]:
    """Yield paper, key, type and rule of every field that holds a number."""
    for name, section, settings in sections():
        hints = get_type_hints(type(settings))
        for field in dataclasses.fields(settings):
            kinds = {hints[field.name], *get_args(hints[field.name])} & {int, float}
            for kind in kinds:
                yield name, f"{section}.{field.name}", kind, rule(field)


def value(settings: Settings, key: str) -> Any:
    section, name = key.split(".")
    return getattr(getattr(settings, section), name)


def outside(kind: type, declared: Rule) -> list[float]:
    """Return the nearest numbers below and above a range, and some far away."""
    if kind is int:
        assert isinstance(declared.low, int) and isinstance(declared.high, int)
        near: list[float] = [declared.low - 1, declared.high + 1]
    else:
        low = math.nextafter(declared.low, -math.inf) if math.isfinite(declared.low) else declared.above
        high = math.nextafter(declared.high, math.inf) if math.isfinite(declared.high) else declared.below
        near = [low, high, math.nan, math.inf, -math.inf]
    return [number for number in [*near, -1, 10**31] if not (declared.or_zero and number == 0)]


def inside(kind: type, declared: Rule) -> list[float]:
    """Return the outermost numbers of a range."""
    low = declared.low if math.isfinite(declared.low) else math.nextafter(declared.above, math.inf)
    high = declared.high if math.isfinite(declared.high) else math.nextafter(declared.below, -math.inf)
    return [low, high, *([0] if declared.or_zero else [])]


def test_every_number_has_a_range_with_two_ends() -> None:
    found = list(numeric())
    assert len(found) > 50
    for name, key, _, declared in found:
        assert max(declared.low, declared.above) > -math.inf, f"{name} {key} has no lower end"
        assert min(declared.high, declared.below) < math.inf, f"{name} {key} has no upper end"


def test_a_range_holds_its_ends_and_nothing_beyond() -> None:
    for name, key, kind, declared in numeric():
        settings = override(defaults(paper.load(name)), {"training.batch_size": 1})  # weight noise asks it
        for number in inside(kind, declared):
            assert value(override(settings, {key: str(number)}), key) == number
        for number in outside(kind, declared):
            with pytest.raises(BadInput) as caught:
                override(settings, {key: str(number)})
            message = str(caught.value)
            assert message.startswith(f"{key} is ") and message.endswith(declared.range), (key, number)


def test_defaults_lie_in_their_ranges_and_have_their_type() -> None:
    for name, key, kind, declared in numeric():
        number: Any = value(defaults(paper.load(name)), key)
        assert number is None or (declared.holds(number) and type(number) is kind), key


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (Rule(low=1, high=5), "at least 1 and at most 5"),
        (Rule(low=0, below=1), "at least 0 and below 1"),
        (Rule(above=0), "above 0"),
        (Rule(low=0.001, high=1, or_zero=True), "0, or at least 0.001 and at most 1"),
        (Rule(high=1e30), "at most 1e+30"),
        (Rule(), "finite"),
    ],
)
def test_a_range_in_words(declared: Rule, words: str) -> None:
    assert declared.range == words


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("12", int, 12), (" -5 ", int, -5), ("+5", int, 5), ("007", int, 7),
        ("1_000", int, None), ("١٢", int, None), ("1e3", int, None), ("1.0", int, None), ("", int, None),
        ("0x10", int, None), ("9" * 5000, int, None), (5.0, int, None), (True, int, None),
        ("1e-3", float, 0.001), (".5", float, 0.5), ("5.", float, 5.0), ("-1E2", float, -100.0),
        (2, float, 2.0), ("1_0.5", float, None), ("٣", float, None), ("1e", float, None),
        (False, float, None), (None, float, None),
        ("1e400", float, math.inf), ("-inf", float, -math.inf), (10**400, float, math.inf),
        ("TRUE", bool, True), ("0", bool, False), ("yes", bool, None), (1, bool, None),
        (5, str, None), ("a b", str, "a b"),
    ],
)  # fmt: skip
def test_one_way_to_write_a_number(text: Any, kind: type, found: Any) -> None:
    if found is None:
        with pytest.raises(BadInput, match=r"^a\.b=.* is not "):
            read("a.b", text, kind)
    else:
        assert read("a.b", text, kind) == found and type(read("a.b", text, kind)) is kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,,b", "data.test='a,,b' has nothing between two commas"),
        ("a,", "has nothing between two commas"),
        (",", "has nothing between two commas"),
        ("a\ud800", r"data.test='a\\ud800' is not UTF-8"),
        ("a,b\0", r"data.test='b\\x00' holds a control character"),
        ("a\u2028b", "holds a control character"),
    ],
)
def test_texts_that_are_none(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        override(defaults(paper.load("bahdanau2015")), {"data.test": text})


def test_a_quoted_value_is_short_and_on_one_line() -> None:
    assert shown("a\nb") == r"'a\nb'"
    assert shown(3) == "3" and shown(-(10**5000)) == "-a number of more than 60 digits"
    assert len(shown("x" * 300)) == 61


@pytest.mark.parametrize("name", paper.names())
def test_whole_numbers_are_never_cut_or_made_of_others(name: str) -> None:
    """A paper's own layers go through the same door as text."""
    with pytest.raises(BadInput, match=r"training.updates=12.5 is not a whole number"):
        override(defaults(paper.load(name)), {"training.updates": 12.5})
    with pytest.raises(BadInput, match=r"training.equal_lengths=1 is not true or false"):
        override(defaults(paper.load(name)), {"training.equal_lengths": 1})


@example(where=("bahdanau2015", "model.hidden"), text=str(10**18))
@example(where=("bahdanau2015", "model.hidden"), text="1000000")
@example(where=("bahdanau2015", "training.clip"), text="-1")
@example(where=("rocktaschel2016", "data.limit"), text=str(10**12))
@example(where=("rocktaschel2016", "data.seed"), text="-1")
@example(where=("rocktaschel2016", "model.dropout"), text="1")
@examined(max_examples=200, derandomize=True, deadline=None, database=None)
@given(where=st.sampled_from(FIELDS), text=TEXTS)
def test_any_value_is_taken_or_refused_in_one_line(where: tuple[str, str], text: str) -> None:
    name, key = where
    try:
        asked = harness.request(
            name, scale="smoke", device="cpu", out=Path("out"), work=Path("work"), changes={key: text}
        )
    except BadInput as refused:
        message = str(refused)
        assert len(message.splitlines()) == 1 and message.isprintable() and len(message) < 400
        return
    for system in asked.systems:
        found = value(asked.settings(system), key)
        assert found is None or isinstance(found, str | int | float | tuple)
        assert not isinstance(found, float) or math.isfinite(found)
