"""What a folder holds, by size and hash: whatever is done to it is seen."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from attnbench.machine import manifest
from attnbench.machine.files import seal, unseal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a sealed folder of three files."""
    (tmp_path / "kept" / "below").mkdir(parents=True)
    (tmp_path / "kept" / "a.txt").write_bytes(b"abc")
    (tmp_path / "kept" / "below" / "b.txt").write_bytes(b"")
    (tmp_path / "kept" / ".hidden").write_bytes(b"x")
    seal(tmp_path / "kept")
    return tmp_path / "kept"


def test_every_file_stands_with_its_size_and_hash(folder: Path) -> None:
    assert json.loads((folder / "manifest.json").read_text()) == {
        "a.txt": {"bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()},
        "below/b.txt": {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()},
    }
    assert manifest.fault(folder) is None


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(b"ab"),
    "grown": lambda path: path.write_bytes(b"abcd"),
    "flipped": lambda path: path.write_bytes(b"abb"),
    "gone": Path.unlink,
    "a folder": _folder,
    "a link to itself": _loop,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_changed_file_is_named(folder: Path, how: str) -> None:
    DAMAGE[how](folder / "a.txt")
    found = manifest.fault(folder)
    assert found is not None and found.path == folder / "a.txt"
    loop = f"cannot be read ({os.strerror(errno.ELOOP)})"
    said = {"gone": "is not there", "a link to itself": loop}.get(how, "is not as it was written")
    assert found.what == said
    assert found.delete_it == ("" if how == "gone" else "delete it and ")
    assert manifest.fault(folder, lambda name: name != "a.txt") is None
    assert manifest.fault(folder, hashed=False) == (None if how == "flipped" else found)


BROKEN = [
    "", "{", "[]", "null", "1", '"x"', '{"a.txt": 1}', '{"a.txt": {"bytes": "3"}}', "[" * 100_000,
    '{"a.txt": {"bytes": 3, "sha256": null}}',
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:20])
def test_a_broken_manifest_is_no_manifest(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    assert manifest.read(folder) is None
    assert str(manifest.fault(folder)) == f"{folder / 'manifest.json'} cannot be read"


@pytest.mark.parametrize("how", ["gone", "a folder", "a link to itself"])
def test_a_manifest_that_is_no_file_is_no_manifest(folder: Path, how: str) -> None:
    DAMAGE[how](folder / "manifest.json")
    assert manifest.read(folder) is None


@pytest.mark.parametrize("place", range(0, 150, 7))
def test_no_byte_of_a_manifest_can_change_unseen(folder: Path, place: int) -> None:
    """A blank may become another: what the manifest says is then the same."""
    path = folder / "manifest.json"
    whole = path.read_bytes()
    path.write_bytes(bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]]))
    assert manifest.fault(folder) or manifest.read(folder) == json.loads(whole)


def test_a_file_that_is_struck_off_or_new_is_not_looked_at(folder: Path) -> None:
    unseal(folder, "a.txt", "not there")
    (folder / "a.txt").write_bytes(b"another")
    (folder / "new.txt").write_bytes(b"")
    assert manifest.fault(folder) is None
    (folder / "below" / "b.txt").write_bytes(b"b")
    assert "b.txt" in str(manifest.fault(folder))
    seal(folder)
    assert list(manifest.read(folder) or {}) == ["a.txt", "below/b.txt", "new.txt"]
