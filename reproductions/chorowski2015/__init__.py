"""Chorowski et al. (2015): speech recognition by attention, and inputs far longer than in training."""

from __future__ import annotations

from collections.abc import Mapping

from attnbench.paper import FIT, Figure, Paper, Scale, Stage, System
from attnbench.tasks.recognition import (
    BEAM,
    BEAM_1,
    BEAM_40,
    BEAM_SHARP,
    BEAM_TOP_1,
    BEAM_TOP_10,
    FORCED,
    LONG,
    LONG_FORCED,
    LONG_SEARCHES,
)
from reproductions.chorowski2015.printed import PRINTED
from reproductions.chorowski2015.statements import CLAIMS, MEASUREMENTS

NOISE, FINE = Stage("noise"), Stage("fine")
_STAGES = (FIT, NOISE, FINE)

_ENCODER = 2 * 3 * 256 * (123 + 2 * 512 + 3 * 256)
"""Three layers, both ways: gates and candidate of 256 units read 123 or 512 numbers, and the state."""
_GENERATOR = 63 * 256 + 3 * 256 * (256 + 512 + 256) + 128 * (256 + 512) + 63 * 64
"""Embeddings, the gated unit (label, glimpse, state), maxout of state and glimpse, output. The paper has 62
symbols, 61 phones and the end; here an unknown symbol, which is never written, is the 63rd."""
_STARTS = 3 * 2 * 256 + 256
"""The first states."""
_CONTENT = 512 * (256 + 512 + 1)
"""W, V, w."""
_BASELINE = _ENCODER + _GENERATOR + _STARTS + _CONTENT
_LOCATED = _BASELINE + 512 * 10 + 10 * 201
"""U and F besides."""


def _system(name: str, summary: str, weights: int, *, extra: bool = False) -> System:
    build = f"reproductions.chorowski2015.systems:{name.replace('-', '_')}"
    return System(name, summary, build, parameters=weights, stages=_STAGES, extra=extra)


SYSTEMS = (
    _system("baseline", "attention by content alone", _BASELINE),
    _system("conv", "attention that also sees the alignment before, by convolution", _LOCATED),
    _system("conv-smooth", "the same with smooth focus: a logistic function for the exponential", _LOCATED),
    _system("content-smooth", "a control: the baseline with smooth focus", _BASELINE, extra=True),
)
"""Weights at scale ``paper``, biases apart."""

_OURS: Mapping[str, object] = {
    "model.initial_std": 0.0, "training.optimizer": "adam", "training.decay_from": 0.4,
    "training.loss_per": "word", "training.warmup": 100,
}  # fmt: skip
"""The paper's start and Adadelta, an utterance an update, take days."""
_ONE_STAGE = (NOISE.name, FINE.name)
"""What scales below the paper's leave out."""

_PASS = 3_696
"""Utterances of TIMIT's training set, so updates of a pass of the paper's."""
_PATIENCE = 27
"""Passes without a better score after which the last stage stops: about 100,000 updates."""

