"""The installed command in surroundings that people have: streams, folders and variables."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

SHADOWING = ("signal", "random", "torch", "numpy", "json", "typing", "pathlib", "rich", "pickle", "pandas")
"""Modules whose names files in somebody's folder may have."""


def shell(command: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run words of a shell, in which `attnbench` is the command and `python` this Python."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=120, cwd=folder,
        env=os.environ | {"PATH": places} | env,
    )  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with files named as modules are, each of which ends the process that imports it."""
    folder = tmp_path_factory.mktemp("odd")
    for name in SHADOWING:
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name} of the current folder')")
    return folder


@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        ("attnbench list <&-", 0, "bahdanau2015", ""),
        ("attnbench list >&-", 0, "", ""),
        ("attnbench list <&- >&- 2>&-", 0, "", ""),
        ("attnbench lst 2>&-", 2, "", ""),
        ("attnbench list >/dev/full", 2, "", "attnbench: standard output: No space left on device"),
        ("attnbench --help >/dev/full", 2, "", "attnbench: standard output: No space left on device"),
        ("attnbench lst 2>/dev/full", 2, "", ""),
        ("attnbench list --json | true", 141, "", ""),
        ("attnbench --help | true", 141, "", ""),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 attnbench list", 0, "bahdanau2015", ""),
        ("PYTHONIOENCODING=ascii:strict attnbench list", 0, "bahdanau2015", ""),
        ("COLUMNS=0 TERM=dumb attnbench --help", 0, "Usage: attnbench", ""),
        ("COLUMNS=1 attnbench reproduce --help", 0, "Usage: attnbench reproduce", ""),
        ("python -m attnbench list", 0, "bahdanau2015", ""),
        ("python -O -P -m attnbench lst", 2, "", "attnbench: No such command 'lst'"),
        ("mkdir gone && cd gone && rmdir ../gone && attnbench list", 2, "",
         "attnbench: the current folder is no longer there; change into another one"),
        ("env -u HOME attnbench list", 0, "bahdanau2015", ""),
        ("attnbench --show-completion", 0, "_ATTNBENCH_COMPLETE=complete_bash", ""),
    ],
)  # fmt: skip
def test_streams_and_folders(odd: Path, command: str, code: int, out: str, err: str) -> None:
    said = shell(command, odd)
    assert said.returncode == code, said.stderr
    assert out in said.stdout and bool(out) is bool(said.stdout)
    assert said.stderr.startswith(err) and said.stderr.count("\n") == bool(err)


def test_letters_that_a_stream_lacks_are_escaped(smoke: Path, tmp_path: Path) -> None:
    for encoding, dash in (("ascii", r"1\u201310"), ("latin-1", r"1\u201310"), ("utf-8", "1–10")):
        words = f"attnbench compare bahdanau2015 --by length --out {smoke / 'out'}"
        said = shell(words, tmp_path, PYTHONIOENCODING=f"{encoding}:strict")
        assert said.returncode == 0 and said.stderr == ""
        assert f"| system | {dash} |" in said.stdout


def test_a_run_in_odd_surroundings_is_as_quiet_as_any(odd: Path, tmp_path: Path, tiny: list[str]) -> None:
    """Nothing it needs can be written but what is named, and nothing in the folder is imported."""
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "below")
    env = dict.fromkeys(("HOME", "HF_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TMPDIR"), nowhere)
    env |= {"XDG_CACHE_HOME": "relative", "XDG_CONFIG_HOME": nowhere, "MPLBACKEND": "odd", "TERM": "dumb"}
    env |= {"OMP_NUM_THREADS": "0", "PYTHONHASHSEED": "3", "COLUMNS": "1"}
    words = ["attnbench", "reproduce", "bahdanau2015", "--systems", "rnnencdec-50", *tiny]
    words += ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    said = shell(f"ulimit -n 64; {' '.join(words)} <&-", odd, **env)
    assert said.returncode == 0, said.stderr
    for line in said.stderr.splitlines():
        assert re.match(r"rnnencdec-50\.0 |bahdanau2015: embedded, scale smoke$|one seed: ", line), line
    (folder,) = (tmp_path / "out" / "bahdanau2015").iterdir()
    assert (folder / "lengths.png").exists()
    assert {path.name for path in odd.iterdir()} == {f"{name}.py" for name in SHADOWING}


def alive(session: int) -> list[str]:
    """Return the processes of a session that still run."""
    listed = subprocess.run(
        ["ps", "-s", str(session), "-o", "stat=,args="], capture_output=True, text=True
    ).stdout
    return [line for line in listed.splitlines() if not line.startswith("Z")]


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_ctrl_c_ends_the_workers_and_says_one_line(tmp_path: Path) -> None:
    """As from a terminal, the signal goes to the workers too."""
    words = ["reproduce", "bahdanau2015", "--scale", "smoke", "--device", "cpu", "--systems", "rnnencdec-50"]
    words += ["--set", "training.updates=9000", "--out", str(tmp_path / "out"), "--work", str(tmp_path / "w")]
    command = subprocess.Popen(
        [Path(sys.executable).with_name("attnbench"), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job of a script ignores it
    )  # fmt: skip
    assert command.stderr is not None
    try:
        said = ""
        while "trains" not in said and command.poll() is None:
            said = command.stderr.readline()
        os.killpg(command.pid, signal.SIGINT)
        out, err = command.communicate(timeout=60)
    finally:
        command.kill()
    assert (command.returncode, out) == (130, "")
    rest = [line for line in err.splitlines() if not line.startswith("rnnencdec-50.0 ")]
    assert rest == ["attnbench: stopped; the same command goes on where it stood"]
    until = time.monotonic() + 10
    while alive(command.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive(command.pid) == []
