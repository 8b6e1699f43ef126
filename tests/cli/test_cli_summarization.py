"""The commands with sentences and summaries from plain files: what they print, and what they refuse."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attnbench import records

PAPER = "rush2015"
QUICK = ("training.updates=4", "training.evaluations=1", "data.valid_limit=4")
TINY = ("--scale", "smoke", "--device", "cpu", *(word for text in QUICK for word in ("--set", text)))
TESTS = ("--set", "data.test=test,more/duc2004,gold")
USUAL, DUC = ["gold", "test"], ["duc2004"]
SEARCHES = ("beam", "greedy", "beam-extractive", "greedy-extractive")
LENGTH = 6
"""The validation targets that are held have 5, 5, 7 and 5 words."""
WHO, WHAT = ("minister", "storm", "bank", "court"), ("paris on monday", "the old coast", "17 men and 4 dogs")


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file of each format, and of each way to write references."""
    root = tmp_path / "text"
    (root / "more").mkdir(parents=True)
    pairs = [(f"The {who} didn't leave {what} .", f"{who} leaves {what}") for who in WHO for what in WHAT]
    tsv = "".join(f"{source}\t{target}\n" for source, target in [*pairs, ("", "lost"), ("a man", "")])
    (root / "train.tsv").write_text(f"article\theadline\n{tsv}")
    valid = lines(*({"document": source, "summary": target} for source, target in pairs[:6]))
    (root / "valid.jsonl.gz").write_bytes(gzip.compress(valid.encode()))
    tests = [{"article": source, "headlines": [target, "Nothing here", ""]} for source, target in pairs[:5]]
    short = {"article": "Rain", "headlines": ["More rain falls in paris"]}
    (root / "test.jsonl").write_text(lines(*tests, {"article": " ", "headlines": ["storm"]}, short))
    (root / "more" / "duc2004.jsonl").write_text(lines(*tests[:3]))
    keep = "The 17 men, UNK left .\tmen, left\t001010\n"
    (root / "gold.tsv").write_text(f"sentence_raw\tcompression_raw\tkeep\n{keep}")
    return root


def test_summaries_of_files_are_reproduced_compared_and_predicted(
    attnbench: Callable, folder: Path, tmp_path: Path, places: list[str], refused: Callable
) -> None:
    systems = "prefix,ir,kn-5,abs,abs-plus"
    words = ["reproduce", PAPER, "--data", f"files:{folder}", "--systems", systems, *TINY, *TESTS, *places]
    said = attnbench(*words)
    assert said.code == 0, said.err
    (results,) = (path.parent for path in (tmp_path / "out" / PAPER).glob("*/report.md"))
    page = (results / "report.md").read_text(encoding="utf-8")
    for line in (
        "- corpus: train: 2 pairs with a blank side left out",
        "- corpus: test: 1 pairs with a blank source kept, which is read as the unknown word",
        "- corpus: test: 2 pairs with a summary longer than its source kept",
        "by source length in words",
        "| system | other | seeds | difference [95 %] |",
    ):
        assert line in page
    assert _decoded(results / "scores.csv") == {
        **{rule: {"beam": USUAL, "beam-75": DUC} for rule in ("prefix", "ir")},
        "kn-5": {"forced": USUAL},
        "abs": {**dict.fromkeys(SEARCHES, USUAL), "beam-75": DUC, "forced": USUAL},
        "abs-plus": {**dict.fromkeys(SEARCHES, USUAL), "beam-75": DUC},
    }
    assert _tested(results / "scores.csv", "pointing") == {("abs", "gold")}
    assert _tested(results / "scores.csv", "copied") == {("abs", "gold"), ("abs", "test")}
    tuned = _tuned(results)
    assert tuned.keys() == {"abs-plus"} and tuned["abs-plus"].keys() == {"extraction"}
    numbers = tuned["abs-plus"]["extraction"]
    assert len(numbers) == 5 and numbers[0] == 1 and numbers != [1, 0, 0, 0, 0]
    assert f"\n- abs-plus, seed 0, tuned extraction: {', '.join(map(str, numbers))}\n" in page
    assert page.count(", tuned ") == 1
    compare = ["compare", PAPER, "--out", tmp_path / "out", "--test", "test"]
    shown = attnbench(*compare).out
    assert "| ir |" in shown and "(7) |" in shown and "kn-5" not in shown
    assert "| kn-5 |" in attnbench(*compare, "--metric", "perplexity", "--decoding", "forced").out
    by = attnbench(*compare, "--by", "target-length", "--bins", "1,3,9", "--format", "csv").out
    assert {line.split(",")[-3] for line in by.splitlines()[1:]} == {"target length in words"}
    known = "unknown length 'premise'; summarization has length, source-length, target-length"
    refused(attnbench(*compare, "--by", "premise"), known)
    new = tmp_path / "new.txt"
    new.write_text("The Bank didn't leave 12 men and 3 dogs .\n\nRain .\n", encoding="utf-8")

    def predicted(system: str) -> list[str]:
        said = attnbench("predict", f"{PAPER}/{system}", "--input", new, *places[2:])
        assert said.code == 0, said.err
        return list(said.out.splitlines())

    assert predicted("prefix") == ["The Bank did n't leave 12 men and 3 dogs .", "", "Rain ."]
    assert predicted("ir")[0] == "bank leaves 17 men and 4 dogs"
    for system in ("abs", "abs-plus"):
        assert [len(line.split(" ")) for line in predicted(system)] == [LENGTH] * 3
    counted = attnbench("predict", f"{PAPER}/kn-5", "--input", new, *places[2:])
    refused(counted, "counted n-grams write no summary; predict with another system")