SCALES = (
    Scale(
        "smoke",
        "seconds; for tests, too little to learn",
        {**_OURS, "model.layers": 1, "model.hidden": 8, "model.alignment": 8, "model.embedding": 8,
         "model.maxout": 8, "model.filters": 2, "model.width": 5, "training.updates": 6,
         "training.batch_size": 8, "training.evaluations": 2, "training.checkpoint_seconds": 0.0,
         "data.frame_shift": 40.0, "data.mel": 8, "data.valid_limit": 6, "data.joined_per_count": 1,
         "decoding.beam": 2, "decoding.widest": 0, "decoding.max_length_ratio": 0.1},
        embedded={"data.inventory": 8, "data.limit": 40, "data.test_count": 16},
        drop=_ONE_STAGE,
        seeds=1,
    ),
    Scale(
        "small",
        "minutes on two CPU cores, three trainings each",
        {**_OURS, "model.layers": 2, "model.hidden": 128, "model.alignment": 128, "model.embedding": 64,
         "model.width": 101, "training.learning_rate": 2e-3, "training.updates": 3000,
         "training.batch_size": 16, "data.frame_shift": 20.0, "data.mel": 23,
         "data.joined_per_count": 25, "decoding.beam": 5, "decoding.widest": 0,
         "decoding.max_length_ratio": 0.5},
        embedded={"model.layers": 1, "model.hidden": 64, "model.alignment": 64, "model.embedding": 32,
                  "model.maxout": 32, "model.width": 31, "training.updates": 3500, "training.decay_from": 0.2,
                  "data.limit": 8000, "data.valid_limit": 200},
        drop=_ONE_STAGE,
    ),
    Scale(
        "medium",
        "for one GPU",
        {**_OURS, "training.learning_rate": 1e-3, "training.updates": 15_000, "training.warmup": 500,
         "training.batch_size": 32, "training.evaluations": 30, "training.patience": 30,
         "data.joined_per_count": 50, "decoding.batch_frames": 2**17},
        embedded={"model.layers": 2, "model.hidden": 128, "model.alignment": 128, "data.limit": 20_000},
        drop=_ONE_STAGE,
    ),
    Scale(
        "paper",
        "the paper's sizes and three stages; days on a GPU",
        {"training.optimizer": "adadelta", "training.learning_rate": 1.0, "training.rho": 0.95,
         "training.epsilon": 1e-8, "training.batch_size": 1, "training.loss_per": "example",
         "training.clip": 1000.0, "training.checkpoint_seconds": 1800.0, "data.joined_per_count": 50,
         "decoding.batch_frames": 2**17},
        stages={
            "fit": {"training.column_norm": 1.0, "training.updates": 50 * _PASS, "training.evaluations": 50,
                    "training.patience": 10, "training.best_by": "likelihood"},
            "noise": {"training.weight_noise": 0.1, "training.updates": 500 * _PASS,
                      "training.evaluations": 500, "training.patience": 10,
                      "training.best_by": "likelihood"},
            "fine": {"training.weight_noise": 0.1, "training.epsilon": 1e-10,
                     "training.updates": 500 * _PASS, "training.evaluations": 500,
                     "training.patience": _PATIENCE, "training.best_by": "score"},
        },
    ),
)  # fmt: skip
"""``paper``: the numbers of passes and the first stages' patience of 10 are the authors' code's; the text
says that each stage keeps what is best on the validation set. That is scored once a pass."""

_LABELLED = tuple(one.name for one in LONG_FORCED)
_WRITTEN = tuple(one.name for one in LONG_SEARCHES)

PAPER = Paper(
    name="chorowski2015",
    title="Attention-Based Models for Speech Recognition",
    authors="Jan Chorowski, Dzmitry Bahdanau, Dmitriy Serdyuk, Kyunghyun Cho, Yoshua Bengio",
    venue="NIPS 2015",
    url="https://arxiv.org/abs/1506.07503",
    task="attnbench.tasks.recognition:TASK",
    model="reproductions.chorowski2015.settings:ChorowskiModel",
    systems=SYSTEMS,
    scales=SCALES,
    claims=CLAIMS,
    measurements=MEASUREMENTS,
    printed=PRINTED,
    headline="per",
    decodings=(
        BEAM, FORCED, BEAM_1, BEAM_40, BEAM_SHARP, BEAM_TOP_1, BEAM_TOP_10, *LONG_SEARCHES, *LONG_FORCED,
    ),
    views=("target-length",),
    figures=(
        Figure("aligned", "Share of labels that forced alignment finds, after figure 4", "aligned",
               "target-length", LONG, _LABELLED),
        Figure("long-errors", "Label errors on joined utterances, after figure 5", "per", "pieces", LONG,
               _WRITTEN),
    ),
    data=("embedded", "files:DIR", "hub:OWNER/NAME[:CONFIG][@REVISION]"),
    own_data=("files-TIMIT",),
    deviations=(
        "Below scale `paper` one training by Adam, in batches and without weight noise or a bound on norms, "
        "takes the place of the three stages; at `small` frames are 20 ms apart with 23 mel filters, and "
        "layers are fewer and smaller; a beam of 5 is not widened. Generated speech has 24 phones and "
        "silence."
    ),
)  # fmt: skip
