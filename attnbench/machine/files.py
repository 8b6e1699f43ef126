"""Files and folders that appear whole or not at all, and what is left behind where a process was killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnbench.errors import BadInput, reason
from attnbench.machine import manifest

if TYPE_CHECKING:
    import pandas as pd


def _host() -> str:
    """Return what names the system that numbers the processes: containers may share their host's name."""
    numbers = ""
    with suppress(OSError):
        numbers = str(Path("/proc/self/ns/pid").readlink())
    return f"{zlib.crc32(f'{socket.gethostname()} {numbers}'.encode()):08x}"


_HOST = _host()

_BESIDE = re.compile(
    r"\.attnbench\.(?P<host>[0-9a-f]{8})\.(?P<pid>\d+)\.(?P<kind>new|old)\.(?P<name>.+)", re.S
)
"""The name of what is being written, and of what is set aside while another takes its place."""

_HIDDEN = ".attnbench.*"

_FORGOTTEN = 7 * 24 * 3600.0
"""Seconds after which what another machine was writing counts as left behind."""


def write_whole(path: Path, writer: Callable[[Path], object]) -> None:
    """Let ``writer`` fill a file beside ``path``, then rename it, so that ``path`` is whole or absent."""
    beside = _beside(path, "new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path.parent.glob(_HIDDEN))
        writer(beside)
        beside.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole."""
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8", newline="\n"))


def write_out(path: Path, text: str) -> None:
    """Write a text where a person says: through a link, and into a pipe or a device as it stands."""
    if path.exists() and not path.is_file():
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise _unwritten(path, error) from error
    else:
        write_text(Path(os.path.realpath(path)), text)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; raise ``OSError`` or ``ValueError`` where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("brackets in brackets without end") from error


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table whole, numbers to six significant digits so that equal tables are equal bytes."""
    write_text(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside ``path`` that takes its place, sealed, when the block ends without error."""
    beside = _beside(path, "new")
    try:
        beside.mkdir(parents=True)
        yield beside
        seal(beside)
        old = _beside(path, "old")
        if os.path.lexists(path):
            path.rename(old)
        beside.rename(path)
        with suppress(OSError):  # what is in its place is whole
            remove(old)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Write in a folder, made if need be, while every other process that wants to waits.

    Where the system or the folder's place knows no such locks, nobody waits.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unwritten(folder, error) from error
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def seal(folder: Path) -> None:
    """Write down every file of a folder by size and hash; see ``attnbench.machine.manifest``."""
    write_text(folder / manifest.MANIFEST, manifest.text(manifest.of(folder)))


def unseal(folder: Path, *names: str) -> None:
    """Strike files that are about to be written anew off a folder's manifest, if there is one."""
    listed = manifest.read(folder)
    if listed is not None:
        kept = {name: one for name, one in listed.items() if name not in names}
        write_text(folder / manifest.MANIFEST, manifest.text(kept))


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, whichever it is; nothing where there is none.

    A folder gets a hidden name first, so that whoever is killed here leaves no half of it.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            hidden = _beside(path, "new")
            with suppress(OSError):
                path.rename(hidden)
            shutil.rmtree(hidden if hidden.exists() else path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:  # rmtree names what it could not remove by its last part alone
        raise OSError(error.errno, error.strerror, str(path)) from error


def recover(path: Path) -> None:
    """Bring back the folder that ``whole_folder`` had set aside when it was killed between two renames."""
    aside = sorted(path.parent.glob(f".attnbench.*.old.{escape(path.name)}"))
    if aside and not os.path.lexists(path):
        aside[-1].rename(path)


def sweep(root: Path) -> None:
    """Remove what processes that are no more have left half written under a folder.

    What they had set aside takes its place again where nothing else did.
    """
    _clear(sorted(root.rglob(_HIDDEN)))


def _clear(paths: Iterable[Path]) -> None:
    for path in paths:
        if (found := _BESIDE.fullmatch(path.name)) and not _owned(path, found["host"], int(found["pid"])):
            if found["kind"] == "old":
                recover(path.with_name(found["name"]))
            with suppress(OSError):
                remove(path)


def _owned(path: Path, host: str, pid: int) -> bool:
    """Return whether the process that made a file may be alive."""
    if host != _HOST:
        return time.time() - path.lstat().st_mtime < _FORGOTTEN
    import psutil

    return psutil.pid_exists(pid)


def _beside(path: Path, kind: str) -> Path:
    name = path.name if kind == "old" else uuid.uuid4().hex[:8]
    return path.with_name(f".attnbench.{_HOST}.{os.getpid()}.{kind}.{name}")


def _unwritten(path: Path, error: OSError) -> BadInput:
    return BadInput(f"cannot write {path}: {reason(error)}; mend that, or choose another folder")
