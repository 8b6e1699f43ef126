"""Settings: frozen dataclasses in sections, changed by dotted keys such as ``training.updates``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, ClassVar, TypeVar

from attnbench.errors import BadInput, unknown
from attnbench.values import COUNT, GIVEN, Only, check, read, rule, setting

Some = TypeVar("Some", bound="Section")


@dataclass(frozen=True)
class Section:
    """Some settings that belong together, checked whenever they are made: see ``values.setting``."""

    section: ClassVar[str]
    """What comes before the dot."""

    def __post_init__(self) -> None:
        """Raise ``BadInput`` for a value that is not what its field declares."""
        check(self.section, self)

    @property
    def notes(self) -> list[str]:
        """What a reader must know of a corpus that is read as this says; nothing holds of generated ones."""
        return []


@dataclass(frozen=True)
class DataSettings(Section):
    """Which examples. A task's own settings come after these."""

    section: ClassVar[str] = "data"

    train: tuple[str, ...] = setting((), only=GIVEN)
    """Names of the training files, several joined; empty: ``train``."""
    valid: tuple[str, ...] = setting((), only=GIVEN)
    """Names of the validation files; empty: ``valid``, ``val``, ``dev`` or ``validation``."""
    test: tuple[str, ...] = setting((), only=GIVEN, tested=True)
    """Names of the test files, each a test set of its own; empty: ``test``."""
    limit: int | None = setting(None, low=1, high=COUNT)
    """The first so many training examples only; for embedded data, how many are made."""
    valid_limit: int | None = setting(None, low=1, high=COUNT)
    """The first so many validation examples only."""


@dataclass(frozen=True)
class ModelSettings(Section):
    """The sizes of a model: each paper has its own."""

    section: ClassVar[str] = "model"


_AVERAGING = Only(
    "training.optimizer=adadelta or rmsprop",
    lambda here: here.settings.training.optimizer in ("adadelta", "rmsprop"),
)
_ADAPTIVE = Only(
    "training.optimizer=adam, adadelta or rmsprop", lambda here: here.settings.training.optimizer != "sgd"
)
_UNEQUAL = Only("batches of several lengths", lambda here: not here.settings.training.equal_lengths)
_FALLS = Only("training.decay_from below 1", lambda here: here.settings.training.decay_from < 1)
_FALLING = Only(
    "training.decay_to below 1, or halvings",
    lambda here: here.settings.training.decay_to < 1 or here.settings.training.halve_every > 0,
)
_LINEAR = Only(
    "training.decay_from below 1 and training.halve_every=0",
    lambda here: here.settings.training.decay_from < 1 and not here.settings.training.halve_every,
)
_SEVERAL = Only(
    "outputs of several words, and no training.weight_noise",
    lambda here: (
        isinstance(here.settings.decoding, SearchSettings) and not here.settings.training.weight_noise
    ),
)  # else an example is one target, or the loss is an example's by its definition
_PATIENT = Only("a training.patience above 0", lambda here: here.settings.training.patience > 0)
SEARCHED = Only("a decoding.beam above 1", lambda here: here.settings.decoding.beam > 1)
"""What ranks or joins hypotheses: a beam of 1 has but one."""


