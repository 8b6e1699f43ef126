"""Entailment: whether a premise entails a hypothesis, contradicts it, or does neither."""

from __future__ import annotations

from attnbench.paper import Decoding
from attnbench.settings import DecodingSettings
from attnbench.tasks import Length, Task
from attnbench.tasks.entailment.measures import METRICS
from attnbench.tasks.entailment.settings import EntailmentData

ARGMAX = Decoding("argmax", "attnbench.tasks.entailment.testing:judge", alignments=True)
"""The likeliest label."""

TASK = Task(
    name="entailment",
    data=EntailmentData,
    decoding=DecodingSettings,
    lengths=(Length("premise-length", "words"), Length("hypothesis-length", "words")),
    metrics=tuple(METRICS.values()),
    validation="accuracy",
    evaluation=(ARGMAX,),
    tokens=("premise-length", "hypothesis-length"),
    corpora="attnbench.corpora.entailment",
    engine="attnbench.tasks.entailment.engine:Entailment",
)
