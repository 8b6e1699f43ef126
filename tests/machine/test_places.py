"""Places that a person names, and whether they can be written."""

import os
from pathlib import Path

import pytest

from attnbench.errors import BadInput
from attnbench.machine.places import named, writable, writable_file


@pytest.fixture
def nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which nothing may be written, whoever asks."""
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    return tmp_path


def test_the_home_folder_is_found_whoever_expands_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert named("~") == Path("/home/somebody")
    assert named("~/x") == Path("/home/somebody/x")
    assert (named("a/~"), named("."), named("-")) == (Path("a/~"), Path(), Path("-"))
    with pytest.raises(BadInput, match="~no-such-user/x: no such home folder is known here"):
        named("~no-such-user/x")
    with pytest.raises(BadInput, match="an empty name"):
        named("")


def test_a_folder_that_is_not_there_yet_can_be_written(tmp_path: Path) -> None:
    writable(tmp_path, "--out")
    writable(tmp_path / "new" / "below", "--out")
    writable_file(tmp_path / "new" / "a.PNG", "--plot", ".png")
    (tmp_path / "a.csv").touch()
    writable_file(tmp_path / "a.csv", "--out", ".csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("file", "cannot write in {0} ({0} is not a folder one may write in); choose another --out"),
        ("file/a", "cannot write in {0} ({1}/file is not a folder one may write in); choose another --out"),
        ("x" * 300, "--out {0}: File name too long; choose a shorter name"),
        ("new/" + "x" * 300, "--out {0}: File name too long; choose a shorter name"),
        ("loop/below", "--out {0}: Too many levels of symbolic links; a symbolic link leads back to itself"),
        ("astray", "--out {0}: No such file or directory"),
        ("\udcff", "cannot write {0}: its name is not UTF-8; choose another --out"),
    ],
)  # fmt: skip
def test_what_is_in_the_way_of_a_folder_is_named(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "astray").symlink_to(tmp_path / "nowhere")
    for check in (writable, writable_file)[: 1 if "folder" in said else 2]:
        with pytest.raises(BadInput) as refused:
            check(tmp_path / name, "--out")
        assert str(refused.value) == said.format(tmp_path / name, tmp_path)


def test_what_is_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, above in ((tmp_path, tmp_path), (tmp_path / "file" / "a", tmp_path / "file")):
        with pytest.raises(BadInput) as refused:
            writable_file(path, "--output")
        assert str(refused.value) == f"cannot write {path}: {above} is in the way; choose another --output"
    for name in (".", "p.pdf", "png"):
        with pytest.raises(BadInput, match=f"--plot {name}: name a .png file"):
            writable_file(Path(name), "--plot", ".png")


def test_where_one_may_not_write_nothing_is_begun(nobodys: Path) -> None:
    with pytest.raises(BadInput, match="is not a folder one may write in"):
        writable(nobodys / "new", "--work")
    (nobodys / "old.csv").touch()
    for name in ("new.csv", "old.csv"):
        with pytest.raises(BadInput, match="may not be written; choose another --out"):
            writable_file(nobodys / name, "--out", ".csv")
