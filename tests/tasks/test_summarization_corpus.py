"""A corpus of summaries made ready: tokens as written, words, numbers, links, and what is said of it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from attnbench import corpora
from attnbench.corpora import Source
from attnbench.corpora.summarization import hub
from attnbench.errors import BadInput
from attnbench.tasks.engine import Corpus
from attnbench.tasks.split import mapped
from attnbench.tasks.summarization import BEAM, BEAM_75, FORCED, GREEDY_EXTRACTIVE
from attnbench.tasks.summarization.corpus import Vocabularies
from attnbench.tasks.summarization.engine import Summarization
from attnbench.tasks.summarization.settings import SummarizationData
from attnbench.tasks.summarization.words import normalised

HEAD = "article\theadline\n"
TRAIN = HEAD + (
    "The U.S. paid $4,500 in 1987.\tU.S. pays $4,500\n"
    "UNK said the dog didn't pay.\t<unk> and DOG pay\n"
    "The U.S. dog\tThe dog\n"
    "\tlost\n"
    "lost\t\u00a0\n"
)
VALID = HEAD + "dog\tThe U.S. dogs pay 17 and 17\n"
TEST = (
    {"article": "A 10\u00a0000-dog Zoo's\tdog", "headlines": ["Zoo's dog", " ", "The 10\u00a0000th DOG"]},
    {"article": "", "headlines": ["the dog"]},
    {"article": "The dog", "headlines": "The dog pays"},
)
SETTINGS = SummarizationData(least_count=1)
TASK = Summarization()


def put(folder: Path, name: str, *rows: dict[str, Any]) -> None:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Source:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "train.tsv").write_text(TRAIN, encoding="utf-8")
    (folder / "valid.tsv.gz").write_bytes(gzip.compress(VALID.encode()))
    put(folder, "test.jsonl", *TEST)
    return corpora.parse(f"files:{folder}")


def opened(source: Source, work: Path, settings: SummarizationData = SETTINGS) -> Corpus:
    return TASK.open(TASK.prepare(source, settings, work), settings)


def about(source: Source, work: Path, settings: SummarizationData = SETTINGS) -> dict[str, Any]:
    folder = TASK.prepare(source, settings, work)
    held: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return held


def test_text_becomes_tokens_words_and_numbers(source: Source, tmp_path: Path) -> None:
    """Tokens keep case and digits; words are lower-cased, each digit ``#``, and UNK the unknown word."""
    corpus = opened(source, tmp_path / "work")
    assert corpus.train.table.column_names == [
        "id", "source_tokens", "source_words", "target_words", "references", "source_ids", "target_ids",
    ]  # fmt: skip
    assert [tuple(row.values()) for row in corpus.train.table.to_pylist()] == [
        ("train/1", "The U.S. paid $ 4,500 in 1987 .", "the u.s. paid $ #,### in #### .", "u.s. pays $ #,###",
         ["U.S. pays $ 4,500"], [2, 5, 12, 8, 7, 10, 6, 3], [9, 7, 4, 3]),
        ("train/2", "UNK said the dog did n't pay .", "<unk> said the dog did n't pay .", "<unk> and dog pay",
         ["<unk> and DOG pay"], [0, 14, 2, 4, 9, 11, 13, 3], [0, 5, 2, 6]),
        ("train/3", "The U.S. dog", "the u.s. dog", "the dog", ["The dog"], [2, 5, 4], [8, 2]),
    ]  # fmt: skip
    assert corpus.valid["target_words"] == ["the u.s. dogs pay ## and ##"]
    assert corpus.valid["target_ids"] == [[8, 9, 0, 6, 0, 5, 0]]


def test_words_are_numbered_by_how_often_the_training_text_has_them(source: Source, tmp_path: Path) -> None:
    """Each side has a vocabulary of its own; ``dogs`` stands in the validation set alone."""
    features = opened(source, tmp_path / "work").features
    rare = ["####", "#,###", "$", "did", "in", "n't", "paid", "pay", "said"]
    assert features.source.words == ("<unk>", "</s>", "the", ".", "dog", "u.s.", *rare)
    assert features.target.words == (
        "<unk>",
        "</s>",
        "dog",
        "#,###",
        "$",
        "and",
        "pay",
        "pays",
        "the",
        "u.s.",
    )


