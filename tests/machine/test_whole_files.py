"""What killed processes leave behind, and what cannot be written."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attnbench.errors import BadInput
from attnbench.machine import files
from attnbench.machine.files import recover, remove, sweep, whole_folder, write_text, write_whole


@pytest.fixture(scope="module")
def dead() -> int:
    """Return the number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def left(folder: Path, pid: int, kind: str = "new", name: str = "0123abcd", host: str = files._HOST) -> Path:
    """Return a folder as a process would have left it."""
    path = folder / f".attnbench.{host}.{pid}.{kind}.{name}"
    path.mkdir(parents=True)
    (path / "file").write_text(name)
    return path


def test_a_start_removes_what_no_living_process_owns(tmp_path: Path, dead: int) -> None:
    stale, nested = left(tmp_path, dead), left(tmp_path / "a" / "b", dead)
    single = tmp_path / f".attnbench.{files._HOST}.{dead}.new.89abcdef"
    single.write_text("half")
    kept = [left(tmp_path, os.getpid()), left(tmp_path, dead, host="ffffffff"), tmp_path / ".attnbench.notes"]
    kept[-1].write_text("not ours")
    sweep(tmp_path)
    assert not stale.exists() and not nested.exists() and not single.exists()
    assert all(path.exists() for path in kept)


def test_whoever_writes_beside_it_removes_it_too(tmp_path: Path, dead: int) -> None:
    stale, deeper = left(tmp_path, dead), left(tmp_path / "below", dead)
    write_text(tmp_path / "x", "whole")
    assert not stale.exists() and deeper.exists()


def test_what_another_machine_left_goes_after_a_week(tmp_path: Path) -> None:
    young, old = (left(tmp_path, 1, host="ffffffff", name=name) for name in ("young", "old"))
    week = time.time() - 8 * 24 * 3600
    os.utime(old, (week, week))
    sweep(tmp_path)
    assert young.exists() and not old.exists()


def test_what_was_set_aside_comes_back_where_nothing_took_its_place(tmp_path: Path, dead: int) -> None:
    left(tmp_path, dead, "old", "a.[b]*")
    left(tmp_path, dead, "old", "taken")
    (tmp_path / "taken").mkdir()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.[b]*", "taken"]
    assert (tmp_path / "a.[b]*" / "file").read_text() == "a.[b]*"
    assert list((tmp_path / "taken").iterdir()) == []


def test_recovering_takes_what_any_process_set_aside(tmp_path: Path, dead: int) -> None:
    left(tmp_path, dead, "old", "other")
    recover(tmp_path / "one")
    assert not (tmp_path / "one").exists()
    left(tmp_path, dead, "old", "one", host="ffffffff")
    recover(tmp_path / "one")
    assert (tmp_path / "one" / "file").read_text() == "one"


@pytest.mark.parametrize("before", ["a file", "a link to itself", "a folder"])
def test_a_folder_takes_the_place_of_whatever_was_there(tmp_path: Path, before: str) -> None:
    path = tmp_path / "x"
    {"a file": lambda: path.write_text("x"), "a folder": path.mkdir,
     "a link to itself": lambda: path.symlink_to(path)}[before]()  # fmt: skip
    with whole_folder(path) as beside:
        (beside / "file").write_text("new")
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
    assert sorted(one.name for one in path.iterdir()) == ["file", "manifest.json"]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    def full(beside: Path) -> None:
        beside.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    write_text(tmp_path / "x", "before")
    with pytest.raises(BadInput, match=r"^cannot write .*x: No space left on device; .*another folder$"):
        write_whole(tmp_path / "x", full)
    with pytest.raises(BadInput, match="No space left"), whole_folder(tmp_path / "y") as beside:
        full(beside / "file")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_removing_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    for name in ("link", "not there"):
        remove(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_containers_with_the_name_of_their_host_do_not_take_each_others_processes_for_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each numbers its processes from 1, and all may write into one cache."""
    monkeypatch.setattr(os, "readlink", lambda path: "pid:[1]")
    first = files._host()
    monkeypatch.setattr(os, "readlink", lambda path: "pid:[2]")
    assert files._host() != first
