"""A server that has imported all that a command needs, and forks a child for each command that it is sent.

One JSON object a line comes in on standard input, one goes out on standard output; see ``serve``. A child
counts the places in its work where a file or folder is about to change, and kills itself at the one asked for.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import pkgutil
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
    """Counts the places where something under a folder is about to change; dies at the one that is fatal."""

    def __init__(self, folder: str, fatal: int) -> None:
        self.folder, self.fatal = folder, fatal
        self.places: list[str] = []
        self.busy = False

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
            self.passed("empty", whole, die=lambda: Path(whole).write_bytes(b""))

    def passed(self, what: str, *paths: str, die: Callable[[], object] = lambda: None) -> None:
        """Note a place; if it is the fatal one, do what it leaves behind, and die."""
        inside = [path[len(self.folder) + 1 :] for path in paths if path.startswith(self.folder + os.sep)]
        if not inside:
            return
        self.places.append(f"{what} {' '.join(inside)}")
        if len(self.places) == self.fatal:
            self.busy = True
            die()
            os.kill(os.getpid(), signal.SIGKILL)


def _absolute(path: Any, folder: Any) -> str:
    if isinstance(path, int):
        return os.readlink(f"/proc/self/fd/{path}")
    if isinstance(folder, int) and folder >= 0:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
    return os.path.abspath(os.fsdecode(path))


WATCHES: list[Watch] = []
"""In a child: its own."""


def passed(what: str, path: Any, die: Callable[[], object] = lambda: None) -> None:
    for watch in WATCHES:
        if isinstance(path, (str, os.PathLike)):
            watch.passed(what, os.path.abspath(path), die=die)


def halve(path: Any) -> None:
    os.truncate(path, os.path.getsize(path) // 2)


def _native(module: str, name: str) -> None:
    """Let a function that writes a file past Python's own ``open`` tell when it starts, and when it has half."""
    home = importlib.import_module(module)
    function = getattr(home, name)

    @functools.wraps(function)
    def told(content: Any, path: Any, *more: Any, **named: Any) -> Any:
        passed("native", path)
        result = function(content, path, *more, **named)
        passed("half", path, lambda: halve(path))
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
            passed("half", self.written, lambda: halve(self.written))
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


def attempt(main: Callable[[], None], job: dict[str, Any], report: int) -> None:
    """Run a command in this child; write what it passed to ``report``."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["attnbench", *job["words"]]
    tempfile.tempdir = os.path.dirname(job["out"])
    WATCHES.append(Watch(job["folder"], job["fatal"]))
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
    """Answer ``{words, folder, fatal, out, err}`` with ``{code, places}``; fatal 0: nothing is."""
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
