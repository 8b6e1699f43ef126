"""What ABS+ tunes: kept with its weights, told in its records, and not tuned again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attnbench import harness, records
from attnbench.harness import configure
from attnbench.harness import run as executing
from attnbench.tasks.engine import silent
from attnbench.tasks.summarization import tuning

QUICK = {
    "data.limit": "40", "data.test_per_bin": "1", "data.valid_limit": "4", "training.updates": "2",
    "training.evaluations": "1",
}  # fmt: skip


def ran(folder: Path, system: str = "abs-plus") -> tuple[Any, Any]:
    """Run a system, on the corpus of all; return what its records say was tuned, and the records."""
    asked = harness.request(
        "rush2015", scale="smoke", systems=[system], device="cpu", out=folder, work=folder, changes=QUICK
    )
    (run,) = configure.runs(asked, silent)
    executing.execute(run, lambda *_: None)
    frame, said = records.read_file(run.decoded / configure.RECORDS)
    return said.get("tuned"), frame


def test_a_resumed_run_has_the_weights_that_were_tuned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed behind the tuning, which is then not done again; or in it, which is then begun anew."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    tuned, frame = ran(tmp_path / "straight")
    assert list(tuned) == ["extraction"] and tuned["extraction"] != list(tuning.NONE)
    for name, place in (("behind", (executing, "_test")), ("within", (tuning, "climbed"))):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(*place, killed)
            ran(tmp_path / name)
        with monkeypatch.context() as patch:
            if name == "behind":
                patch.setattr(tuning, "tune", lambda _: pytest.fail("tuned again"))
            again, rows = ran(tmp_path / name)
        assert again == tuned and rows.equals(frame)
    assert ran(tmp_path / "straight", "bow")[0] is None
