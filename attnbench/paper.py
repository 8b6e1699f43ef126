"""What a reproduction declares: a paper is data, and the harness runs it.

Nothing here imports torch, pandas or datasets. Builders and checks are named as
``"package.module:attribute"`` and imported when they are used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from attnbench.errors import BadInput, unknown

ENTRY_POINTS = "attnbench.papers"


@dataclass(frozen=True)
class Decoding:
    """A declared way to use a trained model on a test set."""

    name: str
    run: str
    """``"module:function"``; takes ``attnbench.tasks.engine.Use`` and returns an ``Outcome``."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Dotted settings that it changes, such as ``{"decoding.beam": 1}``."""
    adapt: str = ""
    """``"module:function"``, model to model: puts another part in a trained one's place, a window. It
    is given a copy, which no other decoding sees."""
    scorer: str = ""
    """``"module:Class"``: what may be written, and what it scores; see ``attnbench.decoding.Scorer``."""
    tests: tuple[str, ...] = ()
    """The test sets it is for; empty: all that the corpus does not construct for some decodings alone."""
    alignments: bool = False
    """Whether the weights with which outputs were written are kept, beside the predictions."""
    most: int | None = None
    """At most so many examples of a test set are looked at, spread over it; None: all."""

    def looked_at(self, examples: int) -> int:
        """Return how many of so many examples it looks at."""
        return examples if self.most is None else min(examples, self.most)

    def on(self, tests: Iterable[str], constructed: Collection[str]) -> list[str]:
        """Return those of the test sets that it is for; ``constructed`` are those that must be named."""
        return [name for name in tests if (name in self.tests if self.tests else name not in constructed)]


@dataclass(frozen=True)
class Stage:
    """A part of a run that leaves its weights in a folder of its own; the next one goes on from them."""

    name: str = "fit"
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Dotted settings of this stage alone, such as ``{"training.updates": 500}``."""
    tune: str = ""
    """Empty: train on the training split. Else ``"module:function"``, which takes
    ``attnbench.tasks.engine.Tuning`` and changes the model, such as weights chosen on the validation set."""


FIT = Stage()


@dataclass(frozen=True)
class System:
    """One row of the paper's table: how to build its model, and what sets it apart."""

    name: str
    summary: str
    build: str
    """``"module:function"``; the function takes ``(model settings, features)`` and returns a module."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Dotted settings that make this system, such as ``{"data.max_length": 50}``."""
    parameters: int | None = None
    """Weights (biases apart) that the paper's equations give at scale ``paper``."""
    extra: bool = False
    """Run only when it is named, or with ``--systems all``."""
    stages: tuple[Stage, ...] = (FIT,)
    """What its weights come from, in this order; empty for a rule, which has none to learn."""
    decodings: tuple[str, ...] = ()
    """The names of those of the paper's decodings that it is for; empty: all."""
    decoding_settings: tuple[str, ...] | None = None
    """The names of those of the task's ``decoding`` settings that count for it; None: all, as for what
    searches."""

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for two stages of one name: they would share a folder."""
        names = [stage.name for stage in self.stages]
        if len(set(names)) < len(names):
            raise ValueError(f"system {self.name} has two stages of one name: {', '.join(names)}")


@dataclass(frozen=True)
class Scale:
    """A named budget: dotted settings laid over the paper's own."""

    name: str
    summary: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    embedded: Mapping[str, Any] = field(default_factory=dict)
    """Further settings where the data is ``embedded``."""
    systems: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further settings of single systems at this scale."""
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further settings of single stages at this scale, such as their updates."""
    drop: tuple[str, ...] = ()
    """The names of stages that are left out at this scale."""
    seeds: int = 3

    def cut(self, system: System) -> System:
        """Return a system without the stages that this scale leaves out."""
        return replace(system, stages=tuple(one for one in system.stages if one.name not in self.drop))


class Stated:
    """What has a statement in which ``{names}`` stand for terms."""

    statement: str
    terms: Mapping[str, Any]

    def stated(self, terms: Mapping[str, Any] | None = None) -> str:
        """Return the statement in the paper's terms, but for those that are given."""
        return self.statement.format(**{**self.terms, **(terms or {})})


@dataclass(frozen=True)
class Claim(Stated):
    """A sentence of the paper that a program can check."""

    name: str
    statement: str
    location: str
    """Where the paper says it: table, figure or section."""
    check: str
    """``"module:function"``; takes ``attnbench.evidence.Evidence``, returns its parts."""
    unit: str
    margin: float
    """The effect must lie above this for the claim to hold; in ``unit``."""
    margin_reason: str
    margin_set: str
    """When the margin was set, and in which commit, such as ``2026-11-23, 16089aa``."""
    after_results: bool = False
    """Whether results that it is judged on had been seen by then."""
    paper_effect: str = ""
    """The effect in the paper's own numbers, as text; empty where it gives none."""
    also_differs: str = ""
    """In what else the compared systems or examples differ, so that the effect may come from it."""
    levels: bool = False
    """Whether it compares how good systems are, which longer training might turn round; a claim about how
    scores go with the length does not."""
    implied_by: tuple[str, ...] = ()
    """Claims from which, together, this one follows."""
    terms: Mapping[str, Any] = field(default_factory=dict)
    """What ``{names}`` in the statement stand for in the paper."""
    terms_of: str = ""
    """``"module:function"``; takes ``Evidence``, returns those terms that are others in these results."""