@dataclass(frozen=True)
class TrainingSettings(Section):
    """How a system is trained. The defaults are ours; a paper's scale sets its own."""

    section: ClassVar[str] = "training"

    updates: int = setting(1000, low=1, high=COUNT)
    """Optimiser steps; the budget, never wall time."""
    batch_size: int = setting(32, low=1, high=10**9)
    """Examples an update, at most."""
    batch_tokens: int = setting(0, low=0, high=COUNT)
    """The most that an update's examples times its longest length may be (words, frames); 0: no bound."""
    equal_lengths: bool = False
    """Whether an update's examples all have one length."""
    bucket_batches: int = setting(20, low=1, high=10**6, only=_UNEQUAL)
    """Batches fetched at a time and sorted by length."""
    optimizer: str = setting("adam", one_of=("adam", "adadelta", "rmsprop", "sgd"))
    """``adam``, ``adadelta``, ``rmsprop`` (Graves 2013: centred, with a momentum of 0.9) or ``sgd``."""
    learning_rate: float = setting(1e-3, low=1e-12, high=1e30)
    """The peak, after the warm-up."""
    warmup: int = setting(0, low=0, high=COUNT)
    """Updates of linear warm-up; with more than all updates the peak is never reached."""
    decay_from: float = setting(1.0, low=0, high=1, only=_FALLING)
    """The share of the updates after which the rate falls."""
    decay_to: float = setting(0.05, low=0, high=1, only=_LINEAR)
    """The share of the peak rate that is left at the end of a linear fall."""
    halve_every: float = setting(0.0, low=0.001, high=1, or_zero=True, only=_FALLS)
    """The share of the updates after which the rate halves, again and again; 0: it falls linearly."""
    l2: float = setting(0.0, low=0, high=1e6)
    """Weight of the l2 penalty: so much of each parameter is added to its gradient, after clipping."""
    rho: float = setting(0.95, low=0, below=1, only=_AVERAGING)
    """Decay of the running averages of Adadelta and of RMSProp."""
    epsilon: float = setting(1e-8, low=1e-30, high=1, only=_ADAPTIVE)
    """The optimiser's epsilon."""
    loss_per: str = setting("word", one_of=("word", "example"), only=_SEVERAL)
    """``word``: mean over target words; ``example``: sum over words, mean over examples."""
    clip: float = setting(1.0, low=1e-12, high=1e30)
    """Largest norm of the whole gradient, on the scale that ``loss_per`` sets; 1e30 clips nothing."""
    column_norm: float = setting(0.0, low=1e-12, high=1e12, or_zero=True)
    """The largest norm of a unit's incoming weights, of every weight matrix and after each update; 0: any."""
    weight_noise: float = setting(0.0, low=1e-12, high=1e12, or_zero=True)
    """Train with weights drawn anew at each update, their variances learned (Graves 2011): the weight of
    the complexity cost, which is divided by the number of training examples; 0: no noise. The loss is that
    of an example, summed over its words."""
    precision: str = setting("no", one_of=("no", "bf16", "fp16"))
    """accelerate's mixed precision: ``no``, ``bf16`` or, on a GPU, ``fp16``."""
    evaluations: int = setting(10, low=1, high=10_000)
    """How often, evenly spread, the validation set is scored."""
    patience: int = setting(0, low=0, high=10_000)
    """Stop after so many evaluations without a better one, and keep the best weights; 0: never stop."""
    best_by: str = setting("score", one_of=("score", "likelihood"), only=_PATIENT)
    """What of the validation set says which evaluation is the best: the task's ``score``, or the
    ``likelihood``."""
    checkpoint_seconds: float = setting(60.0, low=0, high=1e9, neutral=True)
    """Seconds between two checkpoints; where one falls never changes a number."""

    def __post_init__(self) -> None:
        """Raise ``BadInput`` as every section does, and for weight noise with batches of several examples."""
        super().__post_init__()
        if self.weight_noise and self.batch_size > 1:
            raise BadInput(
                f"training.batch_size is {self.batch_size}; with training.weight_noise above 0 it must be 1"
            )


@dataclass(frozen=True)
class DecodingSettings(Section):
    """How a trained system is used."""

    section: ClassVar[str] = "decoding"

    batch_size: int = setting(64, low=1, high=10**9, neutral=True)
    """Examples decoded together."""

    def trained(self) -> DecodingSettings:
        """Return the settings under which an untrained model takes about as long as a trained one."""
        return self


@dataclass(frozen=True)
class SearchSettings(DecodingSettings):
    """How outputs are searched for."""

    beam: int = setting(5, low=1, high=10_000)
    """Hypotheses an example; 1 is greedy."""
    normalise: bool = setting(True, only=SEARCHED)
    """Rank finished hypotheses by log-probability a token (end symbol included)."""


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
            name: {one.name: getattr(section, one.name) for one in fields(section) if not rule(one).neutral}
            for name, section in vars(self).items()
        }


def least(section: Some) -> Some:
    """Return a section in which what bounds a corpus from above is as low as it may be."""
    lowest = {one.name: int(rule(one).low) for one in fields(section) if rule(one).at_most}
    return replace(section, **lowest)


def override(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return the settings with dotted keys changed; text is read as the field's type.

    Raises ``BadInput`` for an unknown key (with the nearest), a value of another type or out of its range.
    """
    sections = vars(settings)
    known = [f"{name}.{one.name}" for name, section in sections.items() for one in fields(section)]
    changed: dict[str, dict[str, Any]] = {name: {} for name in sections}
    for key, value in changes.items():
        if key not in known:
            near = key.partition(".")[2] or key
            raise unknown("setting", key, [other for other in known if other.endswith(f".{near}")] or known)
        section, _, name = key.partition(".")
        kind: Any = type(sections[section])
        changed[section][name] = read(key, value, _types(kind)[name])
    return Settings(**{
        name: replace(section, **changed[name]) if changed[name] else section
        for name, section in sections.items()
    })  # fmt: skip


@cache
def _types(section: Any) -> dict[str, Any]:
    return typing.get_type_hints(section)


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
