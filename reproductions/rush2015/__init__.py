"""Rush, Chopra and Weston (2015): sentence summarization by an attention without recurrence."""

from __future__ import annotations

from collections.abc import Mapping

from attnbench.paper import FIT, Decoding, Paper, Scale, Stage, System
from attnbench.tasks.summarization import (
    BEAM,
    BEAM_75,
    BEAM_EXTRACTIVE,
    FORCED,
    GREEDY,
    GREEDY_EXTRACTIVE,
)
from reproductions.rush2015.printed import PRINTED
from reproductions.rush2015.statements import CLAIMS, MEASUREMENTS

_ALL = (BEAM, GREEDY, BEAM_EXTRACTIVE, GREEDY_EXTRACTIVE, BEAM_75, FORCED)
_TUNE = Stage("tune", tune="attnbench.tasks.summarization.tuning:tune")

_TABLES, _OUTPUT = 13_800_000, 27_600_000
"""E or G of 69,000 words with D = 200 numbers; V or W with H = 400."""
_INPUT, _MAP = 44_000_000, 400_000
"""F of 110,000 words with H = 400 numbers; U or P, 400 x 1,000."""
_LANGUAGE_MODEL = _TABLES + _MAP + _OUTPUT
_BAG_OF_WORDS = _LANGUAGE_MODEL + _INPUT + _OUTPUT
_CONVOLUTION = _BAG_OF_WORDS + 3 * 5 * 400 * 400
_ATTENTION = _BAG_OF_WORDS + _TABLES + _MAP


def _rule(name: str, summary: str, *decodings: Decoding, settings: tuple[str, ...] = ()) -> System:
    """Return what is not trained, and does not search: it stands where searches stand.

    ``settings`` are those of the section ``decoding`` that count for it.
    """
    build, names = name.replace("-", "_"), tuple(one.name for one in decodings)
    return System(
        name, summary, f"reproductions.rush2015.systems:{build}", stages=(), decodings=names,
        decoding_settings=settings,
    )  # fmt: skip


def _system(name: str, summary: str, weights: int, build: str = "", **other: object) -> System:
    return System(
        name=name,
        summary=summary,
        build=f"reproductions.rush2015.systems:{build or name}",
        parameters=weights,
        **other,  # type: ignore[arg-type]
    )


SYSTEMS = (
    _rule("prefix", "the first 75 bytes of the input", BEAM, BEAM_75),
    _rule("lead", "as many first words of the input as summaries usually have", BEAM, BEAM_75,
          settings=("ending", "length")),
    _rule("ir", "the summary of the training input that is most like the input", BEAM, BEAM_75),
    _rule("kn-5", "5-grams with Kneser-Ney smoothing, counted on the training summaries; no input", FORCED),
    _system("nnlm", "a feed-forward language model over the last 5 words; no input", _LANGUAGE_MODEL,
            decodings=(FORCED.name,), decoding_settings=("batch_size",)),
    _system("bow", "the same, and the mean of the input's words", _BAG_OF_WORDS),
    _system("tdnn", "the same, and a convolutional encoder", _CONVOLUTION),
    _system("abs", "the same, and the attention-based encoder", _ATTENTION, "abs_"),
    _system("abs-plus", "abs, with extractive features that are tuned on the validation set", _ATTENTION,
            "abs_plus", stages=(FIT, _TUNE),
            decodings=tuple(one.name for one in _ALL if one is not FORCED)),
    _system("abs-unsmoothed", "a control: abs whose values are single words, Q = 0", _ATTENTION,
            "abs_unsmoothed", extra=True, decodings=(BEAM.name, FORCED.name)),
    _system("tdnn-sorted", "a control: tdnn that reads the input's words sorted by their numbers",
            _CONVOLUTION, "tdnn_sorted", extra=True, decodings=(FORCED.name,)),
)  # fmt: skip
"""Weights at scale ``paper``, biases apart."""

_SMOKE = {"model.embedding": 8, "model.hidden": 12}

_OURS: Mapping[str, object] = {
    "training.optimizer": "adam", "training.decay_from": 0.4, "training.batch_size": 64,
    "training.loss_per": "word", "model.max_norm": 0.0,
}  # fmt: skip
"""Plain SGD at the paper's rate gets nowhere within minutes."""

