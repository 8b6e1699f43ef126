"""Bahdanau, Cho and Bengio (2015): translation with attention, against a fixed vector."""

from __future__ import annotations

from collections.abc import Mapping

from attnbench.paper import Paper, Scale, System
from attnbench.tasks.translation import BEAM, BEAM_KNOWN, FORCED, GREEDY
from reproductions.bahdanau2015.printed import PRINTED
from reproductions.bahdanau2015.statements import CLAIMS, MEASUREMENTS

_WEIGHTS = {"rnnencdec": 68_540_000, "rnnsearch": 80_401_000}
"""What the equations give at scale ``paper``, biases apart."""


def _system(kind: str, cap: int) -> System:
    what = {"rnnencdec": "fixed vector", "rnnsearch": "attention"}[kind]
    return System(
        name=f"{kind}-{cap}",
        summary=f"{what}, trained on up to {cap} words",
        build=f"reproductions.bahdanau2015.systems:{kind}",
        settings={"data.max_length": cap},
        parameters=_WEIGHTS[kind],
    )


SYSTEMS = (
    *(_system(kind, cap) for cap in (30, 50) for kind in ("rnnencdec", "rnnsearch")),
    System(
        name="rnnsearch-50-star",
        summary="RNNsearch-50*: trained longer, the weights with the best validation score",
        build="reproductions.bahdanau2015.systems:rnnsearch",
        settings={"data.max_length": 50, "training.patience": 5},
        parameters=_WEIGHTS["rnnsearch"],
        extra=True,
    ),
    System(
        name="cho2014-grconv",
        summary="recursive convolution, up to 30 words (Cho et al. 2014b, whose RNNenc is rnnencdec-30)",
        build="reproductions.bahdanau2015.systems:grconv",
        settings={"data.max_length": 30},
        parameters=66_306_000,
        extra=True,
    ),
    System(
        name="sutskever2014",
        summary="deep LSTMs that read the source reversed, up to 50 words (Sutskever et al. 2014)",
        build="reproductions.bahdanau2015.systems:sutskever2014",
        settings={"data.max_length": 50},
        parameters=384_000_000,
        extra=True,
    ),
)


def _sizes(size: int) -> dict[str, object]:
    """Return settings that give every layer one size, with the initialisation that suits it."""
    names = ("embedding", "hidden", "alignment", "maxout")
    return {**{f"model.{name}": size for name in names}, "model.initialisation": "fan-in"}


_ADAM = {
    "training.optimizer": "adam",
    "training.warmup": 100,
    "training.decay_from": 0.5,
    "training.loss_per": "word",
}
"""Ours: the paper's Adadelta does not learn to align within a budget of minutes."""

_SMALL: Mapping[str, Mapping[str, object]] = {
    "rnnencdec-30": {"training.updates": 5000},
    "rnnencdec-50": {"training.updates": 5000},
    "rnnsearch-50-star": {"training.updates": 9000, "training.evaluations": 30, "training.patience": 30},
    "cho2014-grconv": {"training.updates": 5000},
    "sutskever2014": {"training.updates": 5000, "model.layers": 2},
}
"""The fixed vector gets more updates than attention, as in the paper, which gave both the same hours. Deep
LSTMs of four layers do not get going in this budget. RNNsearch-50* has the schedule of RNNsearch-50, three
times as long, and never stops before its end: Adam's rate then falls at the same shares of both, and the
weights with the best validation score are kept. At its peak the rate is too large for patience to tell
whether a model has learnt what it can."""

_MEDIUM: Mapping[str, Mapping[str, object]] = {
    "rnnsearch-50-star": {"training.updates": 60_000, "training.evaluations": 30, "training.patience": 30},
    "sutskever2014": {"model.layers": 2},
}