def test_rare_words_and_those_beyond_the_size_are_unknown(source: Source, tmp_path: Path) -> None:
    twice = opened(source, tmp_path / "work", replace(SETTINGS, least_count=2))
    assert twice.features.source.words == ("<unk>", "</s>", "the", ".", "dog", "u.s.")
    assert twice.features.target.words == ("<unk>", "</s>", "dog")
    assert twice.train["source_ids"][0] == [2, 5, 0, 0, 0, 0, 0, 3]
    assert twice.train["source_words"][0] == "the u.s. paid $ #,### in #### .", "kept, though unknown"
    small = opened(source, tmp_path / "work", replace(SETTINGS, source_vocabulary=4, vocabulary=5))
    assert small.features.source.words == ("<unk>", "</s>", "the", ".")
    assert small.features.target.words == ("<unk>", "</s>", "dog", "#,###", "$")
    assert small.features.shared.tolist() == [0, 0, 0, 0]


def test_words_of_both_sides_are_matched_by_their_spelling(source: Source, tmp_path: Path) -> None:
    """The special tokens, which both sides have, are matched with nothing."""
    features = opened(source, tmp_path / "work").features
    assert isinstance(features, Vocabularies) and features.shared.dtype == torch.int64
    pairs = {
        word: features.target.words[number]
        for word, number in zip(features.source.words, features.shared.tolist(), strict=True)
        if number
    }
    same = ["the", "dog", "u.s.", "#,###", "$", "pay"]
    assert pairs == dict(zip(same, same, strict=True))


def test_a_word_with_a_digit_may_be_one_word(source: Source, tmp_path: Path) -> None:
    corpus = opened(source, tmp_path / "work", replace(SETTINGS, numbers="words"))
    assert corpus.train["source_words"][0] == "the u.s. paid $ ## in ## ."
    assert corpus.train["source_tokens"][0] == "The U.S. paid $ 4,500 in 1987 ."
    assert corpus.tests["test"]["source_words"][0] == "a ## ## zoo 's dog"
    assert corpus.train["target_words"][0] == "u.s. pays $ ##"


def test_all_references_are_kept_as_tokens_the_first_is_the_target(source: Source, tmp_path: Path) -> None:
    """The tokeniser cuts at every blank; ``none`` at space and tab alone. A blank reference is none."""
    test = opened(source, tmp_path / "work").tests["test"]
    assert test["references"] == [["Zoo 's dog", "The 10 000th DOG"], ["the dog"], ["The dog pays"]]
    assert test["target_words"] == ["zoo 's dog", "the dog", "the dog pays"]
    assert test["source_tokens"][0] == "A 10 000-dog Zoo 's dog"
    plain = opened(source, tmp_path / "work", replace(SETTINGS, tokenizer="none")).tests["test"]
    assert plain["references"][0] == ["Zoo's dog", "The 10\u00a0000th DOG"]
    assert plain["source_tokens"][0] == "A 10\u00a0000-dog Zoo's dog"
    assert plain["source_words"][0] == "a ##\u00a0###-dog zoo's dog"
    assert plain["source_ids"][0] == [0, 0, 0, 3], "a, the number, zoo's, dog"


def test_a_source_without_words_is_the_unknown_word_and_what_is_odd_is_told(
    source: Source, tmp_path: Path
) -> None:
    test = opened(source, tmp_path / "work").tests["test"]
    assert (test["source_words"][1], test["source_tokens"][1], test["source_ids"][1]) == ("", "", [0])
    told = about(source, tmp_path / "work")
    assert told["notes"] == [
        "train: 2 pairs with a blank side left out",
        "valid: 1 pairs with a summary longer than its source kept",
        "test: 1 pairs with a blank source kept, which is read as the unknown word",
        "test: 2 pairs with a summary longer than its source kept",
    ]
    assert told["examples"] == {"train": 3, "valid": 1, "test": 3}
    assert told["tokenizer"] == "treebank"
    assert told["unknown"] == {"source": pytest.approx(1 / 19, abs=1e-6), "target": pytest.approx(1 / 10)}


def test_summaries_as_long_as_their_sources_are_not_told_of(source: Source, tmp_path: Path) -> None:
    (Path(source.location) / "valid.tsv.gz").write_bytes(
        gzip.compress((HEAD + "the dog\tDogs pay\n").encode())
    )
    put(Path(source.location), "test.jsonl", TEST[0])
    assert about(source, tmp_path / "work")["notes"] == ["train: 2 pairs with a blank side left out"]