_RATES: Mapping[str, Mapping[str, object]] = {
    "nnlm": {"training.learning_rate": 4e-3},
    "bow": {"training.learning_rate": 1.6e-2},
    "tdnn": {"training.learning_rate": 2e-3},
    "tdnn-sorted": {"training.learning_rate": 2e-3},
    "abs": {"training.learning_rate": 8e-3},
    "abs-plus": {"training.learning_rate": 8e-3},
    "abs-unsmoothed": {"training.learning_rate": 8e-3},
}
"""Of each encoder that of 0.001, 0.002, 0.004, 0.008, 0.016 and 0.032 with the lowest validation perplexity
on generated news, in trials of 800 to 1,500 updates; the rate on either side was tried too. What a mean of
vectors says is small at first and wants a high rate; three layers of tanh bear none."""

SCALES = (
    Scale(
        "smoke",
        "seconds; for tests, too little to learn",
        {**_SMOKE, **_OURS, "training.updates": 12, "training.batch_size": 8, "training.evaluations": 2,
         "training.checkpoint_seconds": 0.0, "data.vocabulary": 1000, "data.source_vocabulary": 1000,
         "data.least_count": 1, "data.valid_limit": 20, "decoding.beam": 2},
        embedded={"data.limit": 300, "data.test_per_bin": 3},
        seeds=1,
    ),
    Scale(
        "small",
        "minutes on two CPU cores, three trainings each",
        {**_OURS, "model.embedding": 64, "model.hidden": 128, "training.updates": 2500,
         "training.evaluations": 10, "training.patience": 10, "data.vocabulary": 8000,
         "data.source_vocabulary": 8000, "decoding.beam": 5},
        embedded={"training.updates": 1200, "data.limit": 60_000, "data.test_per_bin": 40},
        systems=_RATES,
    ),
    Scale(
        "medium",
        "for one GPU, or a night of CPU",
        {**_OURS, "training.updates": 30_000, "training.evaluations": 20, "training.patience": 20,
         "data.vocabulary": 20_000, "data.source_vocabulary": 30_000, "decoding.beam": 10},
        embedded={"data.limit": 200_000, "data.test_per_bin": 100},
        systems=_RATES,
    ),
    Scale(
        "paper",
        "the paper's sizes and schedule; days on a GPU",
        {"data.vocabulary": 69_000, "data.source_vocabulary": 110_000, "data.least_count": 5,
         "training.optimizer": "sgd", "training.learning_rate": 0.05, "training.batch_size": 64,
         "training.updates": 891_552, "training.decay_from": 0.5, "training.halve_every": 1 / 15,
         "training.loss_per": "word", "training.clip": 1e30, "training.evaluations": 15,
         "training.patience": 15, "training.checkpoint_seconds": 1800.0, "decoding.beam": 50},
    ),
)  # fmt: skip
"""``paper``: 15 passes over the 3,803,957 pairs that are shared widely, the weights with the best validation
perplexity kept. The paper halves its rate whenever that perplexity stalls; here it halves once a pass from
half of the updates on. Its text gives no width of the beam; 50 is what the authors' code tunes its features
with."""

PAPER = Paper(
    name="rush2015",
    title="A Neural Attention Model for Abstractive Sentence Summarization",
    authors="Alexander M. Rush, Sumit Chopra, Jason Weston",
    venue="EMNLP 2015",
    url="https://arxiv.org/abs/1509.00685",
    task="attnbench.tasks.summarization:TASK",
    model="reproductions.rush2015.settings:RushModel",
    systems=SYSTEMS,
    scales=SCALES,
    claims=CLAIMS,
    measurements=MEASUREMENTS,
    printed=PRINTED,
    headline="rouge-1-f1",
    decodings=_ALL,
    views=("source-length",),
    data=("embedded", "files:DIR", "hub:OWNER/NAME[:CONFIG][@REVISION]"),
    own_data=("hub-Harvard-gigaword",),
    deviations=(
        "Below scale `paper` vocabularies are smaller, at `small` layers too, Adam takes the place of plain "
        "SGD, each encoder has a learning rate of its own, and no norm of a word's vector is bounded. The "
        "features of ABS+ are tuned on the validation set, by a search for the best recall at 75 bytes, not "
        "by Z-MERT on DUC-2003. Pairs are not filtered."
    ),
)
