"""Real sentence pairs, where there are some: ``ATTNBENCH_DATA`` names a folder with ``entailment`` in it."""

import gzip
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from attnbench import corpora
from attnbench.corpora.entailment.labels import LABELS
from attnbench.harness.check import check, count
from attnbench.tasks.entailment import TASK
from attnbench.tasks.entailment.corpus import words_of
from attnbench.tasks.entailment.engine import Entailment
from attnbench.tasks.entailment.settings import EntailmentData

pytestmark = pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with entailment/ in it"
)

ROOT = Path(os.environ.get("ATTNBENCH_DATA", ".")) / "entailment"
NAMES = sorted(path.relative_to(ROOT).as_posix().split(".")[0] for path in ROOT.glob("*/*.tsv.gz"))
SETTINGS = EntailmentData(
    train=("snli_train_part/train", "snli/train_from_dev", "sick/train"),
    valid=("snli/valid",),
    test=("snli/test", "one_word_changed/test", "sick/test"),
    limit=3000,
    dimension=8,
)


def rows(name: str) -> list[dict[str, str]]:
    head, *lines = gzip.decompress((ROOT / f"{name}.tsv.gz").read_bytes()).decode().rstrip("\n").split("\n")
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_there_are_files() -> None:
    assert len(NAMES) > 20


@pytest.mark.parametrize("name", NAMES)
def test_every_file_reads(name: str) -> None:
    changes = {f"data.{split}": name for split in ("train", "valid", "test")}
    frame = check("rocktaschel2016", f"files:{ROOT}", changes).set_index(["split", "length"])
    counts = Counter(row["gold_label"] for row in rows(name))
    assert frame.index.get_level_values("split").nunique() == 3
    for _, found in frame.groupby(level="split"):
        assert found["examples"].tolist() == [counts.total()] * 2
        assert found[list(LABELS)].to_numpy().tolist() == [[counts[label] for label in LABELS]] * 2
        bins = found[[column for column in found.columns if "–" in column]]
        assert (bins.replace("", 0).sum(axis=1) == counts.total()).all()
    assert frame["blank"].sum() == 0 and frame.attrs["left_out"] == []


def test_lengths_are_those_that_others_counted() -> None:
    """They counted from 0 to 9, from 10 to 19, and so on."""
    corpus = Entailment().read(corpora.parse(f"files:{ROOT}"), replace(SETTINGS, test=("snli/test",)))
    task = replace(TASK, lengths=tuple(replace(one, edges=tuple(range(0, 90, 10))) for one in TASK.lengths))
    frame = count(task, {"test": corpus["test"]}).set_index("length")
    bins = [column for column in frame.columns if "–" in column]
    assert frame.loc["premise-length", bins].tolist() == [1722, 5015, 1821, 222, 36, 8, 0, 0]
    assert frame.loc["hypothesis-length", bins].tolist() == [6401, 2347, 76, 0, 0, 0, 0, 0]


def test_one_corpus_trains_and_the_others_test(tmp_path: Path) -> None:
    task = Entailment()
    folder = task.prepare(corpora.parse(f"files:{ROOT}"), SETTINGS, tmp_path)
    corpus = task.open(folder, SETTINGS)
    sizes = {name: len(pairs) for name, pairs in corpus.tests.items()}
    assert sizes == {"snli.test": 8824, "one_word_changed.test": 8193, "sick.test": 4427, "train": 2000}
    assert (len(corpus.train), len(corpus.valid)) == (3000, 2002)
    assert corpus.tests["one_word_changed.test"].sizes("premise").max() > 70
    assert corpus.features.learned > 3000 and len(corpus.features.fixed) > 3000
    notes = json.loads((folder / "about.json").read_text())["notes"]
    assert len(notes) == 1 and notes[0].startswith("word vectors: 0 given and frozen (no file was given), ")


@pytest.mark.parametrize(
    ("name", "raw", "most"), [("snli/test", False, 0.01), ("snli_train_part/train", True, 0.001)]
)
def test_text_that_was_tokenised_before_stays_as_it_is(name: str, raw: bool, most: float) -> None:
    """SNLI's test set is tokenised; a second pass over raw text gives the words of the first."""
    cut = words_of("moses")
    texts = [row["sentence1"] for row in rows(name)[:5000]]
    if raw:
        texts = [" ".join(cut(text)) for text in texts]
    changed = sum(" ".join(cut(text)) != text.lower() for text in texts)
    assert changed / len(texts) <= most
