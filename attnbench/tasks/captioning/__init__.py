"""Captioning: a picture as the annotations of a grid of cells, and what people say of it.

``TASK`` declares it; the decodings above it are what papers use its models by.
"""

from __future__ import annotations

from attnbench.paper import Decoding
from attnbench.tasks import Length, Task
from attnbench.tasks.captioning.measures import METRICS
from attnbench.tasks.captioning.settings import PICTURES, CaptioningData, CaptioningDecoding

_SEARCH = "attnbench.tasks.captioning.testing:search"

BEAM = Decoding("beam", _SEARCH, alignments=True)
GREEDY = Decoding("greedy", _SEARCH, settings={"decoding.beam": 1})
BEAM_ARGMAX, BEAM_SAMPLED = (
    Decoding(f"beam-{use}", _SEARCH, settings={"decoding.attention": use}) for use in ("argmax", "sampled")
)
"""For attention that was trained by draws."""
FORCED = Decoding("forced", "attnbench.tasks.captioning.attended:force")
"""No search: the references are read."""
MARGINAL = Decoding("marginal", "attnbench.tasks.captioning.marginal:marginal", most=PICTURES)
"""How far soft attention's prediction is from the mean over places."""
GRADIENTS = Decoding("gradients", "attnbench.tasks.captioning.gradients:gradients", most=PICTURES)
"""How much the gradient of attention that is drawn varies."""

TASK = Task(
    name="captioning",
    data=CaptioningData,
    decoding=CaptioningDecoding,
    lengths=(
        Length("objects", "objects", (1, 2, 3, 4, 5, 6), exact=True),
        Length("target-length", "words", (1, 7, 9, 11, 13, 15, 18, 22)),
    ),
    metrics=tuple(METRICS.values()),
    validation="bleu-4-bp",
    evaluation=(FORCED, GREEDY),
    tokens=("target-length",),
    corpora="attnbench.corpora.captions",
    engine="attnbench.tasks.captioning.engine:Captioning",
)
