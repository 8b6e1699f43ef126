"""Child processes: what they import, what reaches them, and what their end means."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attnbench.errors import BadInput
from attnbench.machine import children


def tell(sender: multiprocessing.connection.Connection) -> None:
    import random
    import types

    children.follow_parent()
    sender.send((types.__file__, random.__file__, signal.pthread_sigmask(signal.SIG_BLOCK, ()), sys.path))
    time.sleep(60)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_child_imports_nothing_from_the_current_folder_and_hears_no_ctrl_c(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("types", "signal", "random", "torch", "runpy", "struct"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the current folder')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    context = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=tell, args=(sender,), daemon=True)  # type: ignore[attr-defined]
    children.start(child)
    assert "PYTHONSAFEPATH" not in os.environ
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    types, random, blocked, path = receiver.recv()
    assert tmp_path not in {Path(types).parent, Path(random).parent}
    assert signal.SIGINT in blocked and "" not in path and str(tmp_path) not in path
    children.end(child)
    assert child.exitcode == -signal.SIGTERM


def test_a_ctrl_c_waits_until_the_child_is_whole() -> None:
    class Slow:
        started = False

        def start(self) -> None:
            threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            time.sleep(0.2)
            self.started = True

    slow = Slow()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start all this without
    try:
        with pytest.raises(KeyboardInterrupt):
            children.start(slow)  # type: ignore[arg-type]
        assert slow.started
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("AF_UNIX path too long"), "AF_UNIX path too long; set TMPDIR to a folder with a short name"),
        (BlockingIOError(11, "Resource temporarily unavailable"),
         "Resource temporarily unavailable; `ulimit -u` bounds how many processes there may be"),
    ],
)  # fmt: skip
def test_a_child_that_the_system_does_not_start_is_one_line(error: OSError, said: str) -> None:
    class Refused:
        def start(self) -> None:
            raise error

    with pytest.raises(BadInput) as refused:
        children.start(Refused())  # type: ignore[arg-type]
    assert str(refused.value) == f"cannot start a process: {said}"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-9, "killed by the system, as it does when memory runs out; fewer runs at a time (--jobs 1)"),
        (-11, "its process was ended by SIGSEGV"),
        (3, "its process ended with exit code 3"),
    ],
)
def test_what_an_exit_code_means(code: int, said: str) -> None:
    assert said in str(children.died(code))


def test_a_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GOODBYE", 0.05)
    called: list[str] = []

    class Deaf:
        terminate: Callable[[], None] = staticmethod(lambda: called.append("terminate"))
        kill: Callable[[], None] = staticmethod(lambda: called.append("kill"))
        join: Callable[..., None] = staticmethod(lambda timeout=None: called.append(f"join {timeout}"))

    children.end(Deaf())  # type: ignore[arg-type]
    assert called == ["terminate", "join 0.05", "kill", "join None"]