def test_batches_are_sorted_by_the_source_and_close_the_target_alone(source: Source, tmp_path: Path) -> None:
    corpus = opened(source, tmp_path / "work")
    assert corpus.train.lengths.tolist() == corpus.train.sizes("source").tolist() == [8, 8, 3]
    assert corpus.train.sizes("target").tolist() == [5, 5, 3]
    batch = corpus.train.batch(np.array([2, 0]), torch.device("cpu"))
    assert batch.source.mask.sum(dim=1).tolist() == [3, 8] and batch.source.values[0, :3].tolist() == [
        2,
        5,
        4,
    ]
    assert batch.target.mask.sum(dim=1).tolist() == [3, 5]
    assert batch.target.values.tolist() == [[8, 2, 1, 1, 1], [9, 7, 4, 3, 1]]
    order = [indices.tolist() for indices, _ in corpus.train.in_batches(2, torch.device("cpu"))]
    assert order == [[0, 1], [2]]


# --- gold positions ---

LINKED = "sentence\tcompression\tkeep\n"


def test_text_with_gold_positions_is_cut_at_blanks(source: Source, tmp_path: Path) -> None:
    """``didn't`` and ``dog,`` are words of their own, which the marks count; other splits are tokenised."""
    row = "The 4,500th dog, UNK didn't  pay .\tThe dog, pay\t1010010\n"
    put(Path(source.location), "test.jsonl", TEST[0])
    (Path(source.location) / "gold.tsv").write_text(LINKED + row, encoding="utf-8")
    corpus = opened(source, tmp_path / "work", replace(SETTINGS, test=("gold", "test")))
    (gold,) = corpus.tests["gold"].table.to_pylist()
    assert gold == {
        "id": "gold/1",
        "source_tokens": "The 4,500th dog, UNK didn't pay .",
        "source_words": "the #,###th dog, <unk> didn't pay .",
        "target_words": "the dog, pay",
        "references": ["The dog, pay"],
        "links": [[0, 0], [1, 2], [2, 5]],
        "source_ids": [2, 0, 0, 0, 0, 13, 3],
        "target_ids": [8, 0, 6],
    }
    assert "links" not in corpus.train and "links" not in corpus.tests["test"]
    assert corpus.tests["test"]["source_tokens"] == ["A 10 000-dog Zoo 's dog"]


def test_embedded_pairs_have_positions_and_are_cut_at_blanks(tmp_path: Path) -> None:
    settings = SummarizationData(limit=40, test_per_bin=1)
    corpus = opened(corpora.parse("embedded"), tmp_path, settings)
    assert len(corpus.train) == 40 and corpus.settings.tokenizer == "none"
    linked = numbers = 0
    for row in corpus.tests["test"].table.to_pylist():
        tokens, words, target = (
            row[name].split(" ") for name in ("source_tokens", "source_words", "target_words")
        )
        assert [len(tokens), len(target)] == [len(row["source_ids"]), len(row["target_ids"])]
        assert words == [normalised(token, "digits") for token in tokens]
        assert target == [normalised(token, "digits") for token in row["references"][0].split(" ")]
        assert all(0 <= t < len(target) and 0 <= s < len(tokens) for t, s in row["links"])
        linked, numbers = linked + len(row["links"]), numbers + (words != tokens)
    assert linked > 8 and numbers > 0
    seeded = replace(settings, seed=1)
    assert (
        opened(corpora.parse("embedded"), tmp_path, seeded).train["source_words"]
        != corpus.train["source_words"]
    )


# --- test sets with a decoding of their own ---


@pytest.mark.parametrize(
    ("tests", "usual", "short"),
    [
        (("test",), ["test"], []),
        (("test", "duc2004"), ["test"], ["duc2004"]),
        (("duc2003", "test", "duc2004"), ["test"], ["duc2003", "duc2004"]),
        (("duc2003", "duc2004"), ["duc2003", "duc2004"], ["duc2003", "duc2004"]),
        (("duc2004",), ["duc2004"], ["duc2004"]),
    ],
)
def test_sets_of_duc_are_for_75_bytes_alone_where_there_is_another(
    source: Source, tmp_path: Path, tests: tuple[str, ...], usual: list[str], short: list[str]
) -> None:
    for name in ("duc2003", "duc2004"):
        put(Path(source.location), f"{name}.jsonl", TEST[0])
    corpus = opened(source, tmp_path / "work", replace(SETTINGS, test=tests))
    assert list(corpus.tests) == list(tests)
    for decoding in (BEAM, GREEDY_EXTRACTIVE, FORCED):
        assert decoding.on(corpus.tests, corpus.constructed) == usual
    assert BEAM_75.on(corpus.tests, corpus.constructed) == short


# --- from where ---


