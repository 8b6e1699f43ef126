from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
import torch
from rouge_score.rouge_scorer import RougeScorer
from toy_summaries import Table

from attnbench.corpora.text import Vocabulary
from attnbench.settings import ModelSettings, Settings, TrainingSettings
from attnbench.tasks.engine import Corpus, Tuning, Use
from attnbench.tasks.summarization import tuning
from attnbench.tasks.summarization.corpus import Vocabularies, pairs
from attnbench.tasks.summarization.scorers import Abstractive
from attnbench.tasks.summarization.settings import SummarizationData, SummarizationDecoding
from attnbench.tasks.summarization.testing import summaries
from attnbench.tasks.summarization.tuning import DECODINGS, EXAMPLES, NONE, Weights, climbed, recall, tune

WORDS = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
VOCABULARY = Vocabulary(WORDS)
DECODING = SummarizationDecoding(beam=3)


def _corpus(count: int, target: Callable[[list[str]], list[str]]) -> Corpus:
    """Random sources of five to eight words, and what ``target`` makes of them."""
    rng = np.random.default_rng(0)
    sources = [rng.permutation(WORDS)[: rng.integers(5, 9)].tolist() for _ in range(count)]
    targets = [target(source) for source in sources]
    table = {
        "id": [f"valid/{i}" for i in range(count)],
        "source_tokens": list(map(" ".join, sources)),
        "source_words": list(map(" ".join, sources)),
        "target_words": list(map(" ".join, targets)),
        "references": [[" ".join(words)] for words in targets],
        "source_ids": list(map(VOCABULARY.encode, sources)),
        "target_ids": list(map(VOCABULARY.encode, targets)),
    }
    valid = pairs(pa.table(table))
    return Corpus(Vocabularies(VOCABULARY, VOCABULARY), valid, valid, {}, SummarizationData(tokenizer="none"))


def _tuned(corpus: Corpus, seed: int = 0) -> Table:
    model = Table(len(VOCABULARY), seed, NONE)
    settings = Settings(corpus.settings, ModelSettings(), TrainingSettings(), DECODING)
    tune(Tuning(model, corpus, settings, torch.device("cpu")))
    return model


def _recall(model: Table, corpus: Corpus) -> float:
    """Return the mean recall of what the model writes, by the library; no output is longer than 75 bytes."""
    use = Use(model, corpus, corpus.valid, DECODING, Abstractive, False, torch.device("cpu"), lambda _: None)
    scorer, total = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True), 0.0
    for words, (reference,) in zip(summaries(use), corpus.valid["references"], strict=True):
        total += sum(one.recall for one in scorer.score(reference, " ".join(words)).values()) / 3
    return total / len(corpus.valid)


def test_weights_are_those_of_the_best_summaries_that_were_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Targets are the sources' first words in their order, which a random model can only get by features."""
    corpus, seen = _corpus(20, lambda source: source[:4]), []

    def told(outputs: list[str], references: list[list[str]]) -> float:
        seen.append(recall(outputs, references))
        return seen[-1]

    monkeypatch.setattr(tuning, "recall", told)
    plain = _recall(Table(len(VOCABULARY), 0, NONE), corpus)
    model = _tuned(corpus)
    assert seen[0] == pytest.approx(plain)
    assert _recall(model, corpus) == pytest.approx(max(seen)) and max(seen) > plain + 0.2
    assert len(seen) <= DECODINGS
    always, one, two, _, turned = model.extraction.tolist()
    assert always == 1 and one > 0 and two > 0 and turned <= 0
    assert torch.equal(_tuned(corpus).extraction, model.extraction)


def test_weights_that_help_nothing_stay_none() -> None:
    """No word of any target can be written."""
    assert _tuned(_corpus(5, lambda source: ["zulu", "yankee"])).extraction.tolist() == list(NONE)


def test_so_many_examples_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, seen = _corpus(2 * EXAMPLES, lambda source: source[:2]), set()

    def written(use: Use) -> list[list[str]]:
        seen.add(tuple(use.split["id"]))
        assert (use.settings, use.scorer, use.alignments) == (DECODING, Abstractive, False)
        return [["alpha"]] * len(use.split)

    monkeypatch.setattr(tuning, "summaries", written)
    _tuned(corpus)
    (ids,) = seen
    places = [int(name.removeprefix("valid/")) for name in ids]
    assert len(places) == EXAMPLES and (places[0], places[-1]) == (0, 2 * EXAMPLES - 1)
    assert set(np.diff(places).tolist()) == {2, 3}


def test_the_score_by_hand() -> None:
    """The second output has 12 words of 7 letters, of which 9 stand within 75 bytes; the third is empty."""
    letters = "abcdefghijkl"
    twelve = [f"{letter}xxxxx9" for letter in letters]
    outputs = ["alpha delta", " ".join(twelve), ""]
    references = [["alpha bravo"], [" ".join(twelve)], ["alpha"]]
    cut = (9 / 12 + 8 / 11 + 9 / 12) / 3
    assert recall(outputs, references) == pytest.approx(((1 / 2 + 0 + 1 / 2) / 3 + cut + 0) / 3)
    assert recall(["alpha"], [["αβγ"]]) == 0, "a reference that the library cannot read counts nothing"
    assert recall(["alpha", "alpha"], [["αβγ"], ["alpha"]]) == pytest.approx(2 / 3)


def _score(best: Weights) -> tuple[Callable[[Weights], float], list[Weights]]:
    """Return a score that falls with the distance to ``best``, and what was asked."""
    asked: list[Weights] = []

    def score(weights: Weights) -> float:
        asked.append(weights)
        return 1 - sum(abs(a - b) for a, b in zip(weights, best, strict=True)) / 100

    return score, asked


@pytest.mark.parametrize(
    ("peak", "expected"),
    [
        ((1, 0, 0, 0, 0), (1, 0, 0, 0, 0)),
        ((1, 4.9, 1.2, -13.4, -0.6), (1, 5, 1, -13.5, -0.5)),
        ((9, 3, -2, 0.5, 6), (1, 3, -2, 0.5, 0)),
    ],
    ids=["none", "as released", "out of reach"],
)
def test_the_ascent_finds_a_peak_on_its_grid(peak: Weights, expected: Weights) -> None:
    score, asked = _score(peak)
    assert climbed(score) == expected
    assert len(asked) == len(set(asked)) <= DECODINGS and asked[0] == NONE
    assert all(weights[0] == 1 and weights[4] <= 0 for weights in asked)


def test_of_equal_scores_the_one_nearer_to_no_feature_is_kept() -> None:
    """4 is as good as all above 0.5: it is given back for what is as good and less."""
    assert climbed(lambda weights: float(weights[1] > 0.5)) == (1, 1, 0, 0, 0)
    assert climbed(lambda weights: 0.25) == NONE


def test_the_ascent_stops_where_its_decodings_are_spent() -> None:
    """A score that rises for ever: the last of the choices that were tried is the best."""
    asked: list[Weights] = []

    def score(weights: Weights) -> float:
        asked.append(weights)
        return weights[1]

    assert climbed(score) == (1, 4.0 * (DECODINGS - 1), 0, 0, 0)
    assert len(asked) == DECODINGS
