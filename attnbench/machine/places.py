"""Places that a person names: where to read and write, checked before anything long begins."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from attnbench.errors import BadInput, is_utf8, refusal

BELOW = 256
"""Bytes that the paths of what is written in a folder may add to its own."""


def named(text: str) -> Path:
    """Return the place that a person typed; ``~`` is the home folder, whoever expands it.

    Raises ``BadInput`` for nothing, and for a home that is not known.
    """
    if not text:
        raise BadInput("an empty name of a file or folder; name one, such as . for the current folder")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise BadInput(f"{text}: no such home folder is known here; write the whole path") from None


def writable(folder: Path, option: str) -> None:
    """Raise ``BadInput`` if nothing can be written under the folder that an option names."""
    above = _nearest(folder, option)
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise BadInput(
            f"cannot write in {folder} ({above} is not a folder one may write in); choose another {option}"
        )


def writable_file(path: Path, option: str, suffix: str = "") -> None:
    """Raise ``BadInput`` if the file that an option names cannot be written, or has another suffix."""
    if suffix and path.suffix.lower() != suffix:
        raise BadInput(f"{option} {path}: name a {suffix} file")
    above = _nearest(path, option)
    if path.is_dir() or not (above.is_dir() or above == path):
        raise BadInput(f"cannot write {path}: {above} is in the way; choose another {option}")
    if above.is_dir():
        place = above
    elif path.is_file():  # which another takes the place of
        place = Path(os.path.realpath(path)).parent
    else:
        place = path  # a pipe or a device
    if not os.access(place, os.W_OK):
        raise BadInput(f"cannot write {path}: {above} may not be written; choose another {option}")


def readable(*folders: Path) -> None:
    """Raise ``BadInput`` for the first folder that is there and may not be looked into: it seems empty."""
    for folder in folders:
        if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):  # noqa: PTH112 (raises nothing)
            raise BadInput(f"{folder} may not be read; change its permissions, or name another")


def _nearest(path: Path, option: str) -> Path:
    """Return the path, or the nearest above it that is there; raise where the system cannot look."""
    if not is_utf8(str(path)):
        raise BadInput(f"cannot write {path}: its name is not UTF-8; choose another {option}")
    try:
        whole = path.absolute()
        above = next(place for place in (path, *whole.parents) if _there(place))
        _check_lengths(whole, os.pathconf(above, "PC_NAME_MAX"), os.pathconf(above, "PC_PATH_MAX") - BELOW)
        return above
    except OSError as error:
        raise BadInput(f"{option} {refusal(error)}") from error


def _check_lengths(path: Path, part: int, whole: int) -> None:
    """Raise OSError as the system would once all that is above is there."""
    if len(os.fsencode(path)) > whole or any(len(os.fsencode(name)) > part for name in path.parts):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(path))


def _there(place: Path) -> bool:
    """Return whether there is something; raise OSError for a link that leads nowhere, or to itself."""
    try:
        place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return bool(place.stat())
