"""Where a process is about to change something under a folder, and what a kill there leaves."""

from __future__ import annotations

import functools
import importlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

EVENTS = {
    "os.rename": ((0, 2), (1, 3)), "os.link": ((0, 2), (1, 3)), "os.symlink": ((1, 2),),
    "os.mkdir": ((0, 2),), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),), "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),), "os.chown": ((0, 3),), "os.utime": ((0, 3),),
}  # fmt: skip
"""Where the arguments of an audit event hold a path, and the folder that it is relative to."""

Leave = Callable[[Path], object]
"""Makes of a file what a kill in the midst of its writing leaves."""


class Watch:
    """Counts the places where something under a folder is about to change."""

    def __init__(self, folder: Path, fatal: int, keep: Path | None) -> None:
        """Die at the place ``fatal``; with ``keep``, copy what stands at each place into it."""
        self.folder, self.fatal, self.keep = folder, fatal, keep
        self.places: list[tuple[str, int]] = []
        """What is about to change at each, and the number of the copy."""
        self.busy = False
        self.last: list[object] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event."""
        if self.busy:
            return
        if event == "open":
            path, _, flags = arguments
            if flags & WRITES and not isinstance(path, int):
                self._opened(_absolute(path, None), flags)
        elif event in EVENTS:
            held = EVENTS[event]
            self.passed(
                event,
                *(_absolute(arguments[name], folder and arguments[folder]) for name, folder in held),
            )

    def _opened(self, path: Path, flags: int) -> None:
        """Before a file is opened for writing, and after: while it is still empty."""
        self.passed("open", path)
        if flags & os.O_TRUNC or (flags & os.O_CREAT and not path.exists()):
            self.passed("empty", path, leave=_empty)

    def passed(self, what: str, *paths: Path, leave: Leave | None = None) -> None:
        """Note a place; ``leave`` makes of the first path what a kill at this place leaves of it."""
        inside = [str(path.relative_to(self.folder)) for path in paths if path.is_relative_to(self.folder)]
        if self.busy or not inside:
            return
        self.busy = True
        copy = self._copied(self.keep, inside[0], leave) if self.keep else 0
        self.places.append((f"{what} {' '.join(inside)}", copy))
        if len(self.places) == self.fatal:
            if leave:
                leave(paths[0])
            os.kill(os.getpid(), signal.SIGKILL)
        self.busy = False

    def _copied(self, keep: Path, name: str, leave: Leave | None) -> int:
        """Return the number of a copy of the folder; no new one where nothing has changed since the last."""
        number = self.places[-1][1] if self.places else 0
        state = [name, leave] if leave else _state(self.folder)
        if state == self.last:
            return number
        self.last = state
        copy = keep / str(number + 1)
        shutil.copytree(self.folder, copy, symlinks=True)
        if leave:
            leave(copy / name)
        return number + 1


def _absolute(path: Any, folder: Any) -> Path:
    """Return the path of an event; ``folder``: the number of the open one that it is relative to."""
    if isinstance(path, int):
        return Path(f"/proc/self/fd/{path}").readlink()
    if isinstance(folder, int) and folder >= 0:
        return Path(f"/proc/self/fd/{folder}").readlink() / os.fsdecode(path)
    return Path(os.fsdecode(path)).absolute()


def _state(folder: Path) -> list[object]:
    """Return what changes when a file or folder below a folder does."""
    found: list[object] = []
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        found.append((path, stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return found


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


WATCHES: list[Watch] = []
"""The process' own, once it has one."""


def _passed(what: str, path: Any, leave: Leave | None = None) -> None:
    for watch in WATCHES:
        if isinstance(path, (str, os.PathLike)):
            watch.passed(what, Path(path).absolute(), leave=leave)


def native() -> None:
    """Let functions that write past Python's own ``open`` tell when they start, and when half is there."""
    import pyarrow as pa

    class Told(pa.OSFile):
        def __init__(self, path: Any, mode: str = "r", *more: Any) -> None:
            self.written = path if "r" not in mode else None
            _passed("native", self.written)

        def __exit__(self, *error: Any) -> Any:
            done = super().__exit__(*error)
            _passed("half", self.written, _halve)
            return done

    pa.OSFile = Told
    _tell("safetensors.torch", "save_file")
    _tell("pyarrow.parquet", "write_table")


def _tell(module: str, name: str) -> None:
    home = importlib.import_module(module)
    function = getattr(home, name)

    @functools.wraps(function)
    def told(content: Any, path: Any, *more: Any, **named: Any) -> Any:
        _passed("native", path)
        result = function(content, path, *more, **named)
        _passed("half", path, _halve)
        return result

    setattr(home, name, told)
