"""Real parallel text, where there is some: ``ATTNBENCH_DATA`` names the folder that holds ``translation``."""

import gzip
import json
import os
import re
import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from using import use

from attnbench import corpora
from attnbench.corpora.translation import files
from attnbench.errors import BadInput
from attnbench.harness.check import check, count
from attnbench.scoring import alignment
from attnbench.tasks.split import mapped
from attnbench.tasks.translation import FORCED, TASK
from attnbench.tasks.translation.engine import Translation
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationData, TranslationDecoding

pytestmark = pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with translation/ in it"
)

ROOT = Path(os.environ.get("ATTNBENCH_DATA", ".")) / "translation"
EN_FR = ("en", "fr")
GOLD = "wpt03_hansards_gold_align/test.part294"
TESTS = (
    "europarl_enfr/test",
    "wmt_newstest_enfr/newstest2014.part2003",
    GOLD,
    "canlaw_enfr/test",
    "novels_enfr/novels",
    "tatoeba_enfr/tatoeba_test_v2021-08-07",
)
SETTINGS = TranslationData(
    train=("europarl_enfr/train",), valid=("europarl_enfr/valid",), test=TESTS, limit=3000, vocabulary=5000
)
SIZES = {
    "europarl_enfr.test": 3000,
    "newstest2014.part2003": 2003,
    "test.part294": 294,
    "canlaw_enfr.test": 1500,
    "novels": 5172,
    "tatoeba_test_v2021-08-07": 12_681,
}


def test_one_corpus_trains_and_the_others_test(tmp_path: Path) -> None:
    task = Translation()
    corpus = task.open(task.prepare(corpora.parse(f"files:{ROOT}"), SETTINGS, tmp_path), SETTINGS)
    sizes = {name: len(pairs) for name, pairs in corpus.tests.items()}
    assert {name: sizes[name] for name in SIZES} == SIZES
    assert len(corpus.valid) == 2000
    assert corpus.train.sizes("source").max() <= SETTINGS.max_length + 1
    assert corpus.tests["novels"].lengths.max() > 200  # tests are never cut


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({"train": "canlaw_enfr/train", "valid": "canlaw_enfr/valid", "test": "canlaw_enfr/test"},
         (80_000, 1500)),
        ({"train": "wmt_newstest_enfr/newstest2010,wmt_newstest_enfr/newstest2011",
          "valid": "wmt_newstest_enfr/newstest2012,wmt_newstest_enfr/newstest2013",
          "test": "wmt_newstest_enfr/newstest2014.part2003"}, (5492, 6003)),
        ({"train": "multi30k/train", "valid": "multi30k/val", "test": "multi30k/test_2017_mscoco",
          "languages": "de-en"}, (29_000, 1014)),
        ({"train": "tatoeba_enfr/tatoeba_test_v2021-08-07", "valid": "novels_enfr/novels", "test": GOLD},
         (12_681, 5172)),
    ],
)  # fmt: skip
def test_every_folder_reads(settings: dict[str, str], sizes: tuple[int, int]) -> None:
    changes = {f"data.{key}": value for key, value in settings.items()}
    frame = check("bahdanau2015", f"files:{ROOT}", changes).set_index(["split", "length"])
    assert tuple(frame.loc[(split, "source-length"), "examples"] for split in ("train", "valid")) == sizes
    assert frame["blank"].sum() == 0
    bins = frame[[column for column in frame.columns if "–" in column]]
    assert (bins.replace("", 0).sum(axis=1) == frame["examples"]).all()


def test_europarl_is_counted_as_others_counted_it() -> None:
    names = {
        "train": ("europarl_enfr/valid",),
        "valid": ("europarl_enfr/valid",),
        "test": ("europarl_enfr/test",),
    }
    corpus = files.parallel_text(ROOT, EN_FR, names)
    edges = (*range(0, 90, 10), 1000)  # they counted from 0 to 9, from 10 to 19, and so on
    task = replace(TASK, lengths=tuple(replace(one, edges=edges) for one in TASK.lengths))
    frame = count(task, {"test": corpus["test"]}).set_index("length")
    bins = [column for column in frame.columns if "–" in column]
    assert frame.loc["source-length", bins].tolist() == [272, 912, 813, 532, 270, 114, 54, 33, 0]
    assert frame.loc["target-length", bins].tolist() == [242, 867, 839, 521, 291, 136, 65, 28, 11]


