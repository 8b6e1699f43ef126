"""Every file and folder of the cache and of the results, damaged in every way.

A command answers as if nothing were damaged, or refuses with one line whose advice works: never a traceback,
never other results without a word. All cases: ``pytest -m slow tests/damage``.
"""

from __future__ import annotations

import random
from pathlib import Path

import harm
import pytest
from forking import Forks
from stand import Stand

SMOKE = ["--scale", "smoke", "--device", "cpu"]
SETTINGS = [
    "data.limit=40", "data.valid_limit=5",
    "training.updates=4", "training.evaluations=2", "training.patience=2", "training.checkpoint_seconds=0",
]  # fmt: skip
SAMPLE = 5
"""How many cases of all are examined by default."""

MADE = {
    "translation": ("bahdanau2015", "rnnsearch-50", ("--seeds", "2")),
    "entailment": ("rocktaschel2016", "attention", ()),
    "summarization": ("rush2015", "abs-plus", ()),
}


def words(paper: str, system: str, more: tuple[str, ...], *settings: str) -> list[str]:
    changes = [word for text in (*SETTINGS, *settings) for word in ("--set", text)]
    return ["reproduce", paper, "--systems", system, *more, *SMOKE, *changes]


def made(forks: Forks, folder: Path, task: str) -> Stand:
    """Return a stand with the folder of another command beside it: other settings, same shapes."""
    paper, system, more = MADE[task]
    stand = Stand(forks, folder, words(paper, system, more, "data.test_per_bin=1"), f"{paper}/{system}.0")
    places = ["--out", str(stand.other / "out"), "--work", str(stand.other / "work")]
    other = words(paper, system, (), "data.test_per_bin=2", "training.learning_rate=0.01")
    assert forks([*other, *places], stand.other).code == 0
    return stand


@pytest.fixture(scope="session")
def finished(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    stand = made(forks, tmp_path_factory.mktemp("damage"), "translation")
    stand.settle()
    return stand


@pytest.fixture(scope="session")
def unfinished(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    stand = made(forks, tmp_path_factory.mktemp("damage"), "translation")
    stand.settle(until=r"^os.rename .* work/runs/.*/fit/checkpoint$")
    return stand


@pytest.fixture(scope="session")
def entailed(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    stand = made(forks, tmp_path_factory.mktemp("damage"), "entailment")
    stand.settle()
    return stand


@pytest.fixture(scope="session")
def summarized(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """With a stage that tunes, whose files alone are damaged: all others are like those of other tasks."""
    stand = made(forks, tmp_path_factory.mktemp("damage"), "summarization")
    stand.settle()
    return stand


def test_damage_here_and_there_is_mended_or_named(finished: Stand) -> None:
    cases = random.Random(1).sample(finished.cases(), SAMPLE)
    wrong = [problem for case in cases if (problem := finished.examine(*case))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("how", harm.NAMES)
@pytest.mark.parametrize("state", ["finished", "unfinished", "entailed", "summarized"])
def test_any_damage_is_mended_or_named(state: str, how: str, request: pytest.FixtureRequest) -> None:
    stand: Stand = request.getfixturevalue(state)
    cases = [case for case in stand.cases() if case[1] == how]
    if state == "summarized":
        cases = [case for case in cases if "tune" in case[0].parts]
    wrong = [problem for case in cases if (problem := stand.examine(*case))]
    assert not wrong, "\n".join(wrong)
