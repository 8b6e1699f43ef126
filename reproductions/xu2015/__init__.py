"""Xu et al. (2015): captions of pictures, by attention that is soft or hard."""

from __future__ import annotations

from collections.abc import Mapping

from attnbench.paper import Decoding, Figure, Paper, Scale, System
from attnbench.tasks.captioning import BEAM, BEAM_ARGMAX, BEAM_SAMPLED, FORCED, GRADIENTS, GREEDY, MARGINAL
from reproductions.xu2015.printed import PRINTED
from reproductions.xu2015.statements import CLAIMS, MEASUREMENTS

_WRITTEN = (BEAM, GREEDY)
_DRAWN = (BEAM_ARGMAX, BEAM_SAMPLED)
_SEARCHED = ("batch_size", "beam", "normalise", "max_length")
"""The settings of a search that count where nothing was drawn: all but ``attention``."""

_WORDS = 10_000 * 512
"""E; L_o is as large."""
_LSTM = 4 * 1800 * (512 + 1800 + 512)
"""Three gates and a candidate of 1800 units read a word's vector, the state and the context."""
_OUTPUT = _WORDS + 512 * 1800 + 512 * 512
"""L_o, L_h and L_z."""
_STARTS = 2 * 1800 * 512
"""Of state and cell."""
_GATE = 1800
_DECODER = _WORDS + _LSTM + _OUTPUT + _STARTS + _GATE
_ATTENDING = _DECODER + 512 * (512 + 1800 + 1)
"""U, W and v besides."""


def _system(
    name: str, summary: str, weights: int, *decodings: Decoding, extra: bool = False,
    settings: Mapping[str, object] | None = None,
) -> System:  # fmt: skip
    build = f"reproductions.xu2015.systems:{name.replace('-', '_')}"
    return System(
        name, summary, build, settings=settings or {}, parameters=weights, extra=extra,
        decodings=tuple(one.name for one in (*_WRITTEN, *decodings)),
        decoding_settings=None if _DRAWN[0] in decodings else _SEARCHED,
    )  # fmt: skip


SYSTEMS = (
    _system("mean", "no attention: the mean annotation at every step", _DECODER, FORCED),
    _system("soft", "soft attention, with the doubly stochastic penalty", _ATTENDING, FORCED, MARGINAL),
    _system("hard", "hard attention: draws, and what lowers the variance of their gradient", _ATTENDING,
            *_DRAWN, FORCED, GRADIENTS),
    _system("soft-unpenalised", "a control: soft without the penalty", _ATTENDING, FORCED, MARGINAL,
            extra=True),
    _system("soft-unsorted", "a control: soft, batches of captions of several lengths", _ATTENDING, FORCED,
            MARGINAL, extra=True, settings={"training.equal_lengths": False}),
    _system("hard-bare", "a control: hard without moving average, entropy and expected contexts",
            _ATTENDING, *_DRAWN, FORCED, extra=True),
)  # fmt: skip
"""Weights at scale ``paper``, biases apart."""

_BATCHES: Mapping[str, object] = {
    "training.optimizer": "adam", "training.batch_size": 64, "training.equal_lengths": True,
}  # fmt: skip
_OURS: Mapping[str, object] = {
    **_BATCHES, "training.loss_per": "word", "training.warmup": 100, "training.decay_from": 0.4,
    "training.evaluations": 20, "training.patience": 20, "training.best_by": "score",
}  # fmt: skip
"""No training stops early below scale ``paper``: twenty evaluations, the weights of the best one kept."""
_WEIGHTS: Mapping[str, object] = {"model.penalty": 0.1, "model.reward": 0.1, "model.entropy": 0.003}
_OF_SCENES: Mapping[str, object] = {"model.entropy": 0.03}
"""Found on generated scenes, by one training each: README.md says among which. On photos so much entropy
leaves hard attention even over all cells."""

SCALES = (
    Scale(
        "smoke",
        "seconds; for tests, too little to learn",
        {**_BATCHES, "model.embedding": 8, "model.hidden": 12, "model.alignment": 8, "training.updates": 6,
         "training.batch_size": 8, "training.evaluations": 2, "training.checkpoint_seconds": 0.0,
         "data.valid_limit": 6, "decoding.beam": 2, "decoding.max_length": 8},
        embedded={"data.limit": 40, "data.test_count": 16, "data.trunk_updates": 4},
        seeds=1,
    ),
    Scale(
        "small",
        "minutes on two CPU cores, three trainings each",
        {**_OURS, **_WEIGHTS, "model.embedding": 128, "model.hidden": 256, "model.alignment": 256,
         "training.learning_rate": 1e-3, "training.updates": 3000, "data.pool": 2},
        embedded={**_OF_SCENES, "model.embedding": 64, "model.hidden": 128, "model.alignment": 64,
                  "model.dropout": 0.2, "training.learning_rate": 2e-3, "training.updates": 2500,
                  "data.limit": 3000, "data.valid_limit": 200, "data.pool": 1},
    ),
    Scale(
        "medium",
        "for one GPU",
        {**_OURS, **_WEIGHTS, "model.embedding": 256, "model.hidden": 512, "training.learning_rate": 1e-3,
         "training.updates": 20_000, "training.warmup": 500},
        embedded={**_OF_SCENES, "model.dropout": 0.2, "data.limit": 20_000, "data.trunk_updates": 2000},
    ),
    Scale(
        "paper",
        "the paper's sizes and schedule; days on a GPU",
        {**_BATCHES, "training.learning_rate": 2e-4, "training.updates": 200_000,
         "training.loss_per": "example", "training.clip": 1e30, "training.evaluations": 100,
         "training.patience": 10, "training.best_by": "score", "training.checkpoint_seconds": 1800.0},
    ),
)  # fmt: skip
"""``paper``: Flickr30k and COCO. Rate and patience are those of the authors' code, which looks at the
validation set each 2,000 updates and stops after ten looks without a better one; the budget is ours."""

PAPER = Paper(
    name="xu2015",
    title="Show, Attend and Tell: Neural Image Caption Generation with Visual Attention",
    authors="Kelvin Xu, Jimmy Ba, Ryan Kiros, Kyunghyun Cho, Aaron Courville, Ruslan Salakhutdinov, "
    "Richard Zemel, Yoshua Bengio",
    venue="ICML 2015",
    url="https://arxiv.org/abs/1502.03044",
    task="attnbench.tasks.captioning:TASK",
    model="reproductions.xu2015.settings:XuModel",
    systems=SYSTEMS,
    scales=SCALES,
    claims=CLAIMS,
    measurements=MEASUREMENTS,
    printed=PRINTED,
    headline="bleu-4",
    decodings=(*_WRITTEN, *_DRAWN, FORCED, MARGINAL, GRADIENTS),
    views=("objects", "target-length"),
    figures=(
        Figure("pointing-by-objects", "Strongest cell in the region that is named, by the number of objects",
               "pointing", "objects", ("test",), (FORCED.name,)),
    ),
    data=("embedded", "files:DIR", "hub:OWNER/NAME[:CONFIG][@REVISION]"),
    deviations=(
        "METEOR is not measured. Hard attention has the gate too, which the paper introduces with soft "
        "attention. Below scale `paper` layers are smaller, training is shorter, and generated scenes are "
        "seen by a small network that was trained on what is in their cells."
    ),
)  # fmt: skip
