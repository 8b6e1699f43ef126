"""What leaves the command line: one line and an exit code, whatever goes wrong behind it."""

import errno
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from attnbench import cli, door, paper

Run = Callable[..., Any]
Refused = Callable[..., str]
Break = Callable[[BaseException], None]

LONG = "x" * 300


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Return a function after which `attnbench list` ends with an error."""

    def prepare(error: BaseException) -> None:
        def names() -> list[str]:
            raise error

        monkeypatch.setattr(paper, "names", names)

    return prepare


@pytest.mark.parametrize(
    "number",
    [errno.EACCES, errno.ELOOP, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EROFS, errno.ENOSPC,
     errno.EMFILE, errno.EIO, errno.EPIPE, errno.EAGAIN],
    ids=errno.errorcode.get,
)  # fmt: skip
def test_what_the_system_refuses_is_one_line(
    attnbench: Run, breaks: Break, refused: Refused, number: int
) -> None:
    breaks(OSError(number, os.strerror(number), "/some/place"))
    refused(attnbench("list"), f"attnbench: /some/place: {os.strerror(number)}")


def test_memory_that_runs_out_is_one_line(attnbench: Run, breaks: Break, refused: Refused) -> None:
    breaks(MemoryError("Unable to allocate 7 PiB"))
    refused(attnbench("list"), "memory ran out (Unable to allocate 7 PiB); ", "--jobs 1", code=1)


def test_what_nobody_foresaw_keeps_its_traceback(attnbench: Run, breaks: Break) -> None:
    for error in (KeyError("lost"), RecursionError("too deep")):
        breaks(error)
        said = attnbench("list")
        assert said.code == 1 and said.out == ""
        assert "Traceback (most recent call last)" in said.err and "in list_papers" in said.err
        last = said.err.splitlines()[-1]
        assert last.startswith(f"attnbench: {type(error).__name__}: ") and "please report it" in last


def test_a_ctrl_c_is_130_wherever_it_falls(monkeypatch: pytest.MonkeyPatch, refused: Refused) -> None:
    def stop() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["attnbench"])
    assert door.run(stop) == 130
    monkeypatch.setattr(sys, "exit", lambda code: None)
    for given, code in ((None, 0), (3, 3), ("words", 1)):
        assert door.run(lambda given=given: (_ for _ in ()).throw(SystemExit(given))) == code  # type: ignore


@pytest.mark.parametrize(
    "words",
    [["list", "--\udcff"], ["reproduce", "\udcff"], ["compare", "--out", "/tmp/\udcfe"],
     ["predict", "bahdanau2015", "--input", "a\udc80"]],
)  # fmt: skip
def test_words_that_are_not_utf8_are_one_line(attnbench: Run, refused: Refused, words: list[str]) -> None:
    refused(attnbench(*words), r"\udc", "not UTF-8; type it in UTF-8, or choose another name")


def test_names_that_would_command_the_terminal_do_not_reach_it(attnbench: Run, refused: Refused) -> None:
    name = "a\n\x1b[31mb"
    for words in (["compare", name], ["reproduce", name], [name], ["data", "show", name],
                  ["reproduce", "bahdanau2015", "--data", f"files:{name}"]):  # fmt: skip
        assert "\x1b" not in refused(attnbench(*words), r"a\n\x1b[31mb")


def test_a_terminal_gets_no_commands_and_a_pipe_gets_what_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    door.say("a\x1b[31m\nb\tc", end="")
    assert capsys.readouterr().out == "a\x1b[31m\nb\tc"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    door.say("a\x1b[31m\nb\tc", end="")
    assert capsys.readouterr().out == "a\\x1b[31m\nb\tc"


def test_progress_is_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    door.console().print("[red]a :smile: " + 90 * "long ")
    assert capsys.readouterr().err == "[red]a :smile: " + 90 * "long " + "\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reproduce", "bahdanau2015", "--scale", "smoke", "--out", LONG], f"--out {LONG}"),
        (["reproduce", "bahdanau2015", "--scale", "smoke", "--work", LONG], f"--work {LONG}: File name"),
        (["reproduce", "bahdanau2015", "--scale", "smoke", "--label", LONG], f"{LONG}: File name too long"),
        (["reproduce", "bahdanau2015", "--scale", "smoke", "--work", "a/" * 2000], "a: File name too long"),
        (["compare", "--plot", f"{LONG}.png"], f"--plot {LONG}.png: File name too long"),
        (["compare", LONG], f"{LONG}"),
        (["predict", "bahdanau2015", "--input", "-", "--output", LONG], f"--output {LONG}: File name"),
        (["predict", "bahdanau2015", "--input", LONG], f"--input {LONG}"),
        (["predict", LONG, "--input", os.devnull], f"{LONG}"),
        (["profile", "--out", f"{LONG}.csv"], f"--out {LONG}.csv: File name too long; choose a shorter name"),
        (["work", "list", "--work", f"a/{LONG}"], ""),
        (["compare", "--out", "loop"], "loop"),
        (["reproduce", "bahdanau2015", "--out", "loop"], "--out loop/bahdanau2015/embedded.small: Too many"),
        (["reproduce", "bahdanau2015", "--work", "loop"], "--work loop: Too many levels of symbolic links"),
        (["profile", "--out", "loop/a.csv"], "--out loop/a.csv: Too many levels of symbolic links"),
        (["predict", "bahdanau2015", "--input", "loop"], "--input loop"),
        (["predict", "bahdanau2015", "--input", "."], "--input ."),
        (["predict", "bahdanau2015", "--input", "-", "--output", "."], "cannot write .: "),
        (["compare", "--plot", "."], "--plot .: name a .png file"),
        (["compare", "--plot", "p.pdf"], "--plot p.pdf: name a .png file"),
        (["compare", "--plot", "file/p.png"], "cannot write file/p.png: "),
        (["profile", "--out", "."], "--out .: name a .csv file"),
        (["compare", "--out", ""], "an empty name of a file or folder"),
        (["work", "list", "--work", ""], "an empty name of a file or folder"),
        (["predict", "bahdanau2015", "--input", ""], "an empty name of a file or folder"),
        (["work", "list", "--work", "~no-such-user"], "~no-such-user: no such home folder"),
    ],
    ids=lambda value: " ".join(value).replace(LONG, "LONG") if isinstance(value, list) else "",
)  # fmt: skip
def test_odd_names_and_places_are_one_line(
    attnbench: Run, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str],
    said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    found = attnbench(*words)
    if not said:
        assert found.code == 0 and "| folder | state |" in found.out
    else:
        refused(found, said)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


def test_the_home_folder_is_expanded_wherever_a_place_is_named(
    attnbench: Run, smoke: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "work").symlink_to(smoke / "work")
    (tmp_path / "out").symlink_to(smoke / "out")
    (tmp_path / "in.txt").write_text("a man .\n")
    work, out = ["--work", "~/work"], ["--out", "~/out"]
    assert "finished" in attnbench("work", "list", *work).out
    assert (
        attnbench("predict", "bahdanau2015", "--input", "~/in.txt", "--output", "~/out.txt", *work).code == 0
    )
    assert (tmp_path / "out.txt").read_text().count("\n") == 1
    (run,) = (smoke / "work" / "runs" / "bahdanau2015").glob("*/rnnsearch-50.*")
    place = "~/" + str(Path("work") / run.relative_to(smoke / "work"))
    assert attnbench("predict", place, "--input", "~/in.txt", *work).out == (tmp_path / "out.txt").read_text()
    assert attnbench("compare", "bahdanau2015", *out, "--by", "length", "--plot", "~/p.png").code == 0
    assert (tmp_path / "p.png").exists()
    (folder,) = (smoke / "out" / "bahdanau2015").iterdir()
    assert "| rnnsearch-50 |" in attnbench("compare", f"~/out/bahdanau2015/{folder.name}").out
    assert list((tmp_path / "here").iterdir()) == []


@contextmanager
def largest(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_is_one_line(
    attnbench: Run, smoke: Path, tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "attnbench.profiling.sweep.isolation.call", lambda *what, **_: pytest.fail("measured")
    )
    plot = ["compare", "bahdanau2015", "--out", smoke / "out", "--plot", tmp_path / "p.png"]
    (tmp_path / "in.txt").write_text("a man .\n")
    predict = ["predict", "bahdanau2015", "--input", tmp_path / "in.txt", "--output", tmp_path / "out.txt"]
    with largest(4):
        refused(attnbench(*plot), f"cannot write {tmp_path / 'p.png'}: File too large")
        refused(
            attnbench(*predict, "--work", smoke / "work"), f"cannot write {tmp_path / 'out.txt'}: File too"
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


def commands() -> list[tuple[list[str], Any]]:
    """Return every command's words, and the command."""
    root: Any = typer.main.get_command(cli.app)
    found = [([], root)]
    for name, command in root.commands.items():
        found.append(([name], command))
        found += [([name, below], one) for below, one in getattr(command, "commands", {}).items()]
    return found


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=" ".join)
def test_help_says_all_that_is_declared(attnbench: Run, words: list[str]) -> None:
    """No bracket is taken for markup, and no sentence is cut."""
    (command,) = [command for name, command in commands() if name == words]
    said = attnbench(*words, "--help")
    assert said.code == 0 and said.err == ""
    shown = re.sub(r"\s+", "", said.out)  # lines end at hyphens too
    declared = [option.help for option in command.params] + [command.help]
    declared += [one.help.partition("\n")[0] for one in getattr(command, "commands", {}).values()]
    for text in declared:
        assert text and re.sub(r"\s+", "", text) in shown


def test_help_names_what_a_hub_s_data_needs(attnbench: Run) -> None:
    shown = attnbench("reproduce", "--help").out
    assert "hub:OWNER/NAME[:CONFIG][@REVISION]" in shown
    assert "PAPER[/SYSTEM[.SEED]]|RUN" in attnbench("predict", "--help").out
    assert "[PAPER|DIR]..." in attnbench("compare", "--help").out
