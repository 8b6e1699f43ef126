"""Rocktäschel et al. (2016): textual entailment with conditional encoding and word-by-word attention."""

from __future__ import annotations

from collections.abc import Mapping

from attnbench.paper import Paper, Scale, System
from attnbench.tasks.entailment import ARGMAX
from reproductions.rocktaschel2016.printed import PRINTED
from reproductions.rocktaschel2016.statements import CLAIMS, MEASUREMENTS


def _system(
    name: str, summary: str, weights: int, build: str = "", extra: bool = False, **model: object
) -> System:
    return System(
        name=name,
        summary=summary,
        build=f"reproductions.rocktaschel2016.systems:{build or name.replace('-', '_')}",
        settings={f"model.{key}": value for key, value in model.items()},
        parameters=weights,
        extra=extra,
    )


SYSTEMS = (
    _system("hypothesis-only", "never sees the premise: what labels give away by themselves", 110_300),
    _system("conditional-shared", "conditional encoding, one LSTM, k = 100", 110_600),
    _system("conditional", "conditional encoding, two LSTMs, k = 116", 250_744, hidden=116),
    _system("attention", "two LSTMs and attention, k = 100", 230_700),
    _system("word-by-word", "two LSTMs and word-by-word attention, k = 100", 250_700),
    _system("independent", "each sentence encoded by itself, k = 100 (Bowman et al. 2015); tunes given "
            "word vectors", 230_600, extra=True, fine_tune=True),
    _system("independent-frozen", "a control: the same, given word vectors frozen", 230_600,
            build="independent", extra=True),
    _system("conditional-shared-layered", "a control: conditional encoding, one LSTM, k = 100, with the "
            "classifier of independent encoding", 210_900, extra=True),
    _system("conditional-shared-159", "conditional encoding, one LSTM, k = 159", 250_725,
            build="conditional_shared", extra=True, hidden=159),
    _system("attention-two-way", "attention, each sentence to the other", 231_000, extra=True),
    _system("word-by-word-two-way", "word-by-word attention, each sentence to the other", 251_000,
            extra=True),
)  # fmt: skip
"""Weights without word vectors and biases."""

_SMOKE: Mapping[str, Mapping[str, object]] = {
    "conditional": {"model.hidden": 9},
    "conditional-shared-159": {"model.hidden": 13},
}

_OURS = {
    "data.dimension": 100, "training.learning_rate": 2e-3, "training.batch_size": 128,
    "training.decay_from": 0.5, "training.clip": 5.0,
}  # fmt: skip
"""Learned word vectors need no 300 numbers, and large batches are quicker off the first plateau."""

_MADE = {"model.dropout": 0.0, "model.initial_scale": 1.7, "model.matching": True}
"""Ours, for generated pairs: each word comes often, and none tells the label by itself. Learning starts only
when words can be matched, which small vectors and dropout delay. From the usual start attention learns which
premise words tell most, whatever the hypothesis asks, and no trial of up to 1,500 updates, nor one of 10,000,
got beyond. So it starts by looking for states like its own: untrained, copied words mostly find themselves;
that words which the premise says otherwise find what settles them is learnt."""

SCALES = (
    Scale(
        "smoke",
        "seconds; for tests, too little to learn",
        {"model.hidden": 8, "data.dimension": 12, "training.updates": 12, "training.batch_size": 8,
         "training.evaluations": 2, "training.checkpoint_seconds": 0.0, "data.valid_limit": 20},
        embedded={"data.limit": 300, "data.test_per_bin": 3},
        systems=_SMOKE,
        seeds=1,
    ),
    Scale(
        "small",
        "minutes on two CPU cores",
        {**_OURS, "training.updates": 2400, "training.evaluations": 8, "training.patience": 8},
        embedded={**_MADE, "training.updates": 3000, "data.limit": 150_000, "data.test_per_bin": 300},
        seeds=1,
    ),
    Scale(
        "medium",
        "for one GPU, or a night of CPU",
        {**_OURS, "training.updates": 10_000, "training.evaluations": 20, "training.patience": 20},
        embedded={**_MADE, "data.limit": 300_000, "data.test_per_bin": 300},
    ),
    Scale(
        "paper",
        "the paper's sizes; 40 passes over SNLI, the best validation accuracy kept",
        {"training.optimizer": "adam", "training.learning_rate": 1e-3, "training.batch_size": 30,
         "training.updates": 732_000, "training.evaluations": 40, "training.patience": 40,
         "training.clip": 5.0, "training.checkpoint_seconds": 1800.0},
    ),
)  # fmt: skip

PAPER = Paper(
    name="rocktaschel2016",
    title="Reasoning about Entailment with Neural Attention",
    authors="Tim Rocktäschel, Edward Grefenstette, Karl Moritz Hermann, Tomáš Kočiský, Phil Blunsom",
    venue="ICLR 2016",
    url="https://arxiv.org/abs/1509.06664",
    task="attnbench.tasks.entailment:TASK",
    model="reproductions.rocktaschel2016.settings:RocktaschelModel",
    systems=SYSTEMS,
    scales=SCALES,
    claims=CLAIMS,
    measurements=MEASUREMENTS,
    printed=PRINTED,
    headline="accuracy",
    decodings=(ARGMAX,),
    views=("premise-length", "hypothesis-length"),
    data=("embedded", "files:DIR", "hub:OWNER/NAME[:CONFIG][@REVISION]"),
    own_data=("hub-stanfordnlp-snli",),
    deviations=(
        "Without `data.vectors` there are no given word vectors: all training words have learned ones. Below "
        "scale `paper` word vectors are shorter, and Adam's rate warms up and falls."
    ),
)