def test_the_hub_s_rows_are_made_ready_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import Dataset, DatasetDict

    asked = []

    def read(*given: Any) -> tuple[DatasetDict, str]:
        asked.append(given[:3])
        rows = {"id": ["train/1"], "source": ["the Dog 17"], "target": ["Dog"], "references": [["Dog"]]}
        split = Dataset.from_dict(rows)
        return DatasetDict(train=split, valid=split, test=split), "c0ffee"

    monkeypatch.setattr(hub, "summarization", read)
    hubs = corpora.parse("hub:a/b")
    corpus = opened(hubs, tmp_path, replace(SETTINGS, limit=9, train=("train",)))
    assert asked == [("a/b", {"train": ("train",)}, 9)]
    assert corpus.train["source_words"] == ["the dog ##"] and corpus.train["source_tokens"] == ["the Dog 17"]
    assert about(hubs, tmp_path, replace(SETTINGS, limit=9, train=("train",)))["revision"] == "c0ffee"


@pytest.mark.parametrize(("name", "read"), [("test.jsonl", True), ("train.tsv", True), ("other.tsv", False)])
def test_files_count_that_are_read(name: str, read: bool, source: Source, tmp_path: Path) -> None:
    first = TASK.prepare(source, SETTINGS, tmp_path / "work")
    path = Path(source.location) / name
    row = json.dumps(TEST[2]) + "\n" if name.endswith("jsonl") else "the dog\tdog\n"
    path.write_text((path.read_text(encoding="utf-8") if read else HEAD) + row, encoding="utf-8")
    assert (TASK.prepare(source, SETTINGS, tmp_path / "work") != first) is read


def test_limits_are_of_training_and_of_validation(source: Source, tmp_path: Path) -> None:
    (Path(source.location) / "valid.tsv.gz").write_bytes(gzip.compress((HEAD + "dog\tdog\n" * 3).encode()))
    corpus = opened(source, tmp_path / "work", replace(SETTINGS, limit=2, valid_limit=2))
    assert [len(corpus.train), len(corpus.valid), len(corpus.tests["test"])] == [2, 2, 3]
    assert "said" in corpus.features.source.words


@pytest.mark.parametrize(
    ("changes", "files", "says"),
    [
        ({"least_count": 5}, {}, "no word is seen 5 times in the training text; lower data.least_count"),
        ({}, {"test.jsonl": [TEST[1]]}, "no pair of 'test' has words on both sides; choose others"),
    ],
)  # fmt: skip
def test_a_corpus_that_teaches_or_tests_nothing_is_refused(
    source: Source, tmp_path: Path, changes: dict[str, Any], files: dict[str, Any], says: str
) -> None:
    for name, rows in files.items():
        put(Path(source.location), name, *rows)
    settings = replace(SETTINGS, **changes)
    with pytest.raises(BadInput, match=says):
        TASK.prepare(source, settings, tmp_path / "work")
    assert list((tmp_path / "work").glob("*")) == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"vocabulary": 2}, "data.vocabulary is 2; it must be at least 3"),
        ({"source_vocabulary": 2}, "data.source_vocabulary is 2; it must be at least 3"),
        ({"least_count": 0}, "data.least_count is 0; it must be at least 1"),
        ({"test_per_bin": 0}, "data.test_per_bin is 0; it must be at least 1"),
        ({"numbers": "digit"}, "unknown value of data.numbers 'digit'; did you mean 'digits'"),
        ({"tokenizer": "moses"}, "unknown value of data.tokenizer 'moses'; choose from: none, treebank"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        SummarizationData(**settings)


def test_without_a_corpus_there_are_vocabularies_of_the_sizes_that_are_set() -> None:
    features = TASK.features(replace(SETTINGS, vocabulary=7, source_vocabulary=9))
    assert (len(features.target), len(features.source), TASK.outputs(features)) == (7, 9, 7)
    assert features.shared.tolist() == [0, 0, 2, 3, 4, 5, 6, 0, 0]


def test_what_is_made_ready_has_columns_of_these_types(source: Source, tmp_path: Path) -> None:
    folder = TASK.prepare(source, SETTINGS, tmp_path / "work")
    types = {field.name: field.type for field in mapped(folder / "test.arrow").schema}
    numbers, texts = pa.list_(pa.int32()), pa.list_(pa.string())
    assert types == {
        **dict.fromkeys(["id", "source_tokens", "source_words", "target_words"], pa.string()),
        "references": texts, "source_ids": numbers, "target_ids": numbers,
    }  # fmt: skip
