"""Absurd values of options, refused in one line; and runs at the ends of what settings may be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
Refused = Callable[..., str]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--seeds", "1000000000"], ["--seeds 1000000000: at most 1000 seeds at a time"]),
        (["--seeds", "0-4294967296"], ["--seeds 0-4294967296: at most 1000 seeds at a time"]),
        (["--seeds", "4294967296-4294967296"], ["from 0 to 4294967295"]),
        (["--seeds", "9" * 5000], ["neither a number, such as 3, nor seeds, such as 1-2"]),
        (["--seeds", "٣"], ["neither a number, such as 3, nor seeds"]),
        (["--jobs", "1000000000"], ["--jobs", "less than or equal to 1024"]),
        (["--jobs", "0"], ["--jobs", "greater than or equal to 1"]),
        (["--systems", ""], ["unknown system of bahdanau2015 ''"]),
        (["--systems", "rnnsearch-50,"], ["unknown system of bahdanau2015 ''"]),
        (["--set", "model.hidden=1000000000000000000"], ["model.hidden is 1000000000000000000; it must be"]),
        (["--set", "model.hidden=1000000"], ["rnnencdec-30 needs at least", "TiB of memory, and", "is free"]),
        (["--set", "training.clip=0"], ["training.clip is 0.0; it must be at least 1e-12"]),
        (["--set", "training.clip=-1"], ["training.clip is -1.0; it must be at least 1e-12"]),
        (["--set", "training.learning_rate=nan"], ["training.learning_rate is nan; it must be at least"]),
        (["--set", "data.train=a"], ["data.train changes nothing here: it is for data from files or a hub"]),
        (["--set", "data.train=a\udcff"], ["data.train=a\\udcff: not UTF-8; type it in UTF-8"]),
        (
            ["--set", "data.limit=1000000000000"],
            ["examples needs at least", "of disk, and", "lower data.limit"],
        ),
        (
            ["--set", "data.test_per_bin=1000000000"],
            ["examples needs at least", "lower data.limit or data.test"],
        ),
    ],
    ids=lambda value: " ".join(value)[:50].encode("ascii", "replace").decode() if value[0][0] == "-" else "",
)
def test_reproduce_refuses(
    attnbench: Run, places: list[str], tmp_path: Path, words: list[str], parts: list[str], refused: Refused
) -> None:
    refused(attnbench("reproduce", "bahdanau2015", *words, *places), *parts)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_plan_refuses_what_cannot_fit(attnbench: Run, places: list[str], refused: Refused) -> None:
    words = ["--plan", "--scale", "paper", "--set", "model.hidden=1000000"]
    refused(attnbench("reproduce", "bahdanau2015", *words, *places), "TiB of memory, and")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--lengths", "1:1000000000000"], ["--lengths '1:1000000000000'", "at most 1000000"]),
        (["--lengths", "9" * 5000], ["--lengths", "at most 1000000"]),
        (["--lengths", "٣"], ["--lengths '٣'"]),
        (["--batch", "1000000000"], ["--batch '1000000000'", "at most 1000000"]),
        (["--dim", "1000001"], ["--dim '1000001'", "at most 1000000"]),
        (["--threads", "1000000"], ["--threads 1000000: this machine has"]),
        (["--threads", "0"], ["--threads", "greater than or equal to 1"]),
        (["--memory-limit", "1e999GiB"], ["--memory-limit '1e999GiB' is no size"]),
        (["--memory-limit", "9" * 400 + "GiB"], ["is no size from 1MiB to 1000000GiB"]),
        (["--memory-limit", "0.0001KiB"], ["--memory-limit '0.0001KiB' is no size"]),
        (["--memory-limit", "2000TiB"], ["is no size from 1MiB"]),
    ],
    ids=lambda value: " ".join(value)[:40].encode("ascii", "replace").decode() if value[0][0] == "-" else "",
)
def test_profile_refuses(attnbench: Run, words: list[str], parts: list[str], refused: Refused) -> None:
    refused(attnbench("profile", *words), *parts)


@pytest.mark.parametrize("bins", ["nan", "1,nan", "1,inf", "1,1e308", "-1e400,1", "5,5", "2,1", "1"])
def test_compare_refuses_bins_that_are_none(attnbench: Run, smoke: Path, bins: str, refused: Refused) -> None:
    said = attnbench("compare", "--by", "length", "--bins", bins, "--out", smoke / "out")
    refused(said, f"--bins '{bins}' must be two or more edges that rise")


def test_data_check_takes_settings_of_the_data_alone(attnbench: Run, refused: Refused) -> None:
    check = ("data", "check", "bahdanau2015", "--set")
    refused(attnbench(*check, "training.updates=5"), "training.updates changes nothing here", "data.* alone")
    refused(attnbench(*check, "rnnsearch-50:data.limit=5"), "changes nothing here", "leave it out")
    refused(attnbench(*check, "data.test=a"), "data.test changes nothing here: it is for data from files")
    refused(attnbench(*check, "data.limit=1000000000000"), "of disk, and")
    assert attnbench(*check, "data.limit=1000", "--set", "data.test_per_bin=1").code == 0


@pytest.mark.parametrize(
    ("paper", "system", "settings"),
    [
        (
            "bahdanau2015", "rnnsearch-50",
            "training.clip=1e-12 training.warmup=1000000000000 training.evaluations=10000 "
            "training.patience=10000 training.batch_size=1000000000 training.bucket_batches=1000000 "
            "training.epsilon=1e-30 training.checkpoint_seconds=1e9 decoding.batch_size=1000000000 "
            "decoding.max_length_ratio=0.1 data.valid_limit=1",
        ),
        (
            "bahdanau2015", "sutskever2014",
            "training.clip=1e30 training.learning_rate=1e-12 training.decay_from=0 training.decay_to=0 "
            "model.hidden=1 model.embedding=1 model.layers=1 data.vocabulary=3 decoding.beam=1 "
            "data.source_vocabulary=100000000 training.epsilon=1 training.checkpoint_seconds=0",
        ),
        (
            "bahdanau2015", "cho2014-grconv",
            "training.optimizer=adadelta training.rho=0 training.decay_from=0 training.halve_every=0.001 "
            "data.max_length=1000000000 training.batch_tokens=1 training.l2=0 data.valid_limit=1000000000000",
        ),
        (
            "rocktaschel2016", "attention",
            "model.dropout=0.999999 data.dimension=1 model.hidden=1 data.least_count=1000000000000 "
            "data.seed=4294967295 model.initial_scale=1e-9",
        ),
        (
            "rocktaschel2016", "word-by-word",
            "model.initial_scale=1e6 training.learning_rate=1e6 training.equal_lengths=true "
            "training.batch_size=1 data.least_count=1 data.seed=0",
        ),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)  # fmt: skip
def test_the_ends_of_ranges_train_and_test(
    attnbench: Run, places: list[str], tmp_path: Path, paper: str, system: str, settings: str, tiny: list[str]
) -> None:
    changes = [word for text in settings.split() for word in ("--set", text)]
    said = attnbench("reproduce", paper, "--systems", system, *tiny, *changes, *places)
    assert said.code == 0, said.err
    (scores,) = tmp_path.rglob("scores.csv")
    assert len(pd.read_csv(scores)) > 3


@pytest.mark.parametrize(
    ("change", "code", "part"),
    [
        ("training.learning_rate=1e30", 1, "try a smaller training.learning_rate"),
        ("training.l2=1e6", 1, "try a smaller training.learning_rate"),
        (
            "data.max_length=1",
            2,
            "no training pair has 1 words or fewer on both sides; raise data.max_length, to 4 at",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    attnbench: Run, places: list[str], change: str, code: int, part: str, tiny: list[str]
) -> None:
    words = ["--systems", "rnnencdec-50", "--set", "training.warmup=0", "--set", "training.optimizer=sgd"]
    said = attnbench("reproduce", "bahdanau2015", *tiny, *words, "--set", change, *places)
    assert said.code == code and part in said.err.splitlines()[-1], said.err
    assert "Traceback" not in said.err
