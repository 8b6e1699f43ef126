"""Entailment: whether a premise entails a hypothesis, contradicts it, or does neither."""

from __future__ import annotations

from attnbench.corpora.entailment.labels import LABELS
from attnbench.paper import Decoding
from attnbench.scoring import METRICS
from attnbench.settings import DecodingSettings
from attnbench.tasks import Length, Task
from attnbench.tasks.entailment.settings import EntailmentData

ARGMAX = Decoding("argmax", "attnbench.tasks.entailment.testing:judge", alignments=True)
"""The likeliest label."""

_METRICS = (
    "nll", "perplexity", "accuracy", *(f"accuracy-{label}" for label in LABELS),
    "pointing", "pointing-chance", "copied", "copied-chance", "entropy",
    *(
        f"function-mass-{group}{control}"
        for group in ("related", "unrelated") for control in ("", "-uniform")
    ),
)  # fmt: skip

TASK = Task(
    name="entailment",
    data=EntailmentData,
    decoding=DecodingSettings,
    lengths=(Length("premise-length", "words"), Length("hypothesis-length", "words")),
    metrics=tuple(METRICS[name] for name in _METRICS),
    validation="accuracy",
    evaluation=(ARGMAX,),
    tokens=("premise-length", "hypothesis-length"),
    engine="attnbench.tasks.entailment.engine:Entailment",
)
