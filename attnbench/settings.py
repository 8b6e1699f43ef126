"""Settings: frozen dataclasses in sections, changed by dotted keys such as ``training.updates``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attnbench.errors import BadInput, unknown

NEUTRAL = "neutral"


def neutral(default: Any) -> Any:
    """Return a dataclass field with this default that changes no result, so that no run is named by it."""
    return field(default=default, metadata={NEUTRAL: True})


@dataclass(frozen=True)
class DataSettings:
    """Which examples. A task's own settings come after these."""

    train: tuple[str, ...] = ()
    """Names of the training files, several joined; empty: ``train``."""
    valid: tuple[str, ...] = ()
    """Names of the validation files; empty: ``valid``, ``val``, ``dev`` or ``validation``."""
    test: tuple[str, ...] = ()
    """Names of the test files, each a test set of its own; empty: ``test``."""
    limit: int | None = None
    """The first so many training examples only; for embedded data, how many are made."""
    valid_limit: int | None = None
    """The first so many validation examples only."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        at_least("data", self, limit=1, valid_limit=1)

    @property
    def notes(self) -> list[str]:
        """What a reader must know of a corpus that is read as this says; nothing holds of generated ones."""
        return []


@dataclass(frozen=True)
class ModelSettings:
    """The sizes of a model: each paper has its own."""


@dataclass(frozen=True)
class TrainingSettings:
    """How a system is trained. The defaults are ours; a paper's scale sets its own."""

    updates: int = 1000
    """Optimiser steps; the budget, never wall time."""
    batch_size: int = 32
    """Examples an update, at most."""
    batch_tokens: int = 0
    """The most that an update's examples times its longest length may be (words, frames); 0: no bound."""
    equal_lengths: bool = False
    """Whether an update's examples all have one length."""
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
    checkpoint_seconds: float = neutral(60.0)
    """Seconds between two checkpoints; where one falls never changes a number."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        one_of("training.optimizer", self.optimizer, ("adam", "adadelta", "sgd"))
        one_of("training.loss_per", self.loss_per, ("word", "example"))
        one_of("training.precision", self.precision, ("no", "bf16", "fp16"))
        at_least(
            "training",
            self,
            updates=1,
            batch_size=1,
            batch_tokens=0,
            bucket_batches=1,
            evaluations=1,
            patience=0,
            halve_every=0,
            l2=0,
        )


@dataclass(frozen=True)
class DecodingSettings:
    """How a trained system is used."""

    batch_size: int = neutral(64)
    """Examples decoded together."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        at_least("decoding", self, batch_size=1)

    def trained(self) -> DecodingSettings:
        """Return the settings under which an untrained model takes about as long as a trained one."""
        return self


@dataclass(frozen=True)
class SearchSettings(DecodingSettings):
    """How outputs are searched for."""

    beam: int = 5
    """Hypotheses an example; 1 is greedy."""
    normalise: bool = True
    """Rank finished hypotheses by log-probability a token (end symbol included)."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        super().__post_init__()
        at_least("decoding", self, beam=1)


@dataclass(frozen=True)
class Settings:
    """All settings of one system, section by section."""

    data: DataSettings
    model: ModelSettings
    training: TrainingSettings
    decoding: DecodingSettings

    def json(self) -> dict[str, dict[str, Any]]:
        """Return the sections as plain JSON values."""
        return dataclasses.asdict(self)

    def identity(self) -> dict[str, dict[str, Any]]:
        """Return the same without the fields that change no result."""
        return {
            section.name: {
                one.name: getattr(getattr(self, section.name), one.name)
                for one in dataclasses.fields(getattr(self, section.name))
                if NEUTRAL not in one.metadata
            }
            for section in dataclasses.fields(self)
        }


def one_of(key: str, value: str, known: tuple[str, ...]) -> None:
    """Raise ``BadInput`` unless a setting has one of the known values."""
    if value not in known:
        raise unknown(f"value of {key}", value, known)


def at_least(section: str, settings: Any, **lowest: float) -> None:
    """Raise ``BadInput`` for a field below its bound; None is below none."""
    for name, bound in lowest.items():
        value = getattr(settings, name)
        if value is not None and not value >= bound:  # not a number is not at least anything
            raise BadInput(f"{section}.{name} is {value}; it must be at least {bound:g}")


def override(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return the settings with dotted keys changed; text is read as the field's type.

    Raises ``BadInput`` for an unknown key (with the nearest) or a value of another type.
    """
    sections = {one.name: getattr(settings, one.name) for one in dataclasses.fields(settings)}
    for key, value in changes.items():
        section, _, name = key.partition(".")
        known = [f"{s}.{f.name}" for s, fields in sections.items() for f in dataclasses.fields(fields)]
        if key not in known:
            raise unknown(
                "setting", key, [other for other in known if other.endswith(f".{name or key}")] or known
            )
        declared = typing.get_type_hints(type(sections[section]))[name]
        sections[section] = dataclasses.replace(sections[section], **{name: _parsed(key, value, declared)})
    return Settings(**sections)


def _parsed(key: str, value: Any, declared: Any) -> Any:
    if isinstance(declared, types.UnionType):
        if value is None or str(value).lower() == "none":
            return None
        declared = next(one for one in typing.get_args(declared) if one is not types.NoneType)
    if typing.get_origin(declared) is tuple:
        items = (
            [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        )
        return tuple(_parsed(key, item, typing.get_args(declared)[0]) for item in items)
    try:
        if declared is bool and isinstance(value, str):
            return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
        return declared(value)
    except (KeyError, TypeError, ValueError):
        raise BadInput(f"{key}={value!r} is not {_article(declared.__name__)}") from None


def _article(name: str) -> str:
    return {"int": "a whole number", "float": "a number", "bool": "true or false"}.get(name, f"a {name}")


def parse(assignments: list[str]) -> dict[str, str]:
    """Return ``["a.b=c"]`` as ``{"a.b": "c"}``; raise ``BadInput`` for a text without ``=``."""
    pairs = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise BadInput(f"--set {text!r} is not KEY=VALUE, such as training.updates=500")
        pairs[key.strip()] = value.strip()
    return pairs


def digest(value: Any) -> str:
    """Return 12 hex digits that name a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
