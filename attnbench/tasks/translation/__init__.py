"""Translation: a source sentence, and its translation.

``TASK`` declares it; the decodings below it are what papers use its models by.
"""

from __future__ import annotations

from attnbench.paper import Decoding
from attnbench.tasks import Length, Task
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationData, TranslationDecoding

NOUNK = "nounk"
"""The test set that is made of the main one's pairs without an unknown word on either side."""

_RUN = "attnbench.tasks.translation.testing"

BEAM = Decoding("beam", f"{_RUN}:search", alignments=True)
GREEDY = Decoding("greedy", f"{_RUN}:search", settings={"decoding.beam": 1})
FORCED = Decoding("forced", f"{_RUN}:force")
"""No search: the references are read."""
BEAM_KNOWN = Decoding(
    "beam-known", f"{_RUN}:search", scorer=f"{_RUN}:KnownWords", tests=(NOUNK,), alignments=True
)
"""Beam search that may not write the unknown word."""

TASK = Task(
    name="translation",
    data=TranslationData,
    decoding=TranslationDecoding,
    lengths=(Length("source-length", "words", cap="max_length"), Length("target-length", "words")),
    metrics=tuple(METRICS.values()),
    validation="bleu",
    evaluation=(FORCED, GREEDY),
    tokens=("target-length",),
    corpora="attnbench.corpora.translation",
    engine="attnbench.tasks.translation.engine:Translation",
)
