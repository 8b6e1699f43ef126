"""Corpora that are made here: the same bytes as ever, written as they are drawn, refused where too large."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from attnbench import corpora
from attnbench.corpora import generated
from attnbench.corpora.entailment import embedded as entailment
from attnbench.corpora.translation import embedded as translation
from attnbench.errors import BadInput

MAKERS: dict[str, Any] = {"translation": translation.translation, "entailment": entailment.entailment}


@pytest.mark.parametrize(
    ("task", "sizes", "expected"),
    [
        ("translation", {"train": 300, "test_per_bin": 3}, "6f87cfaa26f17b51"),
        ("translation", {"seed": 3, "train": 40, "test_per_bin": 1}, "b4201554b4147dae"),
        ("entailment", {"train": 300, "test_per_bin": 3}, "567a3e5991f13eef"),
        ("entailment", {"seed": 5, "train": 40, "test_per_bin": 1}, "c18800b2540e68fc"),
    ],
)
def test_the_bytes_stay(task: str, sizes: dict[str, int], expected: str, tmp_path: Path) -> None:
    """Committed results are of these corpora."""
    assert corpora.fingerprint(MAKERS[task](**sizes)) == expected
    made = MAKERS[task](**sizes, scratch=tmp_path)
    assert corpora.fingerprint(made) == expected
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(made)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "expected"), [("translation", "c0f2ac50599d3291"), ("entailment", "aeb4078de63d3a7f")]
)
def test_the_bytes_of_the_default_corpora_stay(task: str, expected: str) -> None:
    assert corpora.fingerprint(MAKERS[task]()) == expected


@pytest.mark.parametrize("task", MAKERS)
def test_a_split_is_written_while_it_is_drawn(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than a batch of rows is ever drawn beyond what is written."""
    drawn, held = 0, []
    table, write = generated._tables, generated.write

    def counted(rows: Any, features: Any, at_once: int) -> Any:
        def each() -> Any:
            nonlocal drawn
            for row in rows:
                drawn += 1
                yield row

        assert at_once == generated.AT_ONCE
        return table(each(), features, 10)

    def writing(tables: Any, path: Path) -> Any:
        def each() -> Any:
            nonlocal drawn
            for one in tables:
                held.append(drawn)
                drawn = 0
                yield one

        return write(each(), path)

    monkeypatch.setattr(generated, "_tables", counted)
    monkeypatch.setattr(generated, "write", writing)
    made = MAKERS[task](train=95, valid=20, test_per_bin=5, scratch=tmp_path)
    assert max(held) == 10 and len(held) >= 10 and len(made["train"]) == 95


@pytest.mark.parametrize("task", MAKERS)
@pytest.mark.parametrize("sizes", [{"train": 10**12}, {"test_per_bin": 10**9}, {"valid": 10**12}])
def test_what_has_no_room_is_refused_at_once(
    task: str, sizes: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generated, "free_disk", lambda folder: 5 << 30)
    with pytest.raises(
        BadInput, match=r"examples needs at least .* of disk, and 5 GiB is free; lower data\."
    ):
        MAKERS[task](**sizes, scratch=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("task", MAKERS)
def test_what_the_memory_cannot_remember_is_refused(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "free_disk", lambda folder: 1 << 60)
    monkeypatch.setattr(generated, "free_memory", lambda: 1 << 30)
    with pytest.raises(
        BadInput, match=r"examples needs at least .* GiB of memory, and 1 GiB is free; lower data\."
    ):
        MAKERS[task](test_per_bin=10**7)


@pytest.mark.parametrize("task", MAKERS)
def test_an_example_takes_at_least_what_is_said(task: str, tmp_path: Path) -> None:
    made = MAKERS[task](train=2000, test_per_bin=1, scratch=tmp_path)
    module = {"translation": translation, "entailment": entailment}[task]
    size = (tmp_path / "train.arrow").stat().st_size / len(made["train"])
    assert module.BYTES < size < 1.3 * module.BYTES


def test_a_bin_that_has_no_more_sentences_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three words there are some hundreds."""
    monkeypatch.setattr(translation, "BINS", ((3, 3),))
    monkeypatch.setattr(generated, "TRIES", 40)
    said = r"^40 sentences of 3 to 3 words in a row were there before: .*; lower data\.test_per_bin$"
    with pytest.raises(BadInput, match=said):
        translation.translation(train=1, valid=1, test_per_bin=100_000)


def test_a_bin_that_has_no_more_premises_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "TRIES", 40)
    monkeypatch.setattr(generated.Seen, "__contains__", lambda self, text: len(self._hashes) == 3)
    with pytest.raises(BadInput, match=r"^40 premises of 4 to 10 words in a row were there before: "):
        entailment.entailment(train=1, valid=1, test_per_bin=4)


def test_a_temporary_folder_goes_with_its_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = translation.translation(train=5, valid=5, test_per_bin=1)
    assert len(list(tmp_path.rglob("*.arrow"))) == 3
    del made
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_equal_texts_alone_are_seen() -> None:
    seen = generated.Seen()
    seen.add("a b")
    assert "a b" in seen and "a  b" not in seen and "" not in seen
