"""Words that hold blanks of Unicode, from the file to the records: what was one word stays one word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import torch
from sacrebleu.metrics.bleu import BLEU
from torch import Tensor, nn
from using import use

from attnbench import corpora
from attnbench.corpora.text import SPECIAL, Vocabulary, tokenizer
from attnbench.errors import BadInput
from attnbench.harness.check import check
from attnbench.scoring import bleu
from attnbench.settings import DecodingSettings
from attnbench.tasks import sentences
from attnbench.tasks.entailment import ARGMAX
from attnbench.tasks.entailment.corpus import words_of
from attnbench.tasks.entailment.engine import Entailment
from attnbench.tasks.entailment.settings import EntailmentData
from attnbench.tasks.translation import BEAM, FORCED
from attnbench.tasks.translation.engine import Translation
from attnbench.tasks.translation.settings import TranslationData, TranslationDecoding
from attnbench.zoo.padded import Padded

OTHERS = (
    "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)
TEXT = f"we saw\t10\u00a0000 red  boats{OTHERS} .\n"
WORDS = ["we", "saw", "10\u00a0000", "red", f"boats{OTHERS}", "."]
SMOKE = TranslationData(languages="en-fr", tokenizer="none", vocabulary=20)


@pytest.fixture
def parallel(tmp_path: Path) -> corpora.Source:
    folder = tmp_path / "text"
    folder.mkdir()
    for name in ("train", "valid", "test"):
        for language in ("en", "fr"):
            (folder / f"{name}.{language}").write_bytes(("\ufeff" + TEXT.replace("\n", "\r\n") * 2).encode())
    (folder / "test.align").write_text("\ufeff" + "0-0 1-1\t2-2 3-3  4-4 5-5\n" * 2)
    return corpora.parse(f"files:{folder}")


@pytest.mark.parametrize("name", ["none", "moses"])
def test_words_are_cut_where_they_were_joined(name: str) -> None:
    cut = tokenizer(name, "en")
    texts = [
        TEXT.rstrip("\n"),
        "",
        " ",
        OTHERS,
        f"a{OTHERS}b c",
        "x . . . y",
        *(f"a{one}b {one}" for one in OTHERS),
    ]
    table = sentences.with_words(pa.table({"source": texts}), {"source": cut})
    assert [sentences.cut(line) for line in table["source_words"].to_pylist()] == [
        cut(text) for text in texts
    ]
    vocabulary = Vocabulary.build(map(cut, texts), 1000)
    ids = sentences.with_ids(table, {"source": vocabulary})["source_ids"].to_pylist()
    assert ids == [vocabulary.encode(cut(text)) for text in texts]
    assert all(0 not in one for one in ids), "no word was unknown"


def test_gold_links_point_at_the_words_that_they_were_counted_on(
    parallel: corpora.Source, tmp_path: Path, build: Callable
) -> None:
    """Six words: the diagonal makes no error. ``str.split`` would find seven, and an error of a half."""
    task = Translation()
    corpus = task.open(task.prepare(parallel, SMOKE, tmp_path / "work"), SMOKE)
    test = corpus.tests["test"]
    assert corpus.features.source.words == (*SPECIAL, *sorted(WORDS))
    assert [sentences.cut(line) for line in test["target_words"]] == [WORDS] * 2
    assert test["source_ids"] == [corpus.features.source.encode(WORDS)] * 2
    model = build("search", dtype=torch.float32, source=8, target=8)
    records = use(FORCED, model, corpus, "test", TranslationDecoding()).records
    assert records["source_length"].tolist() == records["target_length"].tolist() == [6, 6]
    counts = records[[f"aer-diagonal/{one}" for one in ("correct_sure", "links", "sure")]]
    assert counts.to_numpy().tolist() == [[6, 6, 6]] * 2


def test_bleu_is_sacrebleus_own_on_the_text_that_is_written(
    parallel: corpora.Source, tmp_path: Path, build: Callable
) -> None:
    """It cuts at every blank of Unicode, on both sides."""
    task = Translation()
    corpus = task.open(task.prepare(parallel, SMOKE, tmp_path / "work"), SMOKE)
    outcome = use(
        BEAM, build("search", dtype=torch.float32, source=8, target=8), corpus, "test", TranslationDecoding()
    )
    written = [row["output"] for row in outcome.predictions]
    theirs = BLEU(tokenize="none").corpus_score(written, [corpus.tests["test"]["target_words"]])
    records = outcome.records[[f"bleu/{one}" for one in bleu.STATISTICS]]
    assert float(bleu.value(records.to_numpy().sum(axis=0))) == pytest.approx(theirs.score)
    assert records["bleu/reference_words"].tolist() == [len(" ".join(WORDS).split())] * 2


def test_data_check_counts_the_words_that_records_count(parallel: corpora.Source) -> None:
    frame = check("bahdanau2015", f"files:{parallel.location}", {})
    assert frame[frame["split"] == "test"]["1–10"].tolist() == [2, 2] and "11–20" not in frame


def test_text_without_links_is_cut_by_moses_at_every_blank(parallel: corpora.Source, tmp_path: Path) -> None:
    task, settings = Translation(), replace(SMOKE, tokenizer="moses")
    corpus = task.open(task.prepare(parallel, settings, tmp_path / "work"), settings)
    lines = [sentences.cut(line) for line in corpus.train["source_words"]]
    assert lines == [tokenizer("moses", "en")(TEXT.rstrip("\n"))] * 2
    assert lines[0][:6] == ["we", "saw", "10", "000", "red", "boats"]


class Answer(NamedTuple):
    logits: Tensor
    alignment: Tensor


class Pointer(nn.Module):
    """Looks from each hypothesis word at the premise word of the same place."""

    def forward(self, premise: Padded, hypothesis: Padded) -> Answer:
        s, t = premise.mask.shape[1], hypothesis.mask.shape[1]
        logits: Tensor = premise.values.new_zeros(len(premise.mask), 3).float()
        return Answer(logits, torch.eye(t, s).expand(len(logits), t, s))


def test_pairs_keep_their_words_in_features_lengths_and_attention(tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    folder.mkdir()
    row = f"neutral\tWe 10\u00a0000 boats{OTHERS} .\twe  10\u00a0000 boats{OTHERS}\r\n"
    for name in ("train", "valid", "test"):
        (folder / f"{name}.tsv").write_bytes(f"\ufeffgold_label\tsentence1\tsentence2\r\n{row}".encode())
    (tmp_path / "vectors").write_text("\ufeff2 2\r\n10\u00a0000\t1 2\r\nwe 3  4 \r\n")
    task, settings = (
        Entailment(),
        EntailmentData(tokenizer="none", dimension=2, vectors=str(tmp_path / "vectors")),
    )
    corpus = task.open(task.prepare(corpora.parse(f"files:{folder}"), settings, tmp_path / "work"), settings)
    assert corpus.features.vocabulary.words == (*SPECIAL, "10\u00a0000", "we", f"boats{OTHERS}", ".")
    assert corpus.features.fixed[2:].tolist() == [[1, 2], [3, 4]]
    records = use(ARGMAX, Pointer(), corpus, "test", DecodingSettings()).records
    assert (records["premise_length"].tolist(), records["hypothesis_length"].tolist()) == ([4], [3])
    assert (records["copied/hits"].tolist(), records["copied/words"].tolist()) == ([3], [3])


def test_vectors_of_no_word_of_the_corpus_are_refused(tmp_path: Path) -> None:
    for name in ("train", "valid", "test"):
        (tmp_path / f"{name}.tsv").write_text("gold_label\tsentence1\tsentence2\nneutral\tA man\tA Man\n")
    (tmp_path / "vectors").write_text("Man 1 2\nA 3 4\n")
    settings = EntailmentData(tokenizer="none", dimension=2, vectors=str(tmp_path / "vectors"))
    with pytest.raises(
        BadInput, match=r"data.vectors=.*/vectors has none of the corpus' 2 words, but words such as 'A'"
    ):
        Entailment().prepare(corpora.parse(f"files:{tmp_path}"), settings, tmp_path / "work")


def test_short_forms_are_put_back_at_any_blank() -> None:
    assert words_of("moses")("It does\u00a0n't") == words_of("moses")("It does n't") == ["it", "doesn", "'t"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a\t\u00a0\u200b", "--input line 2: 'a\\t\\xa0\\u200b' is not PREMISE<TAB>HYPOTHESIS"),
        ("a\tb\0", "--input line 2 holds a NUL character; delete it"),
        ("a\t\ud800", "--input line 2 holds half of a surrogate pair, which is no character; delete it"),
        (None, "--input line 2 is null; it must be a text"),
    ],
)
def test_new_pairs_come_in_by_the_same_door(line: str, says: str) -> None:
    nothing: Any = None  # no corpus is looked at before the lines are
    lines = ["a\tb", line]
    with pytest.raises(BadInput) as caught:
        next(Entailment().predict(nothing, nothing, lines, DecodingSettings(), torch.device("cpu")))
    assert str(caught.value) == says
