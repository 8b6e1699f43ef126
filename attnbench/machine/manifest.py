"""What a folder holds, by size and hash, so that damage is seen before it is read as something else.

``manifest.json`` maps each file's path in the folder to its ``bytes`` and its ``sha256``. It is written last.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from attnbench.errors import reason

MANIFEST = "manifest.json"

Names = Callable[[str], bool]
"""Which of the listed files are meant, by their paths in the folder."""


def sha256(path: Path) -> str:
    """Return the hash of a file's content in hex digits; raise ``OSError`` where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the size and hash of every file in a folder and below it, hidden ones and the manifest apart."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    shown = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
    return {
        name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
        for name in shown
        if name != MANIFEST
    }


def text(listed: dict[str, dict[str, Any]]) -> str:
    """Return what a manifest's file holds."""
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def read(folder: Path) -> dict[str, dict[str, Any]] | None:
    """Return what a folder's manifest lists; None where there is none that can be read."""
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sound = all(
            isinstance(one["bytes"], int) and isinstance(one["sha256"], str) for one in listed.values()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return listed if sound else None


class Fault(NamedTuple):
    """A file that is not as it was written."""

    path: Path
    what: str

    def __str__(self) -> str:
        """Return what is wrong with which file."""
        return f"{self.path} {self.what}"

    @property
    def delete_it(self) -> str:
        """The first half of an advice: nothing where there is nothing to delete."""
        return "delete it and " if os.path.lexists(self.path) else ""


def fault(folder: Path, meant: Names = lambda name: True, *, hashed: bool = True) -> Fault | None:
    """Return the first file that is not as it was written; None for a whole folder.

    Args:
        folder: what ``manifest.json`` lies in.
        meant: the files to look at; those that are not listed are not looked at.
        hashed: whether contents are read; else sizes alone are compared.
    """
    listed = read(folder)
    if listed is None:
        return Fault(folder / MANIFEST, "cannot be read")
    for name, one in listed.items():
        if meant(name) and (what := _changed(folder / name, one, hashed)):
            return Fault(folder / name, what)
    return None


def _changed(path: Path, then: dict[str, Any], hashed: bool) -> str:
    try:
        if path.stat().st_size != then["bytes"] or not path.is_file():
            return "is not as it was written"
        return "is not as it was written" if hashed and sha256(path) != then["sha256"] else ""
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read ({reason(error)})"