def test_the_whole_of_europarl_is_read_without_holding_it() -> None:
    """What the process takes for itself, mapped files apart, grows by less than a third of the 72 MB."""
    names = {"train": ("europarl_enfr/train",), "valid": ("europarl_enfr/valid",), "test": TESTS[:1]}
    files.parallel_text(ROOT, EN_FR, names, limit=20_000)
    before = _own_memory()
    corpus = files.parallel_text(ROOT, EN_FR, names)
    assert len(corpus["train"]) == 220_000
    assert _own_memory() - before < 20 * 2**20


def _own_memory() -> int:
    """Return the bytes of memory that no file backs."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip(f"no {status} here; peak memory is {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
    return 1024 * int(re.search(r"RssAnon:\s+(\d+)", status.read_text())[1])  # type: ignore[index]


def test_gold_alignments_are_scored_under_teacher_forcing(tmp_path: Path, build) -> None:  # type: ignore[no-untyped-def]
    """A tiny model is read on the gold pairs; sure links and the diagonal's errors are counted by hand."""
    task, settings = Translation(), replace(SETTINGS, test=(GOLD,), vocabulary=300, limit=500)
    corpus = task.open(task.prepare(corpora.parse(f"files:{ROOT}"), settings, tmp_path), settings)
    model = build("search", dtype=torch.float32, source=300, target=300)
    outcome = use(FORCED, model, corpus, "test.part294", TranslationDecoding())
    links = _lines("align")
    sure = [line.count("-") for line in links]
    assert len(outcome.records) == 294
    for metric in ("aer", "aer-diagonal", "aer-shuffled"):
        assert outcome.records[METRICS[metric].columns[3]].tolist() == sure
    assert sum(sure) > 1000
    expected = [_diagonal_hits(line, *sizes) for line, sizes in zip(links, _sizes(), strict=True)]
    assert outcome.records[METRICS["aer-diagonal"].columns[0]].tolist() == expected


def _lines(ending: str) -> list[str]:
    return gzip.decompress((ROOT / f"{GOLD}.{ending}.gz").read_bytes()).decode().splitlines()


def _sizes() -> list[tuple[int, int]]:
    sides = [_lines(language) for language in EN_FR]
    return [(len(source.split()), len(target.split())) for source, target in zip(*sides, strict=True)]


def _diagonal_hits(line: str, source: int, target: int) -> int:
    sure = {tuple(map(int, link.split("-"))) for link in line.split() if "-" in link}
    return len(sure & alignment.diagonal(source, target))


def test_gold_alignments_of_the_other_direction_or_numbering_are_refused() -> None:
    names = {"train": ("europarl_enfr/valid",), "valid": ("europarl_enfr/valid",), "test": (GOLD,)}
    with pytest.raises(
        BadInput, match=r"align.gz line 1: link '2\?0' points past 2 source or 4 target words"
    ):
        files.parallel_text(ROOT, ("fr", "en"), names)
    with pytest.raises(BadInput, match=r"align.gz line 1: link '.*' has a word 0, .* set data.links_from=0"):
        files.parallel_text(ROOT, EN_FR, names, links_from=1)
    third = files.parallel_text(ROOT, EN_FR, names)["test.part294"][2]
    assert (third["source"].split()[1], third["target"].split()[2]) == ("Speaker", "Orateur")
    assert [1, 2] in third["sure"] and [1, 1] in third["possible"]


def test_a_set_that_is_tokenised_already_has_few_unknown_words(tmp_path: Path) -> None:
    """It meets Moses-tokenised training text: more unknown words than in its own validation set, not many."""
    settings = replace(SETTINGS, test=(GOLD,), limit=40_000, vocabulary=30_000)
    folder = Translation().prepare(corpora.parse(f"files:{ROOT}"), settings, tmp_path)
    test = mapped(folder / "test.part294.arrow")
    share = {
        side: np.mean([number == 0 for ids in test[f"{side}_ids"].to_pylist() for number in ids])
        for side in ("source", "target")
    }
    assert 0 < share["source"] < 0.05 and 0 < share["target"] < 0.05, share
    assert json.loads((folder / "about.json").read_text())["examples"]["train"] == 40_000
