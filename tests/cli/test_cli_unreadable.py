"""What may not be looked into is said to be so: it is neither empty nor unfinished."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list: the folders put in it may not be read, whoever runs the tests."""
    folders: list[Path] = []
    usual = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) not in folders and usual(path, mode))
    return folders


def test_a_finished_run_that_cannot_be_read_is_not_cleaned_away(
    attnbench: Run, smoke: Path, forbidden: list[Path], tmp_path: Path
) -> None:
    """Its weights took hours, perhaps, and the permissions of a folder are mended in a second."""
    work = tmp_path / "work"
    shutil.copytree(smoke / "work", work)
    forbidden += work.glob("runs/bahdanau2015/*/rnnsearch-50.*/decoded.*")
    assert attnbench("work", "list", "--work", work).out.count("| unreadable |") == 1
    for words in ([], ["--all"]):
        said = attnbench("work", "clean", *words, "--work", work)
        assert said.code == 0 and f"stays: {forbidden[0]} may not be read" in said.err
        assert list(forbidden[0].parent.glob("fit/checkpoint/model.safetensors"))


@pytest.mark.parametrize("below", ["", "embedded.smoke.*"])
def test_results_that_cannot_be_read_are_named(
    attnbench: Run, smoke: Path, refused: Refused, forbidden: list[Path], below: str, tmp_path: Path
) -> None:
    """Else another training is advised, or another paper."""
    out = tmp_path / "out"
    shutil.copytree(smoke / "out", out)
    (folder,) = (out / "bahdanau2015").glob(below) if below else [out / "bahdanau2015"]
    shutil.rmtree(next((out / "bahdanau2015").glob("*")) / "records")  # as it looks from outside
    forbidden.append(folder)
    refused(attnbench("compare", "bahdanau2015", "--out", out), f"{folder} may not be read")
    refused(attnbench("compare", folder, "--out", out), f"{folder} may not be read")


def test_a_cache_that_cannot_be_read_holds_no_run_that_predicts(
    attnbench: Run, refused: Refused, forbidden: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    folder = tmp_path / "work/runs/bahdanau2015/embedded.smoke"
    folder.mkdir(parents=True)
    forbidden.append(folder)
    asked = ["bahdanau2015", "--work", tmp_path / "work", "--input", tmp_path / "in.txt"]
    refused(attnbench("predict", *asked), f"{folder} may not be read")
    refused(attnbench("work", "list", "--work", tmp_path / "work"), f"{folder} may not be read")
