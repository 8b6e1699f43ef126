"""Files that a manifest names: as they are in its folder, or inside plain tar files beside it."""

from __future__ import annotations

import os
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from attnbench.corpora import plain
from attnbench.errors import BadInput, is_utf8, reason


@dataclass(frozen=True)
class Member:
    """A file inside a plain tar file."""

    path: Path
    """The tar file."""
    offset: int
    """Of its first byte."""
    size: int

    def read_bytes(self) -> bytes:
        """Return its content."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.size)


def members(path: Path) -> dict[str, Member]:
    """Return the files inside a plain tar file by name; raise ``BadInput`` for what is none."""
    try:
        with tarfile.open(path, "r:") as tar:
            return {
                one.name.removeprefix("./"): Member(path, one.offset_data, one.size)
                for one in tar
                if one.isreg() and not one.issparse()
            }
    except (tarfile.TarError, EOFError) as error:
        raise BadInput(f"{path} is no plain tar file ({error}); unpack it if it is packed") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {reason(error)}") from error


class Named:
    """The files that may be named in a folder."""

    def __init__(self, folder: Path, deeper: bool = False) -> None:
        """Remember the folder; nothing is read yet.

        Args:
            folder: where names lead from.
            deeper: whether a file may also lie in a folder there that its name leaves out.
        """
        self.folder = folder
        self._deeper = deeper

    def found(self, file: str, where: str) -> Path | Member:
        """Return the file of a name that stands at ``where``; raise ``BadInput`` where there is none."""
        if file and is_utf8(file) and not _leads_out(file):
            if found := self.find(file):
                return found
            raise BadInput(
                f"{where} names {plain.shown([file])}, which is neither in {self.folder} nor in a tar file "
                "there; put it there, or drop the row"
            )
        raise BadInput(f"{where}: {file[:50]!r} is no file below {self.folder}; name one relative to it")

    def find(self, file: str) -> Path | Member | None:
        """Return the file of a name that does not lead out of the folder; None where there is none."""
        for folder in (self.folder, *self._inner):
            path = folder / file
            if os.path.isfile(path):  # noqa: PTH113 (pathlib has errors for a name that is too long)
                return path
        return self._members.get("/".join(PurePosixPath(file).parts))

    @cached_property
    def _inner(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_dir()) if self._deeper else []

    @cached_property
    def _members(self) -> dict[str, Member]:
        """The files inside the tar files, each gone through once; of the same names the first counts."""
        tars = sorted(path for path in self.folder.glob("*.tar") if path.is_file())
        found: dict[str, Member] = {}
        for path in tars:
            found = members(path) | found
        return found


def _leads_out(file: str) -> bool:
    parts = PurePosixPath(file).parts
    return parts[:1] == ("/",) or ".." in parts
