"""Recognition: an utterance as frames of sound, and its labels: phones, or words.

``TASK`` declares it; the decodings below it are what papers use its models by. The test sets ``LONG`` are
joined from utterances of the main one, see ``attnbench.corpora.speech.joining``.
"""

from __future__ import annotations

from typing import Any

from attnbench.paper import Decoding
from attnbench.tasks import Length, Task
from attnbench.tasks.recognition.measures import METRICS
from attnbench.tasks.recognition.settings import RecognitionData, RecognitionDecoding

LONG = ("repeated", "mixed")
"""One utterance again and again, and different ones."""

_RUN = "attnbench.tasks.recognition.testing"

_SHARP: dict[str, dict[str, Any]] = {
    "sharp": {"decoding.beta": 2.0},
    "top-1": {"decoding.keep": 1},
    "top-10": {"decoding.keep": 10},
    "narrow": {"decoding.window": 0.25},
    "wide": {"decoding.window": 0.5},
}
"""What is changed of the alignment of a trained model. The windows are the paper's about 75 and 150 frames to
either side (unverified, as are its temperature and numbers of frames), where an utterance has about 300."""


def _search(name: str, how: str = "", tests: tuple[str, ...] = (), **other: Any) -> Decoding:
    return Decoding(name, f"{_RUN}:search", settings=_SHARP.get(how, {}), tests=tests, **other)


def _force(name: str, how: str = "", tests: tuple[str, ...] = ()) -> Decoding:
    return Decoding(name, f"{_RUN}:force", settings=_SHARP.get(how, {}), tests=tests)


BEAM = _search("beam", alignments=True)
BEAM_1 = Decoding("beam-1", f"{_RUN}:search", settings={"decoding.beam": 1, "decoding.widest": 0})
BEAM_40 = Decoding("beam-40", f"{_RUN}:search", settings={"decoding.beam": 40})
BEAM_SHARP, BEAM_TOP_1, BEAM_TOP_10 = (_search(f"beam-{how}", how) for how in ("sharp", "top-1", "top-10"))
FORCED = _force("forced")
"""No search: the labels are read."""

LONG_SEARCHES = (
    _search("long", tests=LONG),
    *(_search(f"long-{how}", how, LONG) for how in ("sharp", "top-10", "narrow", "wide")),
)
LONG_FORCED = (
    _force("forced-long", tests=LONG),
    *(_force(f"forced-{how}", how, LONG) for how in ("sharp", "top-10", "narrow", "wide")),
)

TASK = Task(
    name="recognition",
    data=RecognitionData,
    decoding=RecognitionDecoding,
    lengths=(
        Length("target-length", "labels", (1, 21, 41, 61, 81, 121, 161)),
        Length("source-length", "seconds", (0, 1, 2, 4, 8, 16, 32, 64)),
        Length("pieces", "utterances", (1, 2, 3, 5, 8, 11, 15), exact=True),
    ),
    metrics=tuple(METRICS.values()),
    validation="per",
    evaluation=(FORCED, BEAM_1),
    tokens=("target-length",),
    corpora="attnbench.corpora.speech",
    engine="attnbench.tasks.recognition.engine:Recognition",
)
