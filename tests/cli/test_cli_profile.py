"""`attnbench profile`: what it prints, writes and refuses."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
Refused = Callable[..., str]

QUICK = ("--lengths", "8,16", "--dim", "8", "--threads", "1", "--device", "cpu", "--no-backward")


def test_a_sweep_prints_and_writes(attnbench: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnbench.profiling.sweep.SECONDS", 0.0)
    words = ["profile", "--mechanisms", "additive", "--implementations", "naive,blocked", *QUICK]
    words += ["--memory-limit", "1GiB"]
    said = attnbench(*words, "--out", tmp_path / "a.csv")
    assert said.code == 0, said.err
    assert "- **additive**, forward at 16: naive " in said.out
    assert said.out.splitlines()[-1] == f"the whole page: {tmp_path / 'a.md'}"
    assert re.search(
        r"^6/6 additive, .*, forward, batch 1, length 16, dim 8, float32: \S+ ms", said.err, re.M
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json", "a.md", "a.png"]
    rows = pd.read_csv(tmp_path / "a.csv")
    assert len(rows) == 2 * 3 and (rows["status"] == "ok").all()
    again = attnbench(*words, "--out", tmp_path / "a.csv")
    assert again.out == said.out and "additive" not in again.err, "what the file holds is not measured again"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--mechanisms", "aditive"], ["unknown mechanism 'aditive'", "did you mean 'additive'?"]),
        (["--mechanisms", "decoder:rnn"], ["unknown mechanism 'decoder:rnn'", "decoder:"]),
        (["--implementations", "fussed"], ["unknown implementation 'fussed'", "did you mean 'fused'?"]),
        (["--mechanisms", "dot", "--implementations", "naive,fused"],
         ["none of dot has the implementation 'fused'", "additive, concat, location"]),
        (["--mechanisms", "dot,additive", "--implementations", "fused"],
         ["mechanism 'dot' has the implementations: naive, compiled, sdpa"]),
        (["--mechanisms", "location", "--no-align"], ["'location' with --no-align", "none"]),
        (["--implementations", "naive", "--no-align"], ["'naive' with --no-align"]),
        (["--lengths", "64-128"], ["--lengths '64-128'", "64:4096"]),
        (["--lengths", "many"], ["--lengths 'many'"]),
        (["--lengths", ""], ["--lengths ''"]),
        (["--lengths", "0:64"], ["--lengths '0:64'", "above 0"]),
        (["--lengths", "128:64"], ["--lengths '128:64'"]),
        (["--batch", "0"], ["--batch '0'", "whole numbers above 0"]),
        (["--dim", "1.5"], ["--dim '1.5'"]),
        (["--dtype", "float23"], ["unknown data type 'float23'", "'float32'?"]),
        (["--dtype", ","], ["--dtype ',' names nothing"]),
        (["--device", "gpu"], ["unknown device 'gpu'"]),
        (["--memory-limit", "8GB"], ["--memory-limit '8GB'", "8GiB"]),
        (["--memory-limit", "0GiB"], ["--memory-limit '0GiB'"]),
        (["--out", "table.txt"], ["table.txt", ".csv"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("-") else "",
)  # fmt: skip
def test_profile_refuses(attnbench: Run, words: list[str], parts: list[str], refused: Refused) -> None:
    refused(attnbench("profile", *words), *parts)


def test_a_place_that_cannot_be_written_is_refused(attnbench: Run, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.csv").mkdir()
    for out in (tmp_path / "file" / "a.csv", tmp_path / "folder.csv"):
        refused(attnbench("profile", *QUICK, "--out", out), f"cannot write {out}", "another --out")
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_ends_with_one_line_and_keeps_the_rows(tmp_path: Path) -> None:
    """As from a terminal, the signal goes to the children too."""
    out = tmp_path / "a.csv"
    words = ["profile", "--mechanisms", "additive", "--implementations", "naive", *QUICK, "--out", out]
    lengths = [*map(str, words), "--lengths", ",".join(map(str, range(8, 200)))]
    command = subprocess.Popen(
        [Path(sys.executable).with_name("attnbench"), *lengths],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job of a script ignores it
    )  # fmt: skip
    until = time.monotonic() + 60
    while not out.exists() and time.monotonic() < until and command.poll() is None:
        time.sleep(0.05)
    os.killpg(command.pid, signal.SIGINT)
    said = command.communicate(timeout=30)
    assert command.returncode == 130, said
    last = said[1].splitlines()[-1]
    assert last == "attnbench: stopped; the same command goes on where it stood"
    assert "Traceback" not in said[1]
    assert (pd.read_csv(out)["status"] == "ok").all()
