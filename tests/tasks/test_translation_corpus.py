from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from attnbench import corpora
from attnbench.corpora import Source
from attnbench.errors import BadInput
from attnbench.tasks.split import mapped
from attnbench.tasks.translation.engine import Translation
from attnbench.tasks.translation.settings import TranslationData

LONG = "b " * 60
TEXT = {
    "train.en": f"a cat .\na dog .\na cat's , a cat .\n{LONG}a a a\n",
    "train.fr": "un chat .\nun chien .\nun chat , un chat .\nx\n",
    "valid.en": "a dog .\na zebra .\na cat .\n",
    "valid.fr": "un chien .\nun zèbre .\nun chat .\n",
    "test.en": f"a dog, a cat .\n{LONG}.\n",
    "test.fr": f"un chien, un chat .\n{LONG}.\n",
    "gold.en": "a dog, here .\na cat .\n",
    "gold.fr": "un chien, ici .\nun chat .\n",
    "gold.align": "0-0 1-1 2?2 3-3\n0-0 1-1\n",
}
SETTINGS = TranslationData(test=("test", "gold"), vocabulary=7, max_length=6)


def _splits(folder: Path) -> dict[str, dict[str, list[Any]]]:
    return {path.stem: mapped(path).to_pydict() for path in folder.glob("*.arrow")}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    folder = tmp_path / "text"
    folder.mkdir()
    for name, text in TEXT.items():
        (folder / name).write_text(text, encoding="utf-8")
    return corpora.parse(f"files:{folder}")


def test_text_becomes_words_and_numbers(source: Source, tmp_path: Path) -> None:
    corpus = Translation().open(Translation().prepare(source, SETTINGS, tmp_path / "work"), SETTINGS)
    valid = corpus.valid
    assert valid["source_words"] == ["a dog .", "a zebra .", "a cat ."]
    assert valid["reference"] == ["un chien .", "un zèbre .", "un chat ."]
    words = corpus.features.target.words
    assert words == ("<unk>", "</s>", "un", ".", "chat", ",", "chien")
    assert valid["target_ids"] == [[2, 6, 3], [2, 0, 3], [2, 4, 3]]


def test_vocabularies_are_counted_on_the_uncut_training_pairs(source: Source, tmp_path: Path) -> None:
    """``b`` stands only in a pair that is too long to train on, and is the most frequent word."""
    corpus = Translation().open(Translation().prepare(source, SETTINGS, tmp_path / "work"), SETTINGS)
    assert corpus.features.source.words == ("<unk>", "</s>", "b", "a", ".", "cat", "'s")


def test_only_training_pairs_are_held_to_the_limit(source: Source, tmp_path: Path) -> None:
    task = Translation()
    folder = task.prepare(source, SETTINGS, tmp_path / "work")
    corpus = task.open(folder, SETTINGS)
    assert corpus.train["id"] == ["train/1", "train/2"]
    assert set(corpus.tests) == {"test", "gold"}
    assert corpus.tests["test"].lengths.tolist() == [7, 62]
    wider = TranslationData(test=("test", "gold"), vocabulary=7, max_length=63)
    assert task.prepare(source, wider, tmp_path / "work") == folder
    assert len(task.open(folder, wider).train) == 4


def test_a_limit_that_leaves_no_training_pair_is_said_in_one_line(source: Source, tmp_path: Path) -> None:
    task = Translation()
    settings = TranslationData(test=("test", "gold"), vocabulary=7, max_length=2)
    with pytest.raises(BadInput) as caught:
        task.open(task.prepare(source, settings, tmp_path / "work"), settings)
    assert "max_length" in str(caught.value) and "\n" not in str(caught.value)


def test_splits_with_gold_links_are_split_at_blanks(source: Source, tmp_path: Path) -> None:
    """Moses cuts ``dog,`` in two; the links count it as one word."""
    splits = _splits(Translation().prepare(source, SETTINGS, tmp_path / "work"))
    assert splits["test"]["source_words"][0] == "a dog , a cat ."
    assert splits["gold"]["source_words"][0] == "a dog, here ."
    assert splits["gold"]["target_words"][0] == "un chien, ici ."
    assert splits["gold"]["sure"][0] == [[0, 0], [1, 1], [3, 3]]
    assert splits["gold"]["possible"][0] == [[2, 2]]


