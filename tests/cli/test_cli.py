"""The commands as a person types them: what they print and what they write."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attnbench import paper

Run = Callable[..., Any]
Refused = Callable[..., str]


TEXT = {
    f"{name}.{language}": "a b c\nd e\n" for name in ("train", "valid", "test") for language in ("en", "fr")
}


def test_files_train_and_test(
    attnbench: Run, places: list[str], tmp_path: Path, tiny_files: list[str]
) -> None:
    (tmp_path / "text").mkdir()
    for name, text in TEXT.items():
        (tmp_path / "text" / name).write_text(text)
    words = ["bahdanau2015", "--data", f"files:{tmp_path / 'text'}", "--systems", "rnnencdec-50"]
    said = attnbench("reproduce", *words, *tiny_files, *places)
    assert said.code == 0
    (folder,) = (tmp_path / "out" / "bahdanau2015").iterdir()
    assert folder.name.startswith("files-text.smoke.")
    assert not (folder / "predictions").exists(), "only embedded text may be copied into results"
    assert json.loads((folder / "run.json").read_text())["data"]["data"] == "files:text"


def test_a_reader_that_leaves_early_sees_no_trace() -> None:
    command = Path(sys.executable).with_name("attnbench")
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run(
        [command, "list", "--json"], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(write)
    assert run.returncode == 141, "as the shell counts a closed pipe"
    assert run.stderr == ""


STARTS_LIGHT = """
import sys
from attnbench.cli import main
sys.argv = ["attnbench", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
heavy = {"torch", "accelerate", "pandas", "datasets", "pyarrow", "sacrebleu", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""


@pytest.mark.parametrize(
    ("words", "shown"),
    [(["--help"], "reproduce"), (["list"], "rnnsearch-50"), (["reproduce", "--help"], "--plan"),
     (["list", "--json"], '"systems"')],
)  # fmt: skip
def test_help_and_list_import_nothing_heavy(words: list[str], shown: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", STARTS_LIGHT, *words], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert shown in run.stdout


def test_reproduce_prints_tables_and_where_the_report_is(
    attnbench: Run, smoke: Path, tiny: list[str]
) -> None:
    words = ["reproduce", "bahdanau2015", "--systems", "rnnsearch-50,rnnencdec-50", *tiny]
    said = attnbench(*words, "--out", smoke / "out", "--work", smoke / "work")
    assert said.code == 0
    assert "one seed: another training may come out otherwise" in said.err
    for word in ("| rnnsearch-50 |", "| rnnencdec-50 |", "| attention-beats-fixed-vector |", "not run"):
        assert word in said.out
    report = Path(said.out.splitlines()[-1].split(": ")[-1])
    assert report.read_text(encoding="utf-8").startswith("# Neural Machine Translation")


def test_list_names_everything(attnbench: Run) -> None:
    text = attnbench("list").out
    (said,) = [one for one in json.loads(attnbench("list", "--json").out) if one["name"] == "bahdanau2015"]
    assert [system["name"] for system in said["systems"]] == [
        s.name for s in paper.load("bahdanau2015").systems
    ]
    assert [scale["name"] for scale in said["scales"]] == ["smoke", "small", "medium", "paper"]
    assert (len(said["claims"]), len(said["measurements"])) == (14, 3)
    for item in (*said["systems"], *said["scales"], *said["claims"], *said["measurements"]):
        assert re.search(rf"^ +{item['name']} ", text, re.MULTILINE)
    for word in (*said["data"], *said["decodings"]):
        assert word in text


def test_compare_in_every_format(attnbench: Run, smoke: Path, tmp_path: Path) -> None:
    words = ["compare", "bahdanau2015", "--out", smoke / "out"]
    table = attnbench(*words).out
    assert re.search(r"\| rnnsearch-50 \| \d+\.\d+ (\[.*\] )?\(7\) \|", table)
    rows = json.loads(attnbench(*words, "--format", "json").out)
    assert {row["metric"] for row in rows} == {"bleu"}
    csv = attnbench(*words, "--format", "csv").out.splitlines()
    assert len(csv) == 1 + len(rows) == 1 + 4  # one seed and all, for two systems
    assert csv[0].startswith("paper,data,scale,system,seed,")
    latex = attnbench(*words, "--format", "latex").out
    assert latex.startswith("\\begin{tabular}") and latex.count("\\\\") == 5
    by = attnbench(*words, "--by", "length", "--bins", "1,21,71", "--plot", tmp_path / "curves.png").out
    assert "| system | 1–20 | 21–70 |" in by and "(2)" in by and "(5)" in by
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    (folder,) = (smoke / "out" / "bahdanau2015").iterdir()
    assert attnbench("compare", folder).out == table, "a folder will do in place of a paper"
    assert "perplexity" in attnbench(*words, "--metric", "perplexity", "--decoding", "forced").out


def test_several_folders_are_one_table(attnbench: Run, smoke: Path, tmp_path: Path) -> None:
    (folder,) = (smoke / "out" / "bahdanau2015").iterdir()
    shutil.copytree(folder, tmp_path / "bahdanau2015" / "one")
    shutil.copytree(folder, tmp_path / "bahdanau2015" / "two")
    words = ["compare", "bahdanau2015", "--out", tmp_path, "--format"]
    assert len(json.loads(attnbench(*words, "json").out)) == 8
    lines = attnbench(*words, "csv").out.splitlines()
    assert len(lines) == 1 + 8 and sum(line.startswith("paper,data,") for line in lines) == 1


def test_claims_and_their_exit_codes(attnbench: Run, smoke: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["claims", "bahdanau2015", "--out", smoke / "out"]
    said = attnbench(*words, "--json", "--strict")
    verdicts = json.loads(said.out)
    assert said.code == 0
    assert [row["claim"] for row in verdicts] == [c.name for c in paper.load("bahdanau2015").claims]
    assert {row["verdict"] for row in verdicts} == {"not run"}, "seven examples settle nothing"
    assert all(row["effect"] is None and row["reason"] for row in verdicts)
    assert "| attention-beats-fixed-vector |" in attnbench(*words).out

    assert "\n14 claims: 14 not run\n" in attnbench(*words).out

    once = pd.DataFrame(verdicts).assign(verdict=["held once"] * 3 + ["failed once"] * 11)
    monkeypatch.setattr("attnbench.comparison.verdicts", lambda folders: once)
    said = attnbench(*words, "--strict")
    assert said.code == 0, "one training contradicts nothing"
    assert "\n14 claims: 3 held once, 11 failed once\n" in said.out

    contradicted = pd.DataFrame(verdicts).assign(verdict="contradicted")
    monkeypatch.setattr("attnbench.comparison.verdicts", lambda folders: contradicted)
    assert attnbench(*words).code == 0
    strict = attnbench(*words, "--strict")
    assert strict.code == 1
    assert strict.err == "" and "contradicted" in strict.out


def test_plan_trains_nothing_and_counts_weights(
    attnbench: Run, places: list[str], tmp_path: Path, tiny: list[str]
) -> None:
    said = attnbench("reproduce", "bahdanau2015", "--plan", *tiny, *places)
    assert said.code == 0
    rows = [line.strip("| ").split(" | ") for line in said.out.splitlines()]
    cells = {row[0]: dict(zip(rows[0], row, strict=False)) for row in rows[2:]}
    main = [system.name for system in paper.load("bahdanau2015").systems if not system.extra]
    assert [name for name in cells if name != "all"] == main
    assert {name: int(cells[name]["paper's weights"]) for name in main} == {
        "rnnencdec-30": 68_540_000, "rnnsearch-30": 80_401_000,
        "rnnencdec-50": 68_540_000, "rnnsearch-50": 80_401_000,
    }  # fmt: skip
    # Every size is 16. Attention adds a backward encoder (a GRU: three times 16 x 16 + 16 x 16), and its
    # context is twice as wide, which adds to the decoder's three matrices and to the read-out; then its own.
    added = 3 * (16 * 16 + 16 * 16) + 3 * 16 * 16 + 16 * 32 + 16 * 16 + 16 * 32 + 16
    assert int(cells["rnnsearch-50"]["weights"]) - int(cells["rnnencdec-50"]["weights"]) == added
    assert not list(tmp_path.rglob("checkpoint")) and not (tmp_path / "out").exists()


def test_predict_from_a_file_and_from_standard_input(
    attnbench: Run, smoke: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = ["--work", smoke / "work"]
    (tmp_path / "in.txt").write_text("the man sees a dog .\n\nzzz\n")
    said = attnbench("predict", "bahdanau2015/rnnsearch-50", "--input", tmp_path / "in.txt", *work)
    assert said.code == 0
    assert (
        said.err.startswith("attnbench: from ")
        and "/rnnsearch-50.0." in said.err
        and said.err.count("\n") == 1
    )
    assert said.out.count("\n") == 3, "a line of output for a line of input, blank ones too"
    output = ["--output", tmp_path / "out.txt"]
    assert attnbench("predict", "bahdanau2015", "--input", tmp_path / "in.txt", *output, *work).out == ""
    assert (tmp_path / "out.txt").read_text() == said.out, "the paper's last main system is the default"


def test_work_is_listed_and_cleaned(attnbench: Run, smoke: Path, tmp_path: Path, refused: Refused) -> None:
    shutil.copytree(smoke / "work", tmp_path / "work")
    work = ["--work", tmp_path / "work"]
    runs = sorted((tmp_path / "work" / "runs" / "bahdanau2015").glob("*/*"))
    assert len(runs) == 2
    for decoded in runs[0].glob("decoded.*"):
        shutil.rmtree(decoded)
    rows = [line.split(" | ") for line in attnbench("work", "list", *work).out.splitlines()[2:]]
    assert sorted(row[1] for row in rows) == ["corpus", "finished", "unfinished"]
    refused(attnbench("work", "clean", "bahdanau", *work), "did you mean 'bahdanau2015'?")
    assert re.fullmatch(r"freed \d+\.\d MiB\n", attnbench("work", "clean", "bahdanau2015", *work).out)
    assert sorted((tmp_path / "work" / "runs" / "bahdanau2015").glob("*/*")) == runs[1:]
    stray = tmp_path / "work" / "corpora" / "notes"
    stray.touch()
    attnbench("work", "clean", "--all", *work)
    assert [path for path in (tmp_path / "work").rglob("*") if path.is_file()] == [stray]
    assert attnbench("work", "list", "--work", tmp_path / "none").code == 0


def test_data_is_listed_shown_and_checked(attnbench: Run, refused: Refused) -> None:
    listed = attnbench("data", "list").out
    for word in ("embedded", "hub:wmt/wmt14:fr-en", "files:DIR", "licence"):
        assert word in listed
    assert "NAME.LANG" in attnbench("data", "show", "translation").out
    refused(attnbench("data", "show", "translations"), "unknown task", "did you mean 'translation'?")
    words = ["--set", "data.limit=30", "--set", "data.test_per_bin=2"]
    rows = attnbench("data", "check", "bahdanau2015", *words).out.splitlines()[2:]
    counts = {tuple(row.strip("| ").split(" | ")[:3]) for row in rows}
    assert {("train", "source-length", "30"), ("test", "target-length", "14")} <= counts
    refused(
        attnbench("data", "check", "bahdanau2015", "--set", "data.limits=3"), "did you mean 'data.limit'?"
    )
    refused(attnbench("data", "check", "bahdanau2015", "--set", "data.limit=x"), "is not a whole number")
    for key in ("training.updates", "rnnsearch-50:data.limit"):
        words = ["data", "check", "bahdanau2015", "--set", f"{key}=5"]
        refused(attnbench(*words), f"{key} changes nothing here: a corpus is read with data.* alone")
