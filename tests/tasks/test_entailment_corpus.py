"""A corpus of sentence pairs made ready: words, their numbers, and the three kinds of vectors."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from attnbench import corpora
from attnbench.corpora import Source
from attnbench.errors import BadInput
from attnbench.tasks.engine import Corpus
from attnbench.tasks.entailment import TASK, words
from attnbench.tasks.entailment.corpus import words_of
from attnbench.tasks.entailment.engine import Entailment
from attnbench.tasks.entailment.settings import EntailmentData

HEAD = "gold_label\tsentence1\tsentence2\n"
TRAIN = HEAD + (
    "entailment\tA man doesn't sleep.\tA MAN is awake .\nneutral\tA dog\ta man\n-\tx\ty\nneutral\tz\t\n"
)
VALID = HEAD + "contradiction\tA cat\tA man 's dog\n"
TEST = HEAD + "neutral\t\tzebra\nentailment\tA zebra\tcat\n"
SETTINGS = EntailmentData(dimension=4)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    folder = tmp_path / "text"
    folder.mkdir()
    for name, text in {"train": TRAIN, "valid": VALID, "test": TEST}.items():
        (folder / f"{name}.tsv").write_text(text)
    return corpora.parse(f"files:{folder}")


def opened(source: Source, work: Path, settings: EntailmentData = SETTINGS) -> Corpus:
    return Entailment().open(Entailment().prepare(source, settings, work), settings)


def about(source: Source, work: Path, settings: EntailmentData = SETTINGS) -> dict[str, object]:
    held = json.loads((Entailment().prepare(source, settings, work) / "about.json").read_text())
    assert isinstance(held, dict)
    return held


def test_text_is_lowered_and_numbered_training_words_by_frequency(source: Source, tmp_path: Path) -> None:
    corpus = opened(source, tmp_path / "work")
    assert corpus.train["premise_words"] == ["a man doesn 't sleep .", "a dog"]
    assert corpus.train["hypothesis_words"] == ["a man is awake .", "a man"]
    later = ["'s", "cat", "zebra"]
    learned = ["a", "man", ".", "'t", "awake", "doesn", "dog", "is", "sleep"]
    assert corpus.features.vocabulary.words == ("<unk>", "</s>", *later, *learned)
    assert corpus.features.fixed.shape == (2 + len(later), 4) and corpus.features.learned == len(learned)
    assert corpus.valid["hypothesis_ids"] == [[5, 6, 2, 11]]
    assert corpus.train["label"] == [0, 1] and corpus.valid["label"] == [2]


def test_blank_sides_of_tests_are_read_as_the_unknown_word_and_counted(
    source: Source, tmp_path: Path
) -> None:
    corpus = opened(source, tmp_path / "work")
    assert corpus.tests["test"]["premise_ids"] == [[0], [5, 4]]
    assert about(source, tmp_path / "work")["notes"] == [
        "train: 1 pairs without a label left out",
        "train: 1 pairs with a blank side left out",
        "test: 1 pairs with a blank side kept, which is read as the unknown word",
        "word vectors: 0 given and frozen (no file was given), 9 learned, 3 random and fixed, 4 numbers each",
    ]


def test_given_vectors_are_frozen_rare_words_random_and_the_rest_learned(
    source: Source, tmp_path: Path
) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("man 1 2 3 4\nzebra 5 6 7 8\nunicorn 9 9 9 9\n")
    settings = replace(SETTINGS, vectors=str(path), least_count=2)
    features = opened(source, tmp_path / "work", settings).features
    random = ["'t", "awake", "doesn", "dog", "is", "sleep", "'s", "cat"]
    assert features.vocabulary.words == ("<unk>", "</s>", "man", "zebra", *random, "a", ".")
    assert features.fixed[2:4].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    for place, word in enumerate(random, start=4):
        assert features.fixed[place].tolist() == words.random_vector(word, 4, 0).tolist()
    assert features.learned == 2 and features.dimension == 4
    assert about(source, tmp_path / "work", settings)["notes"][-1] == (  # type: ignore[index]
        "word vectors: 2 given and frozen (from glove.txt), 2 learned, 8 random and fixed, 4 numbers each"
    )
    assert TASK.signatures(settings)["accuracy"].endswith("vectors:glove.txt")
    assert TASK.signatures(SETTINGS)["accuracy"].endswith("vectors:learned")


def test_other_vectors_are_another_corpus(source: Source, tmp_path: Path) -> None:
    """The fingerprint enters each run's key; size and time of the file tell nothing."""
    path, seen = tmp_path / "glove.txt", []
    for text in ("man 1 2 3 4\n", "man 1 2 3 5\n", "man 1 2 3 4\n"):
        path.write_text(text)
        os.utime(path, (0, 0))
        seen.append(about(source, tmp_path / "work", replace(SETTINGS, vectors=str(path)))["fingerprint"])
    plain = about(source, tmp_path / "work")["fingerprint"]
    assert seen[0] == seen[2] != seen[1] and len({*seen, plain}) == 3
    assert {len(str(one)) for one in (*seen, plain)} == {16}


