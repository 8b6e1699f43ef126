"""A server that has imported all that a command needs, and forks a child for each command that it is sent.

One JSON object a line comes in on standard input, one goes out on standard output; see ``serve``. A child
counts the places in its work where a file or folder is about to change. It kills itself at the one asked for,
or keeps a copy of the folder as a kill at each place would leave it.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import importlib
import json
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

EVENTS = {
    "os.rename": ((0, 2), (1, 3)), "os.link": ((0, 2), (1, 3)), "os.symlink": ((1, 2),), "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),), "os.rmdir": ((0, 1),), "os.truncate": ((0, None),), "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),), "os.utime": ((0, 3),),
}  # fmt: skip
"""Where the arguments of an audit event hold a path, and the folder that it is relative to."""

HANGS = 120.0
"""Seconds after which a child is given up."""


class Watch:
    """Counts the places where something under a folder is about to change."""

    def __init__(self, folder: str, fatal: int, keep: str) -> None:
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
                self._opened(os.fsdecode(path), flags)
        elif event in EVENTS:
            names = [_absolute(arguments[name], folder and arguments[folder]) for name, folder in EVENTS[event]]
            self.passed(event, *names)

    def _opened(self, path: str, flags: int) -> None:
        """Before a file is opened for writing, and after: while it is still empty."""
        whole = os.path.abspath(path)
        self.passed("open", whole)
        if flags & os.O_TRUNC or flags & os.O_CREAT and not os.path.exists(whole):
            self.passed("empty", whole, leave=_empty)

    def passed(self, what: str, *paths: str, leave: Callable[[str], object] | None = None) -> None:
        """Note a place; ``leave`` makes of the first path what a kill at this place leaves of it."""
        inside = [path[len(self.folder) + 1 :] for path in paths if path.startswith(self.folder + os.sep)]
        if not inside:
            return
        self.busy = True
        copy = self._copied(inside[0], leave) if self.keep else 0
        self.places.append((f"{what} {' '.join(inside)}", copy))
        if len(self.places) == self.fatal:
            if leave:
                leave(paths[0])
            os.kill(os.getpid(), signal.SIGKILL)
        self.busy = False

    def _copied(self, name: str, leave: Callable[[str], object] | None) -> int:
        """Return the number of a copy of the folder; no new one where nothing has changed since the last."""
        number = self.places[-1][1] if self.places else 0
        state = [name, leave] if leave else _state(self.folder)
        if state == self.last:
            return number
        self.last = state
        copy = os.path.join(self.keep, str(number + 1))
        shutil.copytree(self.folder, copy, symlinks=True)
        if leave:
            leave(os.path.join(copy, name))
        return number + 1


def _state(folder: str) -> list[object]:
    """Return what changes when a file or folder below a folder does."""
    found = [(above, entry.stat(follow_symlinks=False)) for above, entry in _entries(folder)]
    return [(path, stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in found]


def _entries(folder: str) -> list[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as inside:
        found = [(entry.path, entry) for entry in inside]
    return found + [one for path, entry in found if entry.is_dir(follow_symlinks=False) for one in _entries(path)]


def _empty(path: str) -> None:
    Path(path).write_bytes(b"")


def _halve(path: str) -> None:
    os.truncate(path, os.path.getsize(path) // 2)


def _absolute(path: Any, folder: Any) -> str:
    if isinstance(path, int):
        return os.readlink(f"/proc/self/fd/{path}")
    if isinstance(folder, int) and folder >= 0:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
    return os.path.abspath(os.fsdecode(path))


WATCHES: list[Watch] = []
"""In a child: its own."""


def passed(what: str, path: Any, leave: Callable[[str], object] | None = None) -> None:
    for watch in WATCHES:
        if isinstance(path, (str, os.PathLike)) and not watch.busy:
            watch.passed(what, os.path.abspath(path), leave=leave)


def _native(module: str, name: str) -> None:
    """Let a function that writes a file past Python's own ``open`` tell when it starts, and when it has half."""
    home = importlib.import_module(module)
    function = getattr(home, name)

    @functools.wraps(function)
    def told(content: Any, path: Any, *more: Any, **named: Any) -> Any:
        passed("native", path)
        result = function(content, path, *more, **named)
        passed("half", path, _halve)
        return result

    setattr(home, name, told)


def _stream() -> None:
    """Let a file that pyarrow writes tell when it is opened, and when it has half."""
    import pyarrow as pa

    class Told(pa.OSFile):  # type: ignore[misc]
        def __init__(self, path: Any, mode: str = "r", *more: Any) -> None:
            self.written = path if "r" not in mode else None
            passed("native", self.written)

        def __exit__(self, *error: Any) -> Any:
            done = super().__exit__(*error)
            passed("half", self.written, _halve)
            return done

    pa.OSFile = Told


def prepare() -> Callable[[], None]:
    """Import what a command needs; return the command line with trainings in this process."""
    _native("safetensors.torch", "save_file")
    _native("pyarrow.parquet", "write_table")
    _stream()
    import torch

    torch.set_num_threads(1)
    import attnbench
    from attnbench import cli

    for one in pkgutil.walk_packages(attnbench.__path__, "attnbench."):
        importlib.import_module(one.name)
    from attnbench.harness import pool
    from attnbench.harness.run import execute
    from attnbench.profiling import isolation, sweep

    def execute_all(runs: Sequence[Any], jobs: int, console: Any) -> None:
        for run in runs:
            execute(run, lambda *said: None)

    pool.execute_all = execute_all
    isolation.call = lambda function, *arguments, limit=None: function(*arguments)
    sweep.SECONDS = 0.0
    return cli.main


def _heed_permissions() -> None:
    """Let root's permissions be those of the owner of its files: give up what reads and writes past them."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # the third version of capabilities; this process
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    sets[0] &= ~0b110  # of the effective ones CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
    assert libc.capset(header, sets) == 0


def attempt(main: Callable[[], None], job: dict[str, Any], report: int) -> None:
    """Run a command in this child; write what it passed to ``report``."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["attnbench", *job["words"]]
    if job["unprivileged"] and os.geteuid() == 0:
        _heed_permissions()
    tempfile.tempdir = os.path.dirname(job["out"])
    WATCHES.append(Watch(job["folder"], job["fatal"], job["keep"]))
    sys.addaudithook(WATCHES[0])
    code = 70
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    with open(report, "w") as file:
        json.dump({"places": WATCHES[0].places, "modules": sorted(sys.modules)}, file)
    os._exit(code)


def _wait(child: int, report: int) -> tuple[int, dict[str, Any]]:
    """Return a child's exit code, negative for a signal, and its report."""
    os.set_blocking(report, False)
    text, until = b"", time.monotonic() + HANGS
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        try:
            while more := os.read(report, 1 << 16):
                text += more
        except BlockingIOError:
            pass
        if ended:
            break
        if time.monotonic() > until:
            os.kill(child, signal.SIGTERM)
        time.sleep(0.002)
    os.close(report)
    return os.waitstatus_to_exitcode(status), json.loads(text or b"{}")


def serve() -> None:
    """Answer ``{words, folder, fatal, keep, unprivileged, out, err}`` with ``{code, places}``."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    main = prepare()
    for line in sys.stdin:
        job = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            attempt(main, job, write)
        os.close(write)
        code, report = _wait(child, read)
        for name in report.pop("modules", ()):  # the next child finds them imported
            if name not in sys.modules and name.partition(".")[0] != "__main__":
                try:
                    importlib.import_module(name)
                except ImportError:
                    continue
        answers.write(json.dumps({"code": code, "places": report.get("places", [])}) + "\n")


if __name__ == "__main__":
    serve()
