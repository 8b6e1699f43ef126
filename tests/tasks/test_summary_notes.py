"""What is told of odd pairs: each is kept, and counted."""

from pathlib import Path

from attnbench import corpora
from attnbench.tasks.summarization.engine import Summarization
from attnbench.tasks.summarization.settings import SummarizationData

WHOLE = "police kill two men\tpolice kill two\n"


def notes(folder: Path, **more: str) -> list[str]:
    for name in ("train", "valid", "test"):
        text = "article\theadline\n" + WHOLE + more.get(name, "")
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    source, settings = corpora.parse(f"files:{folder}"), SummarizationData(least_count=1)
    told: list[str] = corpora.about(Summarization().prepare(source, settings, folder / "work"))["notes"]
    return told


def test_nothing_is_told_of_plain_pairs(tmp_path: Path) -> None:
    assert notes(tmp_path) == []


def test_a_summary_longer_than_its_source_and_a_blank_source_are_kept(tmp_path: Path) -> None:
    assert notes(tmp_path, test="two men\tpolice kill two\n \tpolice kill\n") == [
        "test: 1 pairs with a blank source kept, which is read as the unknown word",
        "test: 2 pairs with a summary longer than its source kept",
    ]


def test_references_that_rouge_cannot_read_are_told(tmp_path: Path) -> None:
    left_out = (
        "left out of ROUGE, which reads letters a to z and digits alone, and finds none in their references"
    )
    given = "police kill two men\t\u0645\u0631\n"
    assert notes(tmp_path, train=given, valid=given, test=given + "a b c d\t. , .\n") == [
        f"valid: 1 pairs {left_out}",
        f"test: 2 pairs {left_out}",
    ]