@dataclass(frozen=True)
class Measurement(Stated):
    """A number that a paper's question asks for and the paper does not claim: an interval, and no verdict."""

    name: str
    statement: str
    check: str
    """As for a claim; each part is a row."""
    unit: str
    terms: Mapping[str, Any] = field(default_factory=dict)
    terms_of: str = ""
    """As for a claim."""


@dataclass(frozen=True)
class Printed:
    """A number as the paper prints it."""

    system: str
    test: str
    metric: str
    value: float
    location: str
    length: str = ""
    """The length it belongs to, for a point of a curve; empty for the whole test set."""
    note: str = ""
    """How sure we are of it, such as ``read off the figure, about 0.5``."""
    decoding: str = ""
    """The decoding of ours that it stands beside; empty: each that has the metric."""


@dataclass(frozen=True)
class Figure:
    """A figure to be drawn beside the length curves: a panel for each test set in each decoding."""

    name: str
    """Of its file, without ending."""
    title: str
    metric: str
    by: str
    """The length."""
    tests: tuple[str, ...]
    """A row of panels each."""
    decodings: tuple[str, ...]
    """A column of panels each."""


@dataclass(frozen=True)
class Paper:
    """Everything that the harness needs to reproduce one paper."""

    name: str
    title: str
    authors: str
    venue: str
    url: str
    task: str
    """``"module:NAME"`` of the task, an ``attnbench.tasks.Task``."""
    model: str
    """``"module:Class"`` of the model settings, a frozen dataclass whose defaults are the paper's."""
    systems: tuple[System, ...]
    scales: tuple[Scale, ...]
    claims: tuple[Claim, ...]
    printed: tuple[Printed, ...]
    headline: str
    """The metric that the report and the length curves lead with."""
    decodings: tuple[Decoding, ...]
    """The first one leads."""
    measurements: tuple[Measurement, ...] = ()
    views: tuple[str, ...] = ("length",)
    """The names of the lengths by which the report shows the headline; ``length``: the first known one."""
    figures: tuple[Figure, ...] = ()
    """What is drawn where the records have it, and shown as tables too."""
    data: tuple[str, ...] = ("embedded",)
    """Where examples can come from; the first is the default."""
    own_data: tuple[str, ...] = ()
    """Data whose test set is the paper's own, by what their column ``data`` starts with: on others a
    difference to the paper's numbers says nothing."""
    deviations: str = ""
    """A sentence for the report that names the gravest deviations from the paper."""

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is not declared: a system's decodings, the stages a scale drops.

        Raises it too for a scale that leaves a trained system no stage: it would be a rule.
        """
        for system in self.systems:
            if unknown := set(system.decodings) - {decoding.name for decoding in self.decodings}:
                raise ValueError(f"system {system.name} is for decodings that are not there: {unknown}")
        stages = {stage.name for system in self.systems for stage in system.stages}
        for scale in self.scales:
            if unknown := set(scale.drop) - stages:
                raise ValueError(f"scale {scale.name} drops stages that are not there: {unknown}")
            if bare := [one.name for one in self.systems if one.stages and not scale.cut(one).stages]:
                raise ValueError(f"scale {scale.name} leaves no stage to {', '.join(bare)}")

    def system(self, name: str) -> System:
        """Return the system of that name; raise ``BadInput`` with the nearest name."""
        return _named(f"system of {self.name}", name, {s.name: s for s in self.systems})

    def scale(self, name: str) -> Scale:
        """Return the scale of that name; raise ``BadInput`` with the nearest name."""
        return _named("scale", name, {s.name: s for s in self.scales})

    def decodings_of(self, system: str) -> list[Decoding]:
        """Return the decodings that a system is for, in their order."""
        wanted = self.system(system).decodings
        return [decoding for decoding in self.decodings if decoding.name in wanted or not wanted]


def _named(kind: str, name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise unknown(kind, name, known)
    return known[name]


def names() -> list[str]:
    """Return the names of all installed papers, sorted."""
    return sorted({point.name for point in entry_points(group=ENTRY_POINTS)})


def load(name: str) -> Paper:
    """Return the paper of that name from the entry points.

    Raises ``BadInput`` for an unknown name and for a paper that fails to load.
    """
    points = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    point = _named("paper", name, points)
    try:
        paper = point.load()
    except Exception as error:
        raise BadInput(f"paper {name!r} ({point.value}) does not load: {error!r}") from error
    if not isinstance(paper, Paper):
        raise BadInput(f"paper {name!r} ({point.value}) is a {type(paper).__name__}, not a Paper")
    return paper


def describe(paper: Paper) -> dict[str, Any]:
    """Return what a paper declares as plain JSON values."""
    return {
        "name": paper.name,
        "title": paper.title,
        "authors": paper.authors,
        "venue": paper.venue,
        "url": paper.url,
        "systems": [
            {"name": s.name, "summary": s.summary, "parameters": s.parameters} for s in paper.systems
        ],
        "scales": [{"name": s.name, "summary": s.summary, "seeds": s.seeds} for s in paper.scales],
        "data": list(paper.data),
        "decodings": [decoding.name for decoding in paper.decodings],
        "claims": [
            {
                "name": c.name,
                "statement": c.stated(),
                "location": c.location,
                "margin": c.margin,
                "unit": c.unit,
                "margin_set": c.margin_set,
                "after_results": c.after_results,
            }
            for c in paper.claims
        ],
        "measurements": [
            {"name": m.name, "statement": m.stated(), "unit": m.unit} for m in paper.measurements
        ],
    }


def resolve(reference: str) -> Any:
    """Return what ``"package.module:attribute"`` names."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)