_PAPER: Mapping[str, Mapping[str, object]] = {
    "rnnencdec-30": {"training.updates": 846_000},
    "rnnencdec-50": {"training.updates": 600_000},
    "rnnsearch-30": {"training.updates": 471_000},
    "rnnsearch-50": {"training.updates": 288_000},
    "rnnsearch-50-star": {"training.updates": 1_000_000, "training.evaluations": 200},
    "cho2014-grconv": {"training.updates": 296_000},
    "sutskever2014": {
        "data.source_vocabulary": 160_000, "data.vocabulary": 80_000, "model.embedding": 1000,
        "training.optimizer": "sgd", "training.learning_rate": 0.7, "training.clip": 5.0,
        "training.batch_size": 128, "training.updates": 700_000, "training.decay_from": 0.667,
        "training.halve_every": 0.0667, "decoding.beam": 12,
    },
}  # fmt: skip
"""Table 2's updates; Cho et al. (2014b) for grConv; 7.5 epochs of 12M pairs for Sutskever et al. (2014)."""

SCALES = (
    Scale(
        "smoke",
        "seconds; for tests, too little to learn",
        {**_sizes(16), **_ADAM, "training.learning_rate": 8e-3, "training.updates": 12, "training.warmup": 4,
         "training.batch_size": 8, "training.evaluations": 2, "training.checkpoint_seconds": 0.0,
         "data.vocabulary": 1000, "data.valid_limit": 20, "decoding.beam": 2,
         "decoding.max_length_ratio": 1.5},
        embedded={"data.limit": 300, "data.test_per_bin": 3},
        seeds=1,
    ),
    Scale(
        "small",
        "minutes on two CPU cores",
        {**_sizes(128), **_ADAM, "training.learning_rate": 4e-3, "training.updates": 3000,
         "training.batch_size": 32, "data.vocabulary": 5000, "data.valid_limit": 500},
        embedded={**_sizes(64), "training.learning_rate": 8e-3, "training.updates": 2000,
                  "data.vocabulary": 3000, "data.limit": 30_000, "data.valid_limit": 200},
        systems=_SMALL,
        seeds=1,
    ),
    Scale(
        "medium",
        "for one large GPU, or a night of CPU",
        {**_sizes(256), "model.hidden": 512, "model.alignment": 512, **_ADAM,
         "training.learning_rate": 1e-3, "training.updates": 20_000, "training.batch_size": 64,
         "data.vocabulary": 10_000, "data.valid_limit": 1000},
        embedded={**_sizes(64), "training.learning_rate": 4e-3, "training.batch_size": 32,
                  "data.vocabulary": 3000, "data.limit": 200_000},
        systems=_MEDIUM,
    ),
    Scale(
        "paper",
        "the paper's sizes and schedule, exactly; days on a GPU",
        {"training.optimizer": "adadelta", "training.learning_rate": 1.0, "training.rho": 0.95,
         "training.epsilon": 1e-6, "training.batch_size": 80, "training.bucket_batches": 20,
         "training.loss_per": "example", "training.clip": 1.0, "training.evaluations": 50,
         "training.checkpoint_seconds": 1800.0, "decoding.beam": 10},
        systems=_PAPER,
    ),
)  # fmt: skip

PAPER = Paper(
    name="bahdanau2015",
    title="Neural Machine Translation by Jointly Learning to Align and Translate",
    authors="Dzmitry Bahdanau, Kyunghyun Cho, Yoshua Bengio",
    venue="ICLR 2015",
    url="https://arxiv.org/abs/1409.0473",
    task="attnbench.tasks.translation:TASK",
    model="reproductions.bahdanau2015.settings:BahdanauModel",
    systems=SYSTEMS,
    scales=SCALES,
    claims=CLAIMS,
    measurements=MEASUREMENTS,
    printed=PRINTED,
    headline="bleu",
    decodings=(BEAM, GREEDY, FORCED, BEAM_KNOWN),
    data=("embedded", "files:DIR", "hub:OWNER/NAME[:CONFIG][@REVISION]"),
    own_data=("hub-wmt-wmt14-fr-en",),
    deviations=(
        "Below scale `paper` the layers are smaller, Adam takes the place of Adadelta, and the gradient is "
        "that of the mean loss a word."
    ),
)
