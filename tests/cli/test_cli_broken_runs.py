"""A run that breaks: what is said, what is kept, and how to go on."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from attnbench import paper
from attnbench.machine.files import seal

Run = Callable[..., Any]
Refused = Callable[..., str]


class Unfinished(NamedTuple):
    words: list[str]
    folder: Path
    """The run's own, with a checkpoint and no records."""


@pytest.fixture
def unfinished(attnbench: Run, places: list[str], tmp_path: Path, tiny: list[str]) -> Unfinished:
    """Return a command whose run has weights and no records."""
    words = ["reproduce", "bahdanau2015", "--systems", "rnnencdec-50", *tiny, *places]
    assert attnbench(*words).code == 0
    (folder,) = (tmp_path / "work" / "runs" / "bahdanau2015" / "embedded.smoke").iterdir()
    for decoded in folder.glob("decoded.*"):
        shutil.rmtree(decoded)
    shutil.rmtree(tmp_path / "out")
    return Unfinished(words, folder)


def _truncate(folder: Path, name: str) -> None:
    path = folder / "fit" / "checkpoint" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json"])
def test_a_corrupt_checkpoint_is_refused_until_forced(
    attnbench: Run, unfinished: Unfinished, tmp_path: Path, name: str, refused: Refused
) -> None:
    _truncate(unfinished.folder, name)
    refused(attnbench(*unfinished.words), "checkpoint is corrupt", "or add --force to it, to train again")
    assert not (tmp_path / "out").exists()
    assert attnbench(*unfinished.words, "--force").code == 0


def test_a_checkpoint_of_another_configuration_is_refused(
    attnbench: Run, unfinished: Unfinished, refused: Refused
) -> None:
    path = unfinished.folder / "fit" / "checkpoint" / "state.json"
    state = json.loads(path.read_text())
    path.write_text(json.dumps(state | {"key": "0" * 12}))
    seal(path.parent)
    said = attnbench(*unfinished.words)
    refused(said, "checkpoint of another configuration (000000000000, not ", "--force to start over")


def test_corrupt_records_are_made_anew_from_the_weights(attnbench: Run, unfinished: Unfinished) -> None:
    assert attnbench(*unfinished.words).code == 0
    (path,) = unfinished.folder.glob("decoded.*/records.parquet")
    whole, weights = path.read_bytes(), unfinished.folder / "fit" / "checkpoint" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    path.write_bytes(whole[:100])
    assert attnbench(*unfinished.words).code == 0
    assert path.read_bytes() == whole and weights.stat().st_mtime_ns == before


def test_a_run_whose_corpus_is_gone_predicts_nothing(
    attnbench: Run, unfinished: Unfinished, tmp_path: Path, refused: Refused
) -> None:
    assert attnbench(*unfinished.words).code == 0
    shutil.rmtree(tmp_path / "work" / "corpora")
    (tmp_path / "in.txt").write_text("a b\n")
    words = ["predict", unfinished.folder, "--input", tmp_path / "in.txt", "--output", tmp_path / "out.txt"]
    refused(
        attnbench(*words),
        "no whole corpus: ",
        "`attnbench reproduce` command that prepared it makes it anew",
    )
    assert not (tmp_path / "out.txt").exists()


def test_a_run_that_diverges_names_the_update_and_ends_with_one(
    attnbench: Run, places: list[str], tmp_path: Path, refused: Refused, tiny: list[str]
) -> None:
    words = ["reproduce", "bahdanau2015", "--systems", "rnnencdec-50", *tiny, "--set", "training.warmup=0"]
    said = attnbench(*words, "--set", "training.learning_rate=1e30", *places)
    line = refused(said, "try a smaller training.learning_rate", code=1)
    assert re.search(r"the (loss|norm of the gradient) is (nan|inf) at update [234]; ", line)
    assert "checkpoint is kept" not in line, "there is none yet"
    assert not list(tmp_path.rglob("records.parquet"))
    assert not list((tmp_path / "out").rglob("*.csv"))


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(
    attnbench: Run,
    places: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
    tiny: list[str],
) -> None:
    from safetensors.torch import load_file

    words = ["reproduce", "bahdanau2015", "--systems", "rnnencdec-50", *tiny, *places]
    words += ["--set", "training.updates=60"]
    with monkeypatch.context() as broken:
        broken.setattr("attnbench.training.learning_rate", lambda _, update: 1e30 if update >= 30 else 1e-3)
        line = refused(attnbench(*words), "last good checkpoint is kept in", code=1)
    assert re.search(r" at update 3[2-4]; ", line)
    (folder,) = tmp_path.rglob("checkpoint")
    assert str(folder) in line
    assert json.loads((folder / "state.json").read_text())["progress"]["update"] == 20
    assert all(tensor.isfinite().all() for tensor in load_file(folder / "model.safetensors").values())
    assert attnbench(*words).code == 0, "with the cause gone it goes on"


def test_stopping_by_hand_is_one_line(
    attnbench: Run, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    def stop() -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(paper, "names", stop)
    refused(attnbench("list"), "stopped; the same command goes on where it stood", code=130)
