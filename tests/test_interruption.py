"""Runs that are killed: they end as if never killed, and nothing goes on without them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from smoke import reproduce

from attnbench import harness, paper
from attnbench.harness import configure
from attnbench.harness.run import execute
from attnbench.tasks.engine import silent

PAPERS = paper.names()

LONG = {"training.updates": "200", "training.checkpoint_seconds": "0"}
"""A training long enough to be killed, that writes a checkpoint every 20 updates."""


def contents(folder: Path) -> dict[str, str]:
    """Return a hash of each table, record, prediction and figure in a results folder, speed apart."""
    paths = [path for path in folder.rglob("*") if path.suffix in (".csv", ".parquet", ".jsonl", ".png")]
    kept = [path for path in paths if path.name != "speed.csv"]
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in kept}


def start(*words: object) -> subprocess.Popen[str]:
    """Start the installed command in a session of its own."""
    return subprocess.Popen(
        [Path(sys.executable).with_name("attnbench"), *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def start_long(name: str, folder: Path, systems: str) -> subprocess.Popen[str]:
    changes = [word for key, value in LONG.items() for word in ("--set", f"{key}={value}")]
    places = ["--out", folder / "out", "--work", folder / "work"]
    return start(
        "reproduce", name, "--scale", "smoke", "--device", "cpu", "--systems", systems, *changes, *places
    )


def workers(session: int) -> list[int]:
    """Return the processes of a session that are still alive."""
    alive = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, belongs = path.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(belongs) == session and state != "Z":
            alive.append(int(path.parent.name))
    return alive


def wait_for(what: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return False


def updates(work: Path) -> Iterator[int]:
    """Yield how far each checkpoint under ``work`` has come."""
    for path in work.glob("runs/*/*/*/fit/checkpoint/state.json"):
        try:
            yield json.loads(path.read_text(encoding="utf-8"))["progress"]["update"]
        except (OSError, ValueError):
            continue


def kill_in_training(name: str, folder: Path, systems: str, least: int) -> None:
    """Start a long run and kill it, with no warning, once every system has done ``least`` updates."""
    command = start_long(name, folder, systems)
    count = systems.count(",") + 1
    try:
        reached = wait_for(lambda: len([u for u in updates(folder / "work") if u >= least]) == count, 120)
        assert reached and command.poll() is None
        assert len(workers(command.pid)) > 1
        os.kill(command.pid, signal.SIGKILL)
        command.wait()
        assert wait_for(lambda: not workers(command.pid), 10), "workers outlive the command that was killed"
    finally:
        if workers(command.pid):
            os.killpg(command.pid, signal.SIGKILL)
        command.communicate()
    assert not list((folder / "out").rglob("*.csv"))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers in /proc")
@pytest.mark.parametrize("name", PAPERS[:1])
def test_a_killed_run_ends_as_if_never_killed(name: str, tmp_path: Path) -> None:
    system = paper.load(name).systems[-1].name
    kill_in_training(name, tmp_path / "killed", system, least=40)
    (reached,) = updates(tmp_path / "killed" / "work")
    assert 40 <= reached < 200
    assert not list((tmp_path / "killed").rglob("records.parquet"))
    folders = [
        reproduce(name, tmp_path / how / "out", tmp_path / how / "work", [system], changes=LONG)
        for how in ("killed", "straight")
    ]
    killed, straight = map(contents, folders)
    assert killed == straight
    assert len(killed) >= 5 + 2
    speed = pd.read_csv(folders[0] / "speed.csv")
    assert (speed["seconds"] > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAPERS)
def test_a_command_killed_twice_ends_as_if_never_killed(name: str, tmp_path: Path) -> None:
    systems = ",".join(system.name for system in paper.load(name).systems[-2:])
    kill_in_training(name, tmp_path / "killed", systems, least=20)
    kill_in_training(name, tmp_path / "killed", systems, least=120)
    folders = []
    for how in ("killed", "straight"):
        command = start_long(name, tmp_path / how, systems)
        said = command.communicate(timeout=300)
        assert command.returncode == 0, said[1]
        folders += (tmp_path / how / "out" / name).iterdir()
    killed, straight = map(contents, folders)
    assert killed == straight
    assert len(killed) >= 5 + 4
    assert list((tmp_path / "killed" / "out").rglob(".*")) == []


@pytest.mark.parametrize("name", PAPERS[:1])
def test_a_checkpoint_that_was_being_replaced_is_found_again(name: str, tmp_path: Path) -> None:
    """Killed between two renames, the old checkpoint stands aside under a hidden name, of any process."""
    system = paper.load(name).systems[-1].name
    asked = harness.request(
        name, scale="smoke", systems=[system], device="cpu", out=tmp_path / "out", work=tmp_path / "work"
    )
    (run,) = configure.runs(asked, silent)
    execute(run, lambda *said: None)
    whole = run.records.read_bytes()
    shutil.rmtree(run.decoded)
    aside = run.folder / "fit" / ".attnbench.00000000.1.old.checkpoint"
    run.checkpoint("fit").rename(aside)
    stages: list[str] = []
    execute(run, lambda stage, *said: stages.append(stage))
    assert "train" not in stages
    assert run.records.read_bytes() == whole
