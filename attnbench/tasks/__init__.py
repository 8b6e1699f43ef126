"""What a paper is about: which examples, how long they are, how outputs are scored.

A task is declared here, without torch; its metrics are in its module ``measures``. What trains, tests and
uses its models is its engine, a class that offers what ``attnbench.tasks.engine.Engine`` lists. A paper names
its task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attnbench.errors import BadInput, require_known
from attnbench.paper import Decoding
from attnbench.scoring.metric import Metric
from attnbench.settings import DataSettings, DecodingSettings


@dataclass(frozen=True)
class Length:
    """A measure of an example by which scores can be seen."""

    name: str
    """Such as ``source-length``."""
    unit: str
    """Such as ``words`` or ``seconds``."""
    edges: tuple[float, ...] | None = None
    """The default edges of its bins, which hold their first, whole or not; None: 1, 11, 21, and so on.
    What is longer than the last gets one more bin."""
    exact: bool = False
    """Whether the edges are all the lengths that there are, so that each is a bin of its own."""
    cap: str = ""
    """The ``data`` setting that bounds it in training, if there is one; curves show where that is."""

    @property
    def column(self) -> str:
        """The column of the records that holds it."""
        return self.name.replace("-", "_")

    @property
    def title(self) -> str:
        """What a reader is told, such as ``source length in words``, or ``number of objects``."""
        if self.name == self.unit:
            return f"number of {self.unit}"
        return f"{self.name.replace('-', ' ')} in {self.unit}"


@dataclass(frozen=True)
class Task:
    """What the harness, the tables and the claims must know of a task."""

    name: str
    data: type[DataSettings]
    """Its ``data`` settings."""
    decoding: type[DecodingSettings]
    """Its ``decoding`` settings."""
    lengths: tuple[Length, ...]
    """The first is what ``length`` means."""
    metrics: tuple[Metric, ...]
    """In the order of the tables."""
    validation: str
    """The metric, also of ``evaluate``, by which the best weights are chosen."""
    evaluation: tuple[Decoding, ...]
    """The decodings that one evaluation does, for ``--plan`` to measure."""
    tokens: Sequence[str]
    """The names of the lengths that make up the tokens that speeds count."""
    corpora: str
    """The package of its corpora: ``sources`` says where they are and how their files look, ``embedded``
    makes one here."""
    engine: str
    """``"module:Class"``; imported where torch is needed."""

    def length(self, name: str) -> Length:
        """Return the length of that name; ``length`` is the first. Raises ``BadInput`` for another."""
        known = {"length": self.lengths[0], **{one.name: one for one in self.lengths}}
        if name not in known:
            raise BadInput(f"unknown length {name!r}; {self.name} has {', '.join(known)}")
        return known[name]

    def metric(self, name: str) -> Metric:
        """Return the metric of that name; raises ``BadInput`` for another."""
        known = {metric.name: metric for metric in self.metrics}
        require_known("metric", name, known)
        return known[name]

    def signatures(self, settings: DataSettings) -> dict[str, str]:
        """Return each metric's signature under its ``data`` settings."""
        return {metric.name: metric.signed(settings) for metric in self.metrics}
