"""Two commands at work at the same time lose nothing of each other's."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from attnbench import cli, harness
from attnbench.harness import pool
from attnbench.harness.work import clean
from attnbench.machine.files import alone_in
from attnbench.settings import parse


def test_what_another_command_wrote_while_this_one_trained_stays(
    attnbench: Any, tiny: list[str], places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both begin on an empty folder; the second ends first."""
    usual, out = pool.execute_all, tmp_path / "out"

    def another_ends_first(*asked: Any) -> None:
        usual(*asked)
        monkeypatch.setattr(pool, "execute_all", usual)
        changes = parse([tiny[place + 1] for place, word in enumerate(tiny) if word == "--set"])
        other = harness.request(
            "bahdanau2015", scale="smoke", systems=["rnnencdec-50"], device="cpu", out=out,
            work=tmp_path / "work", changes=changes,
        )  # fmt: skip
        harness.reproduce(other, jobs=1, force=False, console=cli.door.console())

    monkeypatch.setattr(pool, "execute_all", another_ends_first)
    said = attnbench("reproduce", "bahdanau2015", "--systems", "rnnsearch-50", *tiny, *places)
    assert said.code == 0, said.err
    (folder,) = (out / "bahdanau2015").iterdir()
    both = ["rnnencdec-50", "rnnsearch-50"]
    assert sorted(json.loads((folder / "run.json").read_text())["configuration"]) == both
    lines = (folder / "speed.csv").read_text().splitlines()[1:]
    assert sorted({line.partition(",")[0] for line in lines}) == both


def test_who_writes_into_a_folder_that_another_writes_into_waits(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with alone_in(tmp_path / "results"):
            order.append("second")

    waiting = threading.Thread(target=second)
    with alone_in(tmp_path / "results"):
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_clean_leaves_what_a_living_process_is_writing(tmp_path: Path) -> None:
    """A corpus that is being prepared has a hidden folder of its process until it is whole."""
    from attnbench.machine.files import whole_folder

    with whole_folder(tmp_path / "corpora/abc") as beside:
        (beside / "half").write_text("written")
        clean(tmp_path, None, everything=True)
        assert (beside / "half").read_text() == "written"
    assert (tmp_path / "corpora/abc/half").exists()


def test_the_command_in_run_json_can_be_typed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m attnbench`` has the path of a file in the place of the command's name."""
    monkeypatch.setattr(
        "sys.argv", ["/site/attnbench/__main__.py", "reproduce", "bahdanau2015", "--label", "a b"]
    )
    assert harness._command() == "attnbench reproduce bahdanau2015 --label 'a b'"
