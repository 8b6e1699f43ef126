"""Commands in children of one server, which has imported all that they need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Tried(NamedTuple):
    """How a command in a process of its own ended."""

    code: int
    """Below 0: the signal that killed it."""
    out: str
    err: str
    places: list[str]
    """Every place where it was about to change a file or folder; empty if it was killed."""


class Forks:
    """Runs commands in children of one server, which has imported all that they need."""

    def __init__(self, folder: Path) -> None:
        """Start the server; what commands print goes through ``folder``."""
        self.folder = folder
        self.server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("forks.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "500"},
        )  # fmt: skip

    def __call__(self, words: Sequence[object], folder: Path, fatal: int = 0) -> Tried:
        """Run ``attnbench WORDS``, to be killed at the ``fatal``-th place under ``folder``; 0: at none."""
        out, err = self.folder / "out", self.folder / "err"
        job = {"words": [*map(str, words)], "folder": str(folder), "fatal": fatal, "out": str(out), "err": str(err)}
        assert self.server.stdin and self.server.stdout
        self.server.stdin.write(json.dumps(job) + "\n")
        self.server.stdin.flush()
        answer = json.loads(self.server.stdout.readline())
        said = out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
        return Tried(answer["code"], *said, answer["places"])

    def close(self) -> None:
        """End the server."""
        self.server.communicate(timeout=30)
