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
    places: list[tuple[str, int]]
    """Every place where it was about to change a file or folder, with the number of the copy that was kept of
    the folder there; empty if it was killed."""


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

    def __call__(
        self, words: Sequence[object], folder: Path, fatal: int = 0, *, keep: Path | None = None,
        unprivileged: bool = False,
    ) -> Tried:  # fmt: skip
        """Run ``attnbench WORDS`` in a child.

        Args:
            words: what stands after ``attnbench``.
            folder: where its places are watched.
            fatal: the place where it is killed, counted from 1; 0: none.
            keep: where the folder is copied to as a kill at each place would leave it, under its number.
            unprivileged: even root may not read what its permissions forbid.
        """
        out, err = self.folder / "out", self.folder / "err"
        job = {
            "words": [*map(str, words)], "folder": str(folder), "fatal": fatal, "unprivileged": unprivileged,
            "keep": str(keep or ""), "out": str(out), "err": str(err),
        }  # fmt: skip
        assert self.server.stdin and self.server.stdout
        self.server.stdin.write(json.dumps(job) + "\n")
        self.server.stdin.flush()
        answer = json.loads(self.server.stdout.readline())
        said = out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
        return Tried(answer["code"], *said, [(what, copy) for what, copy in answer["places"]])

    def close(self) -> None:
        """End the server."""
        self.server.communicate(timeout=30)
