"""Settings: frozen dataclasses in sections, changed by dotted keys such as ``training.updates``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnbench.errors import BadInput, unknown

Sections = dict[str, Any]
"""Section name (``data``, ``model``, ``training``, ``decoding``) to its frozen dataclass."""


@dataclass(frozen=True)
class TrainingSettings:
    """How a system is trained. The defaults are ours; a paper's scale sets its own."""

    updates: int = 1000
    """Optimiser steps; the budget, never wall time."""
    batch_size: int = 32
    """Examples an update."""
    bucket_batches: int = 20
    """Batches fetched at a time and sorted by length."""
    optimizer: str = "adam"
    """``adam``, ``adadelta`` or ``sgd``."""
    learning_rate: float = 1e-3
    """The peak, after the warm-up."""
    warmup: int = 0
    """Updates of linear warm-up."""
    decay_from: float = 1.0
    """The share of the updates after which the rate falls."""
    decay_to: float = 0.05
    """The share of the peak rate that is left at the end of a linear fall."""
    halve_every: float = 0.0
    """The share of the updates after which the rate halves, again and again; 0: it falls linearly."""
    l2: float = 0.0
    """Weight of the l2 penalty: so much of each parameter is added to its gradient, after clipping."""
    rho: float = 0.95
    """Decay of Adadelta's running averages."""
    epsilon: float = 1e-8
    """The optimiser's epsilon."""
    loss_per: str = "word"
    """``word``: mean over target words; ``example``: sum over words, mean over examples."""
    clip: float = 1.0
    """Largest norm of the whole gradient, on the scale that ``loss_per`` sets."""
    precision: str = "no"
    """accelerate's mixed precision: ``no``, ``bf16`` or ``fp16``."""
    evaluations: int = 10
    """How often, evenly spread, the validation set is scored."""
    patience: int = 0
    """Stop after so many evaluations without a better score, and keep the best weights; 0: never stop."""
    checkpoint_seconds: float = 60.0
    """Seconds between two checkpoints; where one falls never changes a number."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        _one_of("training.optimizer", self.optimizer, ("adam", "adadelta", "sgd"))
        _one_of("training.loss_per", self.loss_per, ("word", "example"))
        _one_of("training.precision", self.precision, ("no", "bf16", "fp16"))
        _at_least(
            "training",
            self,
            updates=1,
            batch_size=1,
            bucket_batches=1,
            evaluations=1,
            patience=0,
            halve_every=0,
            l2=0,
        )


@dataclass(frozen=True)
class DecodingSettings:
    """How a trained system is used."""

    beam: int = 5
    """Hypotheses a sentence; 1 is greedy."""
    normalise: bool = True
    """Rank finished hypotheses by log-probability a token (end symbol included)."""
    max_length_ratio: float = 3.0
    """Longest output, in source lengths (end symbols included)."""
    batch_size: int = 64
    """Examples decoded together; changes no result."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        _at_least("decoding", self, beam=1, batch_size=1, max_length_ratio=0.1)


def _one_of(key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise unknown(f"value of {key}", value, known)


def _at_least(section: str, settings: Any, **lowest: float) -> None:
    for name, bound in lowest.items():
        if not getattr(settings, name) >= bound:  # not a number is not at least anything
            raise BadInput(f"{section}.{name} is {getattr(settings, name)}; it must be at least {bound:g}")


def override(sections: Sections, changes: Mapping[str, Any]) -> Sections:
    """Return the sections with dotted keys changed; text is read as the field's type.

    Raises ``BadInput`` for an unknown key (with the nearest) or a value of another type.
    """
    changed = dict(sections)
    for key, value in changes.items():
        section, _, name = key.partition(".")
        known = [f"{s}.{f.name}" for s, settings in sections.items() for f in dataclasses.fields(settings)]
        if key not in known:
            raise unknown(
                "setting", key, [other for other in known if other.endswith(f".{name or key}")] or known
            )
        kind = typing.get_type_hints(type(changed[section]))[name]
        changed[section] = dataclasses.replace(changed[section], **{name: _read(key, value, kind)})
    return changed


def _read(key: str, value: Any, kind: Any) -> Any:
    if isinstance(kind, types.UnionType):
        if value is None or str(value).lower() == "none":
            return None
        kind = next(k for k in typing.get_args(kind) if k is not types.NoneType)
    if typing.get_origin(kind) is tuple:
        items = (
            [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        )
        return tuple(_read(key, item, typing.get_args(kind)[0]) for item in items)
    try:
        if kind is bool and isinstance(value, str):
            return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
        return kind(value)
    except (KeyError, TypeError, ValueError):
        raise BadInput(f"{key}={value!r} is not {_article(kind.__name__)}") from None


def _article(kind: str) -> str:
    return {"int": "a whole number", "float": "a number", "bool": "true or false"}.get(kind, f"a {kind}")


def parse(assignments: list[str]) -> dict[str, str]:
    """Return ``["a.b=c"]`` as ``{"a.b": "c"}``; raise ``BadInput`` for a text without ``=``."""
    pairs = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise BadInput(f"--set {text!r} is not KEY=VALUE, such as training.updates=500")
        pairs[key.strip()] = value.strip()
    return pairs


def as_json(sections: Sections) -> dict[str, dict[str, Any]]:
    """Return the sections as plain JSON values."""
    return {name: dataclasses.asdict(settings) for name, settings in sections.items()}


def digest(value: Any) -> str:
    """Return 12 hex digits that name a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