def _decoded(scores: Path) -> dict[str, dict[str, list[str]]]:
    """Return the test sets of each system in each decoding."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in csv.DictReader(scores.open(encoding="utf-8")):
        found.setdefault(row["system"], {}).setdefault(row["decoding"], set()).add(row["test"])
    return {system: {name: sorted(tests) for name, tests in ways.items()} for system, ways in found.items()}


def _tested(scores: Path, metric: str) -> set[tuple[str, str]]:
    """Return the systems and test sets that have a metric."""
    rows = csv.DictReader(scores.open(encoding="utf-8"))
    return {(row["system"], row["test"]) for row in rows if row["metric"] == metric}


def _tuned(results: Path) -> dict[str, Any]:
    """Return what the records of each system say that was tuned."""
    said = [records.read_file(path)[1] for path in sorted((results / "records").iterdir())]
    return {one["system"]: one["tuned"] for one in said if "tuned" in one}


def test_the_corpus_is_counted_and_its_format_shown(attnbench: Callable, folder: Path) -> None:
    said = attnbench("data", "check", PAPER, "--data", f"files:{folder}", *TESTS).out
    for line in (
        "| train | source-length | 12 | 0 | False | 12 | 0 |",
        "| train | target-length | 12 | 0 | False |  |  |  |  | 8 | 4 | 0 | 0 |",
        "| test | source-length | 7 | 1 | False | 6 | 0 |",
        "| duc2004 | source-length | 3 | 0 | False | 3 | 0 |",
        "| gold | target-length | 1 | 0 | True |  |  |  |  | 1 | 0 | 0 | 0 |",
    ):
        assert line in said
    assert said.endswith("train: 2 pairs with a blank side left out\n")
    shown = " ".join(attnbench("data", "show", "summarization").out.split())
    assert "compression_raw, summary, headlines, headline, compression the summary" in shown
    assert "News articles with headlines of a small world, with gold links; made from the seed." in shown
    listed = attnbench("data", "list").out
    assert "gigaword (summarization)\n  get      --data hub:Harvard/gigaword@refs/convert/parquet\n" in listed


@pytest.mark.parametrize(
    ("name", "text", "changes", "says"),
    [
        ("train.tsv", "article\ttitle\na\tb\n", (), "line 1 has no column compression_raw/summary/h"),
        ("train.tsv", "article\theadline\na\tb\tc\n", (), "train.tsv line 2 has 3 columns but line 1 has 2"),
        ("test.jsonl", lines({"article": "a", "headlines": []}), (), "test.jsonl line 1: headlines is an e"),
        ("test.jsonl", lines({"article": None, "headlines": ["b"]}), (), "line 1: article is null; it must"),
        ("test.jsonl", lines({"article": "", "headlines": ["b"]}), (), "no pair of 'test' has words on bot"),
        ("gold.tsv", "sentence\tsummary\tkeep\na b\tb\t10\n", TESTS, "is 'b' but keep marks 'a'; mark the"),
        ("note", "", ("--set", "data.least_count=99"), "no word is seen 99 times in the training text; l"),
        ("note", "", ("--set", "data.numbers=no"), "unknown value of data.numbers 'no'; choose from: digi"),
        ("note", "", ("--set", "decoding.ending=no"), "unknown value of decoding.ending 'no'; choose from: "),
        ("note", "", ("--set", "data.test=duc2004"), "has no 'duc2004' for the test split; did you mean 'mo"),
        ("note", "", ("--set", "data.test_per_bin=3"), "data.test_per_bin changes nothing here: it is for e"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(
    attnbench: Callable, folder: Path, places: list[str], refused: Callable,
    name: str, text: str, changes: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    (folder / name).write_text(text, encoding="utf-8")
    refused(attnbench("reproduce", PAPER, "--data", f"files:{folder}", *TINY, *places, *changes), says)
