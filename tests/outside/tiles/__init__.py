"""A paper outside of attnbench, with a task, lengths, a metric, a mechanism and decodings of its own.

A picture is six tiles, some of them coloured; its caption names the colours, in any order of the tiles.
"""

from dataclasses import dataclass

import numpy as np

from attnbench.paper import Claim, Decoding, Paper, Printed, Scale, Stage, System
from attnbench.scoring.metric import Metric, ratio
from attnbench.settings import DataSettings, ModelSettings, SearchSettings
from attnbench.tasks import Length, Task


@dataclass(frozen=True)
class TilesData(DataSettings):
    test: tuple[str, ...] = ()
    pictures: int = 60


@dataclass(frozen=True)
class TilesModel(ModelSettings):
    size: int = 8
    noise: float = 0.0


def _error_rate(statistics: np.ndarray) -> np.ndarray:
    return 100 * ratio(statistics[..., 0], statistics[..., 1])


ERRORS = Metric(
    "colour-errors",
    ("colour-errors/wrong", "colour-errors/words"),
    _error_rate,
    "% wrong",
    False,
    "order:any",
)
GREEDY = Decoding("greedy", "tiles.engine:caption", settings={"decoding.beam": 1})
PEAKED = Decoding("peaked", "tiles.engine:caption", adapt="tiles.model:peaked", alignments=True)
SEEN = Decoding("seen", "tiles.engine:caption", scorer="tiles.engine:OnlySeen")
TWICE = Decoding("twice", "tiles.engine:caption", tests=("full",))

TASK = Task(
    name="tiles",
    data=TilesData,
    decoding=SearchSettings,
    lengths=(
        Length("objects", "tiles", (0, 2, 4)),
        Length("density", "share of the picture", (0.0, 0.25, 0.5, 1.01)),
        Length("words", "words"),
    ),
    metrics=(ERRORS,),
    validation="colour-errors",
    evaluation=(GREEDY,),
    tokens=("words",),
    corpora="tiles.corpora",
    engine="tiles.engine:Tiles",
)

PAPER = Paper(
    name="tiles2026",
    title="Tiles",
    authors="Nobody",
    venue="a test",
    url="https://example.org",
    task="tiles:TASK",
    model="tiles:TilesModel",
    systems=(
        System("silent", "a rule: says nothing", "tiles.model:silent", stages=()),
        System(
            "attends", "looks at a tile for each word", "tiles.model:attends",
            stages=(
                Stage("clean"),
                Stage("noisy", {"model.noise": 0.3, "training.updates": 4}),
                Stage("tuned", tune="tiles.engine:tune"),
            ),
        ),
    ),
    scales=(
        Scale(
            "smoke", "seconds",
            {"training.updates": 6, "training.batch_size": 16, "training.evaluations": 2,
             "training.equal_lengths": True, "decoding.beam": 2},
            stages={"noisy": {"training.learning_rate": 0.01}}, seeds=1,
        ),
    ),
    claims=(
        Claim("attention-errs-less", "A model that attends errs less than silence.", "Table 1",
              "tiles.engine:errs_less", "%", 1.0, "a test", "2026-11-25, none"),
    ),
    printed=(Printed("attends", "test", "colour-errors", 5.0, "Table 1"),),
    headline="colour-errors",
    decodings=(PEAKED, GREEDY, SEEN, TWICE),
    views=("objects", "density"),
)  # fmt: skip
