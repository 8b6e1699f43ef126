"""Summarization: the first sentence of an article, and its headline.

``TASK`` declares it; the decodings below it are what papers use its models by.
"""

from __future__ import annotations

from attnbench.paper import Decoding
from attnbench.tasks import Length, Task
from attnbench.tasks.summarization.measures import METRICS
from attnbench.tasks.summarization.settings import SummarizationData, SummarizationDecoding

DUC = ("duc2003", "duc2004")
"""Test sets whose summaries are cut at 75 bytes; beside another they are for ``BEAM_75`` alone."""

_RUN = "attnbench.tasks.summarization.testing"
_ANY, _OF_SOURCE = (f"attnbench.tasks.summarization.scorers:{name}" for name in ("Abstractive", "Extractive"))

BEAM = Decoding("beam", f"{_RUN}:search", scorer=_ANY, alignments=True)
"""Systems that write by a rule are recorded under it too."""
GREEDY = Decoding("greedy", f"{_RUN}:search", settings={"decoding.beam": 1}, scorer=_ANY)
BEAM_EXTRACTIVE = Decoding("beam-extractive", f"{_RUN}:search", scorer=_OF_SOURCE)
"""Only words of the source may be written."""
GREEDY_EXTRACTIVE = Decoding(
    "greedy-extractive", f"{_RUN}:search", settings={"decoding.beam": 1}, scorer=_OF_SOURCE
)
BEAM_75 = Decoding("beam-75", f"{_RUN}:search", settings={"decoding.length": 14}, scorer=_ANY, tests=DUC)
"""Long enough for the 75 bytes of DUC, whatever training headlines have: the length of the released code."""
FORCED = Decoding("forced", f"{_RUN}:force")
"""No search: the targets are read."""

TASK = Task(
    name="summarization",
    data=SummarizationData,
    decoding=SummarizationDecoding,
    lengths=(
        Length("source-length", "words", (1, 11, 21, 31, 51)),
        Length("target-length", "words", (1, 6, 11, 16, 21)),
    ),
    metrics=tuple(METRICS.values()),
    validation="perplexity",
    evaluation=(FORCED,),
    tokens=("target-length",),
    corpora="attnbench.corpora.summarization",
    engine="attnbench.tasks.summarization.engine:Summarization",
)