def test_random_vectors_are_a_function_of_word_and_seed() -> None:
    first = words.random_vector("zebra", 2000, 0)
    assert np.array_equal(first, words.random_vector("zebra", 2000, 0))
    assert first.dtype == np.float32
    others = words.random_vector("zebra", 2000, 1), words.random_vector("cat", 2000, 0)
    assert all(abs(np.corrcoef(first, other)[0, 1]) < 0.1 for other in others)
    assert -0.05 <= first.min() < -0.0499 and 0.0499 < first.max() <= 0.05
    assert first.std() == pytest.approx(0.1 / 12**0.5, rel=0.03)


def test_special_tokens_in_the_text_are_unknown_words() -> None:
    kinds = words.sort(Counter({"</s>": 3, "a": 1}), ["<unk>"], {}, least_count=1)
    assert kinds == words.Kinds([], [], ["a"])


def test_without_a_corpus_nothing_is_learned() -> None:
    features = Entailment().features(SETTINGS)
    assert (features.learned, features.dimension) == (0, 4)
    assert torch.equal(features.fixed, torch.zeros(2, 4))


@pytest.mark.parametrize(
    ("raw", "apart"),
    [
        ("The dog's owner doesn't sleep.", "The dog 's owner does n't sleep ."),
        ('"We\'ll go," she said.', "`` We 'll go , '' she said ."),
        ("It isn't John's.", "It is n't John 's ."),
        ("THEY'RE HERE", "THEY 'RE HERE"),
    ],
)
def test_tokenised_text_gives_the_words_of_raw_text(raw: str, apart: str) -> None:
    cut = words_of("moses")
    assert cut(raw) == cut(apart) == cut(" ".join(cut(raw)))
    assert cut(raw) == [word.lower() for word in cut(raw)]


def test_text_with_blanks_between_its_tokens_can_be_left_alone() -> None:
    assert words_of("none")("The dog's ``bone''.") == ["the", "dog's", "``bone''."]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"limit": 0}, "data.limit is 0; it must be at least 1"),
        ({"valid_limit": -1}, "data.valid_limit is -1; it must be at least 1"),
        ({"dimension": 0}, "data.dimension is 0; it must be at least 1"),
        ({"least_count": 0}, "data.least_count is 0; it must be at least 1"),
        ({"test_per_bin": 0}, "data.test_per_bin is 0; it must be at least 1"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, int], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        EntailmentData(**settings)  # type: ignore[arg-type]


def test_a_file_of_vectors_that_is_not_there_is_refused(source: Source, tmp_path: Path) -> None:
    settings = replace(SETTINGS, vectors=str(tmp_path / "nowhere.txt"))
    with pytest.raises(BadInput, match=r"data.vectors=.*nowhere.txt cannot be read"):
        Entailment().prepare(source, settings, tmp_path / "work")
    assert list((tmp_path / "work").glob("*")) == []


def test_embedded_pairs_have_links_and_are_cut_at_blanks(tmp_path: Path) -> None:
    settings = EntailmentData(limit=60, test_per_bin=2, dimension=4)
    corpus = opened(corpora.parse("embedded"), tmp_path, settings)
    assert len(corpus.train) == 60 and corpus.settings.tokenizer == "none"
    for row in corpus.tests["test"].table.to_pylist():
        sizes = len(row["hypothesis_words"].split()), len(row["premise_words"].split())
        assert [len(row["hypothesis_ids"]), len(row["premise_ids"])] == list(sizes)
        assert all(0 <= h < sizes[0] and 0 <= p < sizes[1] for h, p in row["links"])