def test_what_is_said_about_the_corpus(source: Source, tmp_path: Path) -> None:
    folder = Translation().prepare(source, SETTINGS, tmp_path / "work")
    about = json.loads((folder / "about.json").read_text())
    assert about["examples"] == {"train": 4, "valid": 3, "test": 2, "gold": 2}
    assert (about["data"], about["tokenizer"], about["languages"]) == ("files:text", "moses", ["en", "fr"])
    # source: 3 + 3 + 7 + 63 words, of which dog and the comma are not among the five most frequent
    assert about["unknown"] == {
        "source": pytest.approx(2 / 76, abs=1e-6),
        "target": pytest.approx(1 / 13, abs=1e-6),
    }


def test_a_prepared_corpus_is_reused(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Translation()
    folder = task.prepare(source, SETTINGS, tmp_path / "work")
    monkeypatch.setattr(Translation, "corpus", None)
    assert task.prepare(source, SETTINGS, tmp_path / "work") == folder


def test_a_changed_file_is_prepared_anew(source: Source, tmp_path: Path) -> None:
    task = Translation()
    first = task.prepare(source, SETTINGS, tmp_path / "work")
    changed = Path(source.location) / "valid.en"
    before = changed.stat()
    changed.write_text(TEXT["valid.en"].replace("zebra", "camel"), encoding="utf-8")
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert changed.stat().st_size == before.st_size
    second = task.prepare(source, SETTINGS, tmp_path / "work")
    assert second != first
    assert _splits(second)["valid"]["source_words"][1] == "a camel ."
    fingerprints = [
        json.loads((folder / "about.json").read_text())["fingerprint"] for folder in (first, second)
    ]
    assert fingerprints[0] != fingerprints[1]


@pytest.mark.parametrize(
    ("name", "read"), [("test.align", True), ("gold.align", True), ("unused.en", False), ("notes.txt", False)]
)
def test_files_count_that_are_read(name: str, read: bool, source: Source, tmp_path: Path) -> None:
    """A file of links that appears or changes makes another corpus; what nobody reads does not."""
    first = Translation().prepare(source, SETTINGS, tmp_path / "work")
    path = Path(source.location) / name
    path.write_text("".join("0-0\n" for _ in TEXT[f"{path.stem}.en"].splitlines()) if read else "a b\n")
    assert (Translation().prepare(source, SETTINGS, tmp_path / "work") != first) is read


@pytest.mark.parametrize("name", ["about.json", "train.arrow", "source.vocabulary.json", "manifest.json"])
def test_a_damaged_corpus_is_refused_and_prepared_anew(name: str, source: Source, tmp_path: Path) -> None:
    task = Translation()
    folder = task.prepare(source, SETTINGS, tmp_path / "work")
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    changed = bytearray(whole[name])
    changed[len(changed) // 2] ^= 4
    (folder / name).write_bytes(changed)
    with pytest.raises(BadInput, match=r"no whole corpus: .*; the `attnbench reproduce` command"):
        task.open(folder, SETTINGS)
    assert task.prepare(source, SETTINGS, tmp_path / "work") == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole


@pytest.mark.parametrize(
    ("change", "words", "valid", "tokenizer"),
    [
        ({"vocabulary": 6}, 6, 3, "moses"),
        ({"limit": 2}, 6, 3, "moses"),  # a, cat, dog and the full stop
        ({"valid_limit": 1}, 7, 1, "moses"),
        ({"tokenizer": "none"}, 7, 3, "none"),
    ],
)
def test_other_settings_make_another_corpus(
    change: dict[str, Any], words: int, valid: int, tokenizer: str, source: Source, tmp_path: Path
) -> None:
    task, settings = Translation(), replace(SETTINGS, **change)
    folder = task.prepare(source, settings, tmp_path / "work")
    assert folder != task.prepare(source, SETTINGS, tmp_path / "work")
    corpus = task.open(folder, settings)
    assert (len(corpus.features.source), len(corpus.valid), corpus.settings.tokenizer) == (
        words,
        valid,
        tokenizer,
    )


def test_embedded_text_is_split_at_blanks(tmp_path: Path) -> None:
    task = Translation()
    settings = TranslationData(limit=20, test_per_bin=1, vocabulary=300)
    folder = task.prepare(corpora.parse("embedded"), settings, tmp_path / "work")
    corpus = task.open(folder, settings)
    assert (corpus.settings.tokenizer, len(corpus.train)) == ("none", 20)
    test = corpus.tests["test"]
    assert [len(ids) for ids in test["source_ids"]] == [len(words.split()) for words in test["source_words"]]
    assert test["target_words"] == test["reference"]


def test_the_source_may_have_a_vocabulary_of_its_own_size(source: Source, tmp_path: Path) -> None:
    settings = replace(SETTINGS, source_vocabulary=5)
    corpus = Translation().open(Translation().prepare(source, settings, tmp_path / "work"), settings)
    assert corpus.features.source.words == ("<unk>", "</s>", "b", "a", ".")
    assert corpus.features.target.words == ("<unk>", "</s>", "un", ".", "chat", ",", "chien")
    # What a model is built for before any corpus is read: Sutskever et al. (2014), section 3.1.
    features = Translation().features(TranslationData(vocabulary=80_000, source_vocabulary=160_000))
    assert (len(features.source), len(features.target)) == (160_000, 80_000)
    features = Translation().features(TranslationData(vocabulary=80))
    assert (len(features.source), len(features.target)) == (80, 80)


def test_links_that_count_from_one_are_brought_to_zero(source: Source, tmp_path: Path) -> None:
    (Path(source.location) / "gold.align").write_text("1-1 2-2 3p3 4-4\n1-1 2-2\n")
    with pytest.raises(BadInput, match=r"gold.align line 1: link '4-4' points past .* set data.links_from=1"):
        Translation().prepare(source, SETTINGS, tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []  # nothing half-done stays
    settings = replace(SETTINGS, links_from=1)
    splits = _splits(Translation().prepare(source, settings, tmp_path / "work"))
    assert splits["gold"]["sure"][0] == [[0, 0], [1, 1], [3, 3]]
    assert splits["gold"]["possible"][0] == [[2, 2]]


def test_the_embedded_corpus_stays_what_results_were_made_with(tmp_path: Path) -> None:
    """Fingerprint and word numbers of a small one, as they were when results were first written."""
    settings = TranslationData(limit=300, test_per_bin=2, vocabulary=200)
    folder = Translation().prepare(corpora.parse("embedded"), settings, tmp_path)
    assert json.loads((folder / "about.json").read_text())["fingerprint"] == "c1f8f869dc69b2c7"
    splits = _splits(folder)
    numbers = [[splits[name][f"{side}_ids"][:] for side in ("source", "target")] for name in sorted(splits)]
    assert hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:16] == "6c9cccb6adefbaf6"
    assert sorted(path.name for path in folder.iterdir()) == [
        "about.json", "manifest.json", "source.vocabulary.json", "target.vocabulary.json", "test.arrow",
        "train.arrow", "valid.arrow",
    ]  # fmt: skip


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparing 20,000 pairs takes no more of Python's and of Arrow's memory than 10,000."""
    for module in ("corpora.plain", "tasks.prepare"):
        monkeypatch.setattr(f"attnbench.{module}._BATCH", 1000)
    folder = tmp_path / "text"
    folder.mkdir()
    for name, pairs in (("train", 20_000), ("valid", 10), ("test", 10)):
        for language in ("en", "fr"):
            (folder / f"{name}.{language}").write_text("a b c d e f\n" * pairs)

    small, large = (_peaks(f"files:{folder}", limit, tmp_path / "work") for limit in (10_000, 20_000))
    assert large[0] < 1.3 * small[0]
    assert large[1] < 1.3 * small[1]


def _peaks(data: str, limit: int, work: Path) -> tuple[int, int]:
    """Return the bytes that Python and Arrow held at most while a corpus was prepared."""
    settings = TranslationData(tokenizer="none", limit=limit)
    before, pool = pa.default_memory_pool(), pa.proxy_memory_pool(pa.default_memory_pool())
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        Translation().prepare(corpora.parse(data), settings, work)
        return tracemalloc.get_traced_memory()[1], pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"languages": "enfr"}, "data.languages='enfr'"),
        ({"languages": "en-"}, "data.languages='en-'"),
        ({"languages": "en-fr-de"}, "data.languages='en-fr-de'"),
        ({"vocabulary": 2}, "data.vocabulary is 2; it must be at least 3"),
        ({"max_length": 0}, "data.max_length is 0; it must be at least 1"),
        ({"source_vocabulary": 2}, "data.source_vocabulary is 2; it must be at least 3"),
        ({"limit": 0}, "data.limit is 0; it must be at least 1"),
        ({"valid_limit": -1}, "data.valid_limit is -1; it must be at least 1"),
        ({"links_from": 2}, "data.links_from is 2; it must be at least 0 and at most 1"),
        ({"test_per_bin": 0}, "data.test_per_bin is 0; it must be at least 1"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        TranslationData(**settings)  # type: ignore[arg-type]
