"""Ways to damage a file or a folder, each a function of its path."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

Harm = Callable[[Path], object]


def _junk(path: Path) -> None:
    path.write_bytes(random.Random(path.name).randbytes(path.stat().st_size))


def _flip(place: int | None) -> Harm:
    """Return what changes one bit of the byte at a place; None: anywhere."""

    def flip(path: Path) -> None:
        draw, content = random.Random(path.name), bytearray(path.read_bytes())
        if content:
            content[draw.randrange(len(content)) if place is None else place] ^= 1 << draw.randrange(7)
        path.write_bytes(content)

    return flip


def _cut(path: Path, end: int) -> None:
    path.write_bytes(path.read_bytes()[:end])


def remove(path: Path) -> None:
    """Delete a file, link or folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _folder(path: Path) -> None:
    remove(path)
    path.mkdir()
    (path / "inside").write_text("x")


def _loop(path: Path) -> None:
    remove(path)
    path.symlink_to(path.name)


def _file(path: Path) -> None:
    remove(path)
    path.write_bytes(b"x")


def _hollow(path: Path) -> None:
    remove(path)
    path.mkdir()


def _json(text: str) -> Harm:
    return lambda path: path.write_text(text)


UNREADABLE = "unreadable"

FILES: dict[str, Harm] = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut to half": lambda path: _cut(path, path.stat().st_size // 2),
    "cut by a byte": lambda path: _cut(path, -1),
    "junk": _junk,
    "first byte flipped": _flip(0),
    "a byte flipped": _flip(None),
    "last byte flipped": _flip(-1),
    "a folder": _folder,
    "a link to itself": _loop,
    "deleted": remove,
    UNREADABLE: lambda path: path.chmod(0),
}
JSON: dict[str, Harm] = {f"JSON {text}": _json(text) for text in ("{}", "[]", "null", "1", '"x"')}
FOLDERS: dict[str, Harm] = {
    "deleted": remove, "hollow": _hollow, "a file": _file, "a link to itself": _loop,
    UNREADABLE: lambda path: path.chmod(0),
}  # fmt: skip
ANOTHER = "another run's"

NAMES = [*{**FILES, **JSON, **FOLDERS}, ANOTHER]


def of(path: Path, another: Path | None) -> dict[str, Harm]:
    """Return all that can be done to a path; ``another`` is of the same name and of another run."""
    fitting = FOLDERS if path.is_dir() else FILES | (JSON if path.suffix == ".json" else {})
    differs = another is not None and _names(another) == _names(path) and _bytes(another) != _bytes(path)
    return fitting | ({ANOTHER: _replace(another)} if another and differs else {})


def _replace(another: Path) -> Harm:
    def replace(path: Path) -> None:
        remove(path)
        if another.is_dir():
            shutil.copytree(another, path)
        else:
            shutil.copyfile(another, path)

    return replace


def _inside(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _names(path: Path) -> list[Path]:
    return [one.relative_to(path) for one in _inside(path)]


def _bytes(path: Path) -> list[bytes]:
    return [one.read_bytes() for one in _inside(path)]


def counterpart(name: Path, other: Path) -> Path | None:
    """Return what stands in the folder of another command where ``name`` stands in this one's."""
    found = {_hashless(path.relative_to(other)): path for path in sorted(other.rglob("*"))}
    return found.get(_hashless(name))


def _hashless(name: Path) -> str:
    return re.sub(r"\b([0-9a-f]{12}|[0-9a-f]{6})\b", "#", str(name))
