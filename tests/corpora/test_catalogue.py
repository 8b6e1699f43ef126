"""The catalogue says nothing that the code would refuse, and counts what is there."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from attnbench import corpora
from attnbench.corpora import catalogue, splits
from attnbench.corpora.entailment import files as sentence_pairs
from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.translation import files
from attnbench.errors import BadInput
from attnbench.harness.check import count
from attnbench.tasks import Length
from attnbench.tasks.captioning import TASK as CAPTIONING
from attnbench.tasks.entailment import TASK as ENTAILMENT
from attnbench.tasks.recognition import TASK as RECOGNITION
from attnbench.tasks.translation import TASK as TRANSLATION


def test_every_entry_can_be_parsed_and_says_where_it_was_seen() -> None:
    names = [entry.name for entry in catalogue.entries()]
    assert len(set(names)) == len(names)
    for entry in catalogue.entries():
        kind = corpora.parse(entry.data).kind
        assert entry.page.startswith("https://") == (kind != "embedded")
        assert entry.licence
        assert entry.size
        assert all("=" in setting for setting in entry.settings.split())
        assert all(f"--set {setting}" in catalogue.listing() for setting in entry.settings.split())


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="did you mean 'translation'"):
        catalogue.show("translate")


def test_the_format_names_every_usual_name_and_a_corpus_written_by_it_is_read(tmp_path: Path) -> None:
    text = catalogue.sources("translation").FORMAT
    assert max(map(len, text.splitlines())) <= 120
    for usual in splits.USUAL.values():
        assert all(name in text for name in usual)
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.en").write_text("a b\n")
        (tmp_path / f"{name}.fr").write_text("c\n")
    (tmp_path / "test.align").write_text("0-0 1?0\n")
    corpus = files.parallel_text(tmp_path, ("en", "fr"), {})
    assert corpus["test"].to_list() == [
        {"id": "test/1", "source": "a b", "target": "c", "sure": [[0, 0]], "possible": [[1, 0]]}
    ]


def test_sentence_pairs_written_by_the_format_are_read(tmp_path: Path) -> None:
    text = catalogue.sources("entailment").FORMAT
    assert max(map(len, text.splitlines())) <= 120
    assert all(name in text for usual in splits.USUAL.values() for name in usual)
    assert all(name in text for name in (*sentence_pairs.FIELDS, *LABELS, *sentence_pairs.ENDINGS))
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.tsv").write_text("sentence1\tsentence2\tgold_label\na\tb\tneutral\n")
    corpus = sentence_pairs.sentence_pairs(tmp_path, {})
    assert corpus["valid"].to_list() == [
        {"id": "dev/1", "premise": "a", "hypothesis": "b", "label": "neutral"}
    ]


@pytest.mark.parametrize("task", ["translation", "entailment"])
def test_the_format_says_what_its_blanks_and_line_ends_are(task: str) -> None:
    text = " ".join(catalogue.sources(task).FORMAT.split())
    assert "A line ends with LF or CR LF and with nothing else, such as U+2028." in text
    assert "a no-break space (U+00A0) is none" in text and "none, which cuts at the blanks alone" in text


def test_check_counts_words_at_spaces_and_tabs_alone() -> None:
    text = "we saw\t10\u00a0000 red  boats\u2028 . "
    split = Dataset.from_dict({"source": [text, "\u00a0"], "target": ["x\x85y\u3000z", ""]})
    assert [measure(split) for measure in catalogue.sources("translation").LENGTHS.values()] == [
        [6, 1],
        [1, 0],
    ]


def test_every_task_has_its_sources_and_shows_what_it_generates() -> None:
    assert list(catalogue.packages()) == [
        "captioning",
        "entailment",
        "recognition",
        "summarization",
        "translation",
    ]
    for task in catalogue.packages():
        about = catalogue.sources(task)
        assert {entry.task for entry in about.ENTRIES} == {task}
        assert catalogue.show(task).startswith(about.FORMAT) and "made from the" in catalogue.show(task)


def test_check_counts_labels_and_says_what_was_left_out(tmp_path: Path) -> None:
    head = "sentence1\tsentence2\tgold_label\n"
    (tmp_path / "train.tsv").write_text(f"{head}a b\tc\tneutral\na\tb\t-\nx\ty\tentailment\n")
    for name in ("dev", "test"):
        (tmp_path / f"{name}.tsv").write_text(f"{head}a\t\tneutral\n")
    frame = count(ENTAILMENT, sentence_pairs.sentence_pairs(tmp_path, {}))
    assert list(frame.columns) == ["split", "length", "examples", "blank", "aligned", *LABELS, "1–10"]
    assert frame.to_numpy().tolist() == [
        ["train", "premise-length", 2, 0, False, 1, 1, 0, 2],
        ["train", "hypothesis-length", 2, 0, False, 1, 1, 0, 2],
        ["valid", "premise-length", 1, 0, False, 0, 1, 0, 1],
        ["valid", "hypothesis-length", 1, 1, False, 0, 1, 0, 0],
        ["test", "premise-length", 1, 0, False, 0, 1, 0, 1],
        ["test", "hypothesis-length", 1, 1, False, 0, 1, 0, 0],
    ]
    assert frame.attrs["left_out"] == ["train: 1 pairs without a label left out"]


def test_check_bins_as_the_tables_do() -> None:
    train = Dataset.from_dict(
        {"source": ["w " * 10, "w " * 11, ""], "target": ["w " * 20, "w " * 121, "w " * 300]}
    )
    test = Dataset.from_dict({"source": ["w"], "target": ["w"], "sure": [[[0, 0]]], "possible": [[]]})
    frame = count(TRANSLATION, {"train": train, "test": test})
    low = range(1, 121, 10)
    bins = [*(f"{one}–{one + 9}" for one in low), "121–300"]
    assert list(frame.columns) == ["split", "length", "examples", "blank", "aligned", *bins]
    assert frame.iloc[:, :8].to_numpy().tolist() == [
        ["train", "source-length", 3, 1, False, 1, 1, 0],
        ["train", "target-length", 3, 0, False, 0, 1, 0],
        ["test", "source-length", 1, 0, True, 1, 0, 0],
        ["test", "target-length", 1, 0, True, 1, 0, 0],
    ]
    assert frame["121–300"].tolist() == [0, 2, 0, 0]


def test_lengths_with_edges_of_their_own_have_columns_of_their_own() -> None:
    """Both measures count words here; the second is binned by fractions."""
    own = Length("target-length", "words", (0, 0.5, 2))
    task = replace(TRANSLATION, lengths=(TRANSLATION.lengths[0], own))
    split = Dataset.from_dict({"source": ["w w", "w"], "target": ["", "w w w"]})
    frame = count(task, {"train": split})
    assert frame.to_numpy().tolist() == [
        ["train", "source-length", 2, 0, False, 2, "", "", ""],
        ["train", "target-length", 2, 1, False, "", 1, 0, 1],
    ]
    assert list(frame.columns[5:]) == ["1–10", "0–0.5", "0.5–2", "2–3"]


def test_a_length_that_is_not_known_in_a_split_has_no_row_there() -> None:
    said = [["a b c d e f g h"], ["a, b"]]
    test = Dataset.from_dict({"captions": said, "objects": [2, 7], "links": [[], []]})
    frame = count(CAPTIONING, {"train": test.select_columns(["captions"]), "test": test})
    assert list(frame.columns[:5]) == ["split", "length", "examples", "blank", "aligned"]
    assert frame[["split", "length", "examples", "aligned", "7–9", "2", "6–7"]].to_numpy().tolist() == [
        ["train", "target-length", 2, False, 1, "", ""],
        ["test", "objects", 2, True, "", 1, 1],
        ["test", "target-length", 2, True, 1, "", ""],
    ]


def test_every_length_of_a_task_can_be_measured_in_a_raw_split() -> None:
    for task in (TRANSLATION, ENTAILMENT, RECOGNITION, CAPTIONING):
        assert [one.name for one in task.lengths] == list(catalogue.sources(task.name).LENGTHS)


@pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with translation/ in it"
)
def test_check_counts_europarl_as_others_counted_it() -> None:
    names = {
        "train": ("europarl_enfr/valid",),
        "valid": ("europarl_enfr/valid",),
        "test": ("europarl_enfr/test",),
    }
    folder = Path(os.environ["ATTNBENCH_DATA"]) / "translation"
    corpus = files.parallel_text(folder, ("en", "fr"), names)
    counted = {
        name: np.histogram(measure(corpus["test"]), [*range(0, 90, 10), np.inf])[0].tolist()
        for name, measure in catalogue.sources("translation").LENGTHS.items()
    }
    assert counted["source-length"] == [272, 912, 813, 532, 270, 114, 54, 33, 0]
    assert counted["target-length"] == [242, 867, 839, 521, 291, 136, 65, 28, 11]
