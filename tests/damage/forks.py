"""A server that has imported all that a command needs, and forks a child for each command that it is sent.

One JSON object a line comes in on standard input, one goes out on standard output; see ``serve``. A child
counts the places in its work where a file or folder is about to change. It kills itself at the one asked for,
or keeps a copy of the folder as a kill at each place would leave it.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
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

import watch

HANGS = 120.0
"""Seconds after which a child is given up."""


def prepare() -> Callable[[], None]:
    """Import what a command needs; return the command line with trainings in this process."""
    watch.native()  # before it is imported by name
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
    tempfile.tempdir = str(Path(job["out"]).parent)
    own = watch.Watch(Path(job["folder"]), job["fatal"], Path(job["keep"]) if job["keep"] else None)
    watch.WATCHES.append(own)
    sys.addaudithook(own)
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
        json.dump({"places": own.places, "modules": sorted(sys.modules)}, file)
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
    main, asker = prepare(), os.getppid()
    for line in sys.stdin:
        job = json.loads(line)
        read, write = os.pipe()
        gc.freeze()  # children share what is imported, if no collection touches it
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
        if os.getppid() != asker:
            return
        answers.write(json.dumps({"code": code, "places": report.get("places", [])}) + "\n")


if __name__ == "__main__":
    serve()
    os._exit(0)  # nothing is left to be torn down
