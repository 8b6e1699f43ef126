"""The commands with labelled sentence pairs from plain files: what they print, and what they refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = "gold_label\tsentence1\tsentence2\n"
LABELS = ("entailment", "neutral", "contradiction")
QUICK = ("training.updates=4", "training.evaluations=1", "data.dimension=4")
TINY = ("--scale", "smoke", "--device", "cpu", *(word for text in QUICK for word in ("--set", text)))
PAPER = "rocktaschel2016"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [f"{LABELS[n % 3]}\tA man sees {n} dogs .\tA man {'sees ' * (n % 12 + 1)}.\n" for n in range(12)]
    rows += ["-\tA dog .\tA cat .\n", "neutral\tA dog .\t\n"]
    (tmp_path / "text").mkdir()
    for name in ("train", "valid", "test"):
        (tmp_path / "text" / f"{name}.tsv").write_text(HEAD + "".join(rows))
    return tmp_path / "text"


def test_pairs_of_files_are_reproduced_compared_and_predicted(
    attnbench: Callable, folder: Path, tmp_path: Path, places: list[str], refused: Callable
) -> None:
    systems = "attention,word-by-word,hypothesis-only"
    said = attnbench("reproduce", PAPER, "--data", f"files:{folder}", "--systems", systems, *TINY, *places)
    assert said.code == 0, said.err
    (report,) = (tmp_path / "out" / PAPER).glob("*/report.md")
    page = report.read_text(encoding="utf-8")
    for line in (
        "- corpus: train: 1 pairs without a label left out",
        "- corpus: train: 1 pairs with a blank side left out",
        "- corpus: test: 1 pairs with a blank side kept, which is read as the unknown word",
        "- corpus: word vectors: 0 given and frozen (no file was given), ",
        "| system | other | seeds | difference [95 %] | right alone | McNemar's p |",
        "by premise length in words",
    ):
        assert line in page
    words = ["compare", PAPER, "--out", tmp_path / "out", "--test", "test"]
    assert "| attention |" in attnbench(*words).out and "(13) |" in attnbench(*words).out
    by = attnbench(*words, "--by", "hypothesis-length", "--bins", "1,6,20", "--format", "csv").out
    assert {line.split(",")[-3] for line in by.splitlines()[1:]} == {"hypothesis length in words"}
    known = "unknown length 'target'; entailment has length, premise-length, hypothesis-length"
    refused(attnbench(*words, "--by", "target"), known)
    fractions = attnbench(*words, "--by", "length", "--bins", "0.5,4.5,20")
    assert "| system | 0.5–4.5 | 4.5–20 |" in fractions.out
    (tmp_path / "new.txt").write_text("A man sees dogs .\tA man sees .\nonly one side\n")
    predict = ["predict", f"{PAPER}/attention", "--input", tmp_path / "new.txt", *places[2:]]
    refused(attnbench(*predict), "--input line 2: 'only one side' is not PREMISE<TAB>HYPOTHESIS")
    (tmp_path / "new.txt").write_text("A man sees dogs .\tA man sees .\n")
    assert attnbench(*predict).out.strip() in LABELS


def test_the_corpus_is_counted_and_its_format_shown(attnbench: Callable, folder: Path) -> None:
    said = attnbench("data", "check", PAPER, "--data", f"files:{folder}").out
    assert "| train | premise-length | 12 | 0 | False | 4 | 4 | 4 |" in said
    assert "| test | hypothesis-length | 13 | 1 | False | 4 | 5 | 4 |" in said
    assert said.endswith("test: 1 pairs without a label left out\n")
    shown = attnbench("data", "show", "entailment").out
    assert "gold_label" in shown and "made from the seed" in " ".join(shown.split())
    assert "snli (entailment)\n  get      --data hub:stanfordnlp/snli\n" in attnbench("data", "list").out


@pytest.mark.parametrize(
    ("text", "changes", "says"),
    [
        ("x\tsentence1\tsentence2\nneutral\ta\tb\n", (), "line 1 has no column gold_label, only x,"),
        (HEAD + "maybe\ta\tb\n", (), "train.tsv line 2: label 'maybe'; it must be entailment, neutral"),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vectors=HERE/cut"), "line 2: a vector has 3 numbers but"),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vectors=HERE/csv"), "looks like comma-separated values"),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vectors=HERE/empty"), "empty holds no vector; a line is"),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vectors=HERE/other"), "has none of the corpus' "),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vectors=HERE"), " cannot be read: Is a directory"),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vectors=nowhere"), "data.vectors=nowhere cannot be read"),
        (HEAD + "neutral\ta\tb\n", ("--set", "data.vector=x"), "did you mean 'data.vectors'?"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(
    attnbench: Callable, folder: Path, tmp_path: Path, places: list[str], refused: Callable,
    text: str, changes: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    (folder / "train.tsv").write_text(text)
    vectors = {"cut": "a 1 2 3 4\nb 1 2 3\n", "csv": "a,1,2,3,4\n", "empty": "", "other": "zebra 1 2 3 4\n"}
    for name, content in vectors.items():
        (tmp_path / name).write_text(content)
    changes = tuple(change.replace("HERE", str(tmp_path)) for change in changes)
    refused(attnbench("reproduce", PAPER, "--data", f"files:{folder}", *TINY, *places, *changes), says)


def test_a_null_is_no_text(attnbench: Callable, folder: Path, places: list[str], refused: Callable) -> None:
    """By every command that reads the corpus."""
    rows = '{"gold_label": "neutral", "sentence1": "A dog", "sentence2": %s}\n'
    (folder / "train.tsv").unlink()
    (folder / "train.jsonl").write_text(rows % '"a"' + rows % "null")
    words = [PAPER, "--data", f"files:{folder}"]
    for command in (["data", "check", *words], ["reproduce", *words, *TINY, *places]):
        refused(attnbench(*command), "train.jsonl line 2: sentence2 is null; it must be a text")


def test_a_plan_needs_no_decoding_but_the_papers_own(
    attnbench: Callable, folder: Path, places: list[str]
) -> None:
    words = ["reproduce", PAPER, "--data", f"files:{folder}", "--systems", "word-by-word", "--plan"]
    said = attnbench(*words, *TINY, *places)
    assert said.code == 0, said.err
    assert "| word-by-word |" in said.out and "| 4 |" in said.out
