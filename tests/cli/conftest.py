"""The command line as a function, and what it needs around it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from attnbench import cli
from attnbench.harness import pool

QUICK = ("data.limit=40", "training.updates=4", "training.evaluations=1")
TINY_FILES = ("--scale", "smoke", "--device", "cpu", *(word for text in QUICK for word in ("--set", text)))
"""Options with which a system is trained and tested in a fraction of a second, on a few lines of a file."""
TINY = (*TINY_FILES, "--set", "data.test_per_bin=1")
"""The same on embedded data, with seven test sentences."""

PROGRESS = re.compile(r"\w+: \S+, scale \w+")
"""The line that `reproduce` says before it reads its corpus."""


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


def execute_all(runs: Sequence[Any], jobs: int, console: Any) -> None:
    """Do what the pool does, in this process."""
    from attnbench.harness.run import execute

    for run in runs:
        execute(run, lambda *said: None)


@pytest.fixture
def attnbench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command line as a function; trainings run in this process."""

    def call(*words: Any) -> Said:
        monkeypatch.setattr(sys, "argv", ["attnbench", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code or 0
        assert isinstance(code, int)
        return Said(code, *capsys.readouterr())

    monkeypatch.setattr(pool, "execute_all", execute_all)
    return call


@pytest.fixture(scope="session")
def installed() -> Run:
    """Return the installed command, run in a process of its own, as a function."""

    def call(*words: Any, **env: str) -> Said:
        command = [Path(sys.executable).with_name("attnbench"), *map(str, words)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | env)
        return Said(run.returncode, run.stdout, run.stderr)

    return call


@pytest.fixture(scope="session")
def refused() -> Callable[..., str]:
    """Return a check: a command ended with one line that holds all parts, and printed nothing on stdout."""

    def check(said: Said, *parts: str, code: int = 2) -> str:
        lines = said.err.splitlines()
        if lines and PROGRESS.fullmatch(lines[0]):
            del lines[0]
        assert said.code == code
        assert said.out == ""
        assert len(lines) == 1, said.err
        assert lines[0].startswith("attnbench: ")
        for part in parts:
            assert part in lines[0]
        return lines[0]

    return check


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Return ``--out`` and ``--work`` in folders that are not there yet."""
    return ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]


@pytest.fixture(scope="session")
def tiny() -> list[str]:
    """Return the options of ``TINY``."""
    return list(TINY)


@pytest.fixture(scope="session")
def tiny_files() -> list[str]:
    """Return the options of ``TINY_FILES``."""
    return list(TINY_FILES)


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``out`` and ``work`` of two finished systems."""
    folder = tmp_path_factory.mktemp("smoke")
    words = ["reproduce", "bahdanau2015", "--systems", "rnnsearch-50,rnnencdec-50", *TINY]
    words += ["--out", str(folder / "out"), "--work", str(folder / "work")]
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(pool, "execute_all", execute_all)
        patch.setattr(sys, "argv", ["attnbench", *words])
        cli.main()
    assert not ended.value.code
    return folder


@pytest.fixture(autouse=True)
def _nothing_half_written(tmp_path: Path) -> Iterator[None]:
    """After every command no hidden file or folder is left beside the whole ones."""
    yield
    assert [str(path) for path in tmp_path.rglob(".*")] == []
