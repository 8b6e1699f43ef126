"""What a setting may hold, and where it counts: declared once, on its field, and checked in one place.

``setting`` makes the field, ``check`` holds a section to what its fields declare, ``read`` turns text into
the type of a field.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from attnbench.errors import BadInput, is_utf8, unknown

SEED = 2**32 - 1
"""The largest seed that numpy and torch both take."""

SIZE = 10**6
"""More units of a layer than any machine holds: a square matrix of them takes four terabytes."""

COUNT = 10**12
"""More examples, or updates, than anybody waits for."""

_RULE = "rule"
_WHOLE = re.compile(r"[+-]?[0-9]{1,4000}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.I)
_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
_SHOWN = 60


class Here(NamedTuple):
    """Where a setting may count or not."""

    kind: str
    """Of data: ``embedded``, ``files`` or ``hub``."""
    system: str
    settings: Any
    """All of the system's, ``attnbench.settings.Settings``."""


class Only(NamedTuple):
    """Where alone a setting counts."""

    where: str
    """As a message says it: ``it is for ...``."""
    holds: Callable[[Here], bool]


MADE = Only("embedded data", lambda here: here.kind == "embedded")
GIVEN = Only("data from files or a hub", lambda here: here.kind != "embedded")
FILES = Only("data from files", lambda here: here.kind == "files")


def of_systems(*names: str) -> Only:
    """Return that a setting counts for these systems alone."""
    return Only(f"the system{'s' * (len(names) > 1)} {', '.join(names)}", lambda here: here.system in names)


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a field declares of its values."""

    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    below: float = math.inf
    """``above`` and ``below`` are not reached themselves."""
    or_zero: bool = False
    """Whether 0 is allowed too, for what is off."""
    one_of: Sequence[str] = ()
    """The texts that are allowed; empty: all."""
    neutral: bool = False
    """Whether it changes no result, so that no run is named by it."""
    at_most: bool = False
    """Whether it is a bound that the corpus may not reach."""
    tested: bool = False
    """Whether it changes what systems are tested on, so that all have the same."""
    only: Only | None = None

    def holds(self, number: float) -> bool:
        """Return whether a number is in the range; what is not finite never is."""
        if isinstance(number, float) and not math.isfinite(number):
            return False
        inside = self.low <= number <= self.high and self.above < number < self.below
        return inside or (self.or_zero and number == 0)

    @property
    def range(self) -> str:
        """The range in words, such as ``at least 1 and at most 500``."""
        bounds = {"at least": self.low, "above": self.above, "at most": self.high, "below": self.below}
        named = [f"{word} {_written(bound)}" for word, bound in bounds.items() if math.isfinite(bound)]
        return ("0, or " if self.or_zero else "") + (" and ".join(named) or "finite")


PLAIN = Rule()


def setting(default: Any, **declared: Any) -> Any:
    """Return a dataclass field with this default; ``declared`` is what ``Rule`` takes."""
    return dataclasses.field(default=default, metadata={_RULE: Rule(**declared)})


def rule(field: dataclasses.Field[Any]) -> Rule:
    """Return what a field declares; a field that declares nothing takes any finite value."""
    found: Rule = field.metadata.get(_RULE, PLAIN)
    return found


def check(section: str, settings: Any) -> None:
    """Raise ``BadInput`` for a field of a section whose value is not what it declares."""
    for field in dataclasses.fields(settings):
        value, key, declared = getattr(settings, field.name), f"{section}.{field.name}", rule(field)
        if isinstance(value, int | float) and not isinstance(value, bool) and not declared.holds(value):
            raise BadInput(f"{key} is {shown(value)}; it must be {declared.range}")
        if isinstance(value, str) and declared.one_of and value not in declared.one_of:
            cut = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
            raise unknown(f"value of {key}", cut, declared.one_of)


def read(key: str, value: Any, declared: Any) -> Any:
    """Return a value, or the text of one, as the type of its field.

    Whole numbers are plain digits, numbers may have a point and an exponent; items of a tuple are joined by
    commas. Raises ``BadInput`` for anything else, and for text that no line can show.
    """
    if isinstance(declared, types.UnionType):
        if value is None or (isinstance(value, str) and value.strip().lower() == "none"):
            return None
        declared = next(one for one in typing.get_args(declared) if one is not types.NoneType)
    if typing.get_origin(declared) is tuple:
        items = value.split(",") if isinstance(value, str) and value.strip() else value or ()
        if not isinstance(items, list | tuple):
            raise BadInput(f"{key}={shown(value)} is not a list of items joined by commas")
        return tuple(_item(key, value, item, typing.get_args(declared)[0]) for item in items)
    found = _text(key, value) if declared is str else _parsed(value, declared)
    if not isinstance(found, declared) or (isinstance(found, bool) and declared is not bool):
        raise BadInput(f"{key}={shown(value)} is not {_NAMES.get(declared, declared.__name__)}")
    return found


def _item(key: str, value: Any, item: Any, declared: Any) -> Any:
    if isinstance(item, str) and not item.strip():
        raise BadInput(f"{key}={shown(value)} has nothing between two commas; leave one of them out")
    return read(key, item.strip() if isinstance(item, str) else item, declared)


def _parsed(value: Any, declared: Any) -> Any:
    """Return text as a number or truth value, and a whole number as a float; all else as it is."""
    if isinstance(value, str):
        text = value.strip()
        if declared is bool:
            return _TRUTH.get(text.lower())
        pattern = _WHOLE if declared is int else _NUMBER
        return declared(text) if pattern.fullmatch(text) else None
    if declared is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 10**300 else math.inf if value > 0 else -math.inf
    return value


def _text(key: str, value: Any) -> Any:
    """Return text; raise ``BadInput`` for what is not UTF-8, or holds what is no part of a line."""
    if isinstance(value, str):
        if not is_utf8(value):
            raise BadInput(f"{key}={shown(value)} is not UTF-8; write it in UTF-8")
        if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
            raise BadInput(f"{key}={shown(value)} holds a control character; leave it out")
    return value


def shown(value: Any) -> str:
    """Return a value as a message quotes it: on one line, and cut where it is long."""
    if isinstance(value, int) and abs(value) > 10**_SHOWN:
        return f"{'-' if value < 0 else ''}a number of more than {_SHOWN} digits"
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _written(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"
