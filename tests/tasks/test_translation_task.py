from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import reference
import torch
from torch import Tensor
from using import use

from attnbench import corpora
from attnbench.corpora.text import END, UNKNOWN, Vocabulary
from attnbench.paper import Decoding
from attnbench.scoring import alignment, bleu
from attnbench.settings import TrainingSettings
from attnbench.tasks.engine import Corpus
from attnbench.tasks.split import Split
from attnbench.tasks.translation import BEAM, BEAM_KNOWN, FORCED, GREEDY
from attnbench.tasks.translation.corpus import Vocabularies
from attnbench.tasks.translation.corpus import pairs as pairs_of
from attnbench.tasks.translation.engine import Translation
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationData, TranslationDecoding
from attnbench.training import Training
from attnbench.zoo.encoder_decoder import EncoderDecoder
from reproductions.bahdanau2015.settings import BahdanauModel
from reproductions.bahdanau2015.systems import rnnencdec, rnnsearch

Build = Callable[..., EncoderDecoder]

CPU = torch.device("cpu")
WORDS = Vocabulary(["a", "b", "c", "d", "e"])
VOCABULARIES = Vocabularies(WORDS, WORDS)

both = pytest.mark.parametrize("kind", ["search", "encdec"])


def _pairs(count: int, seed: int = 0, gold: bool = False) -> Split:
    """Random sentences of 1 to 6 words."""
    rng = np.random.default_rng(seed)
    sides = {
        side: [rng.integers(2, 7, rng.integers(1, 7)).tolist() for _ in range(count)] for side in ("s", "t")
    }
    columns: dict[str, list[object]] = {"id": [f"test/{i}" for i in range(count)]}
    for name, side in (("source", "s"), ("target", "t")):
        columns[f"{name}_ids"] = sides[side]
        columns[f"{name}_words"] = [" ".join(WORDS.decode(ids)) for ids in sides[side]]
    columns["reference"] = columns["target_words"]
    if gold:
        columns["sure"] = columns["possible"] = [[[0, 0]] for _ in range(count)]
    return pairs_of(pa.table(columns))


def _corpus(pairs: Split) -> Corpus:
    return Corpus(VOCABULARIES, pairs, pairs, {"test": pairs}, TranslationData(tokenizer="none"))


def _model(build: Build, kind: str, seed: int = 0) -> EncoderDecoder:
    """A random model that ends its outputs at different steps."""
    model = build(kind, seed=seed, dtype=torch.float32, source=7, target=7)
    model.output.weight.data *= 3
    return model


@both
def test_the_loss_is_the_sum_over_sentences(kind: str, build: Build) -> None:
    pairs, model = _pairs(7), build(kind, source=7, target=7)
    loss = Translation().loss(model, pairs.batch(np.arange(7), CPU))
    literal = sum(
        float(reference.loss(model, [*source, END], [*target, END]).detach())
        for source, target in zip(pairs["source_ids"], pairs["target_ids"], strict=True)
    )
    assert loss.nll.item() == pytest.approx(literal, rel=1e-6)
    assert loss.targets == sum(len(ids) + 1 for ids in pairs["target_ids"])
    assert loss.examples == 7


@both
@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_forced_reading_gives_each_sentence_its_loss(kind: str, batch_size: int, build: Build) -> None:
    pairs, model = _pairs(9), _model(build, kind)
    ticks: list[int] = []
    settings = TranslationDecoding(batch_size=batch_size)
    records = use(FORCED, model, _corpus(pairs), "test", settings, ticks.append).records
    for i, (source, target) in enumerate(zip(pairs["source_ids"], pairs["target_ids"], strict=True)):
        alone = float(reference.loss(model, [*source, END], [*target, END]).detach())
        assert records["nll/nats"][i] == pytest.approx(alone, rel=1e-5)
    assert list(records["nll/words"]) == [len(ids) + 1 for ids in pairs["target_ids"]]
    assert list(records["source_length"]) == [len(ids) for ids in pairs["source_ids"]]
    assert list(records["target_length"]) == [len(ids) for ids in pairs["target_ids"]]
    assert list(records["id"]) == pairs["id"] and sum(ticks) == 9
    assert not any(column.startswith("aer") for column in records)


@both
def test_records_sum_to_the_loss_and_perplexity_is_its_exponential(kind: str, build: Build) -> None:
    pairs, model, task = _pairs(9), _model(build, kind), Translation()
    outcome = use(FORCED, model, _corpus(pairs), "test", TranslationDecoding(batch_size=4))
    loss = task.loss(model, pairs.batch(np.arange(9), CPU))
    totals = outcome.records[list(METRICS["perplexity"].columns)].to_numpy().sum(axis=0)
    mean = loss.nll.item() / loss.targets
    assert totals.tolist() == pytest.approx([loss.nll.item(), loss.targets, 9], rel=1e-5)
    assert float(METRICS["perplexity"].value(totals)) == pytest.approx(math.exp(mean), rel=1e-5)
    assert float(METRICS["nll"].value(totals)) == pytest.approx(loss.nll.item() / 9, rel=1e-5)


def test_gold_alignments_are_scored_by_the_references_weights(build: Build) -> None:
    pairs, model = _pairs(6, gold=True), _model(build, "search")
    settings = TranslationDecoding(batch_size=2)
    records = use(FORCED, model, _corpus(pairs), "test", settings).records
    for i, (source, target) in enumerate(zip(pairs["source_ids"], pairs["target_ids"], strict=True)):
        _, weights = reference.forced(model, [*source, END], [*target, END])
        assert weights is not None and weights.shape == (len(target) + 1, len(source) + 1)
        links = alignment.hard(weights[:-1].detach().numpy(), len(source))
        expected = alignment.statistics(links, {(0, 0)}, {(0, 0)})
        assert records[list(METRICS["aer"].columns)].to_numpy()[i].tolist() == list(expected)
    assert records[METRICS["aer"].columns[2]].sum() > 6
    settings = TranslationDecoding(batch_size=2)
    encdec = use(FORCED, _model(build, "encdec"), _corpus(pairs), "test", settings).records
    assert not any(column.startswith("aer") for column in encdec)


@both
@pytest.mark.parametrize("decoding", [GREEDY, BEAM])
def test_batch_size_changes_no_translation(kind: str, decoding: Decoding, build: Build) -> None:
    pairs, model = _pairs(9), _model(build, kind)
    settings = [TranslationDecoding(beam=3, batch_size=size) for size in (1, 4, 64)]
    outcomes = [use(decoding, model, _corpus(pairs), "test", one) for one in settings]
    first = outcomes[0]
    assert len({len(row["output"].split()) for row in first.predictions}) > 2
    for other in outcomes[1:]:
        assert [row["output"] for row in other.predictions] == [row["output"] for row in first.predictions]
        assert other.records.equals(first.records)
        for name, weights in first.alignments.items():
            torch.testing.assert_close(other.alignments[name], weights, atol=1e-6, rtol=0)


@both
def test_translations_are_greedy_and_scored_against_their_own_references(kind: str, build: Build) -> None:
    pairs, model = _pairs(6), _model(build, kind)
    aligned = replace(GREEDY, alignments=True)
    outcome = use(aligned, model, _corpus(pairs), "test", TranslationDecoding(beam=4))
    assert use(GREEDY, model, _corpus(pairs), "test", TranslationDecoding(beam=4)).alignments == {}
    columns = list(METRICS["bleu"].columns)
    for i, source in enumerate(pairs["source_ids"]):
        words, _ = reference.greedy(model, [*source, END], END, limit=3 * (len(source) + 1))
        output = " ".join(WORDS.decode(words))
        assert outcome.predictions[i]["output"] == output and outcome.predictions[i]["id"] == f"test/{i}"
        own = bleu.statistics([output], [[pairs["target_words"][i]]], "none")[0]
        assert outcome.records[columns].to_numpy()[i].tolist() == own.tolist()
        if kind == "search":
            _, weights = reference.forced(model, [*source, END], [*words, END])
            assert weights is not None
            ours = outcome.alignments[f"test/{i}"]
            torch.testing.assert_close(ours, weights[:-1].detach(), atol=1e-5, rtol=0)
    assert (outcome.alignments == {}) == (kind == "encdec")


@both
def test_evaluation_is_the_mean_loss_and_the_score_of_greedy_search(kind: str, build: Build) -> None:
    pairs, model, task = _pairs(70), _model(build, kind), Translation()
    nll, score = task.evaluate(model, _corpus(pairs), CPU)
    loss = task.loss(model, pairs.batch(np.arange(70), CPU))
    assert nll == pytest.approx(loss.nll.item() / loss.targets, rel=1e-5)
    greedy = use(GREEDY, model, _corpus(pairs), "test", TranslationDecoding(normalise=False))
    total = greedy.records[list(METRICS["bleu"].columns)].to_numpy().sum(axis=0)
    assert score == pytest.approx(float(METRICS["bleu"].value(total)), abs=1e-9)


@both
def test_new_lines_are_translated_in_order(kind: str, build: Build) -> None:
    pairs, model, task = _pairs(5), _model(build, kind), Translation()
    settings = TranslationDecoding(beam=2, batch_size=2)
    lines = [*pairs["source_words"], "a zebra"]
    found = list(task.predict(model, _corpus(pairs), lines, settings, CPU))
    outcome = use(BEAM, model, _corpus(pairs), "test", settings)
    assert found[:5] == [row["output"] for row in outcome.predictions]
    assert len(found) == 6
    assert found[5:] == list(task.predict(model, _corpus(pairs), ["a <unk>"], settings, CPU))


# --- controls of attention ---


def _weights(model: EncoderDecoder, pairs: Split) -> list[np.ndarray]:
    """Return the references' weights (target words, source words and end symbol), from literal equations."""
    found = []
    for source, target in zip(pairs["source_ids"], pairs["target_ids"], strict=True):
        _, weights = reference.forced(model, [*source, END], [*target, END])
        assert weights is not None
        found.append(weights[:-1].detach().numpy())
    return found


def _near(weights: np.ndarray) -> float:
    """Return the weight within three words of the scaled diagonal, word by word."""
    targets, sources = weights.shape[0], weights.shape[1] - 1
    total = 0.0
    for t in range(targets):
        middle = (t + 0.5) * sources / targets - 0.5
        total += sum(float(weights[t, s]) for s in range(sources) if middle - 3 <= s <= middle + 3)
    return total


@pytest.mark.parametrize("gold", [False, True])
def test_weight_near_the_diagonal_is_recorded_for_what_attends(gold: bool, build: Build) -> None:
    pairs, model = _pairs(8, gold=gold), _model(build, "search")
    settings = TranslationDecoding(batch_size=3)
    records = use(FORCED, model, _corpus(pairs), "test", settings).records
    own, uniform = (METRICS[name].columns for name in ("diagonal-mass", "diagonal-mass-uniform"))
    weights = _weights(model, pairs)
    assert list(records[own[0]]) == pytest.approx([_near(one) for one in weights], abs=1e-5)
    expected = [_near(np.full_like(one, 1 / one.shape[1])) for one in weights]
    assert list(records[uniform[0]]) == pytest.approx(expected, abs=1e-5)
    for _, words in (own, uniform):
        assert list(records[words]) == [len(ids) for ids in pairs["target_ids"]]
    encdec = use(FORCED, _model(build, "encdec"), _corpus(pairs), "test", settings).records
    assert not any(column.startswith("diagonal-mass") for column in encdec)
    beam = use(BEAM, model, _corpus(pairs), "test", settings).records
    assert not any(column.startswith("diagonal-mass") for column in beam)


def test_each_control_of_the_error_rate_has_draws_of_its_own(build: Build) -> None:
    pairs, model = _pairs(12, gold=True), _model(build, "search")
    settings = TranslationDecoding(batch_size=5)
    records = use(FORCED, model, _corpus(pairs), "test", settings).records
    rows, places = np.random.default_rng(0), np.random.default_rng(1)
    for i, weights in enumerate(_weights(model, pairs)):
        targets, sources = weights.shape[0], weights.shape[1] - 1
        links = {
            "aer": alignment.hard(weights, sources),
            "aer-diagonal": alignment.diagonal(sources, targets),
            "aer-shuffled": alignment.hard(rows.permutation(weights, axis=0), sources),
            "aer-uniform": alignment.uniform(sources, targets, places),
        }
        for name, found in links.items():
            expected = alignment.statistics(found, {(0, 0)}, {(0, 0)})
            assert records[list(METRICS[name].columns)].to_numpy()[i].tolist() == list(expected), name


# --- sentences without unknown words ---

KNOWN_TRAIN = [("a b c", "x y"), ("b a", "y x x"), ("c", "x")]


def _opened(tmp_path: Path, tests: dict[str, list[tuple[str, str]]]) -> Corpus:
    """Return a corpus whose words are a, b, c and x, y; all others are unknown."""
    for name, rows in {"train": KNOWN_TRAIN, "valid": KNOWN_TRAIN, **tests}.items():
        for side, language in enumerate(("en", "fr")):
            (tmp_path / f"{name}.{language}").write_text("".join(row[side] + "\n" for row in rows))
    settings = TranslationData(tokenizer="none", test=tuple(tests))
    task = Translation()
    source = corpora.parse(f"files:{tmp_path}")
    return task.open(task.prepare(source, settings, tmp_path / "work"), settings)


MIXED = [("a b", "x"), ("a q", "x"), ("b", "y q"), ("q", "q"), ("c c c", "y y")]


def test_nounk_holds_exactly_the_pairs_without_unknown_words(tmp_path: Path) -> None:
    corpus = _opened(tmp_path, {"test": MIXED, "other": [("b", "x"), ("q", "x")]})
    assert list(corpus.tests) == ["test", "other", "nounk"]
    main, known = corpus.tests["test"], corpus.tests["nounk"]
    assert known["source_words"] == ["a b", "c c c"]
    assert known["target_words"] == ["x", "y y"]
    assert known["id"] == [main["id"][0], main["id"][4]]
    assert all(UNKNOWN not in ids for ids in [*known["source_ids"], *known["target_ids"]])
    assert corpus.tests["nounk"].sizes("source").tolist() == [3, 4]


def test_nounk_is_of_the_first_test_set_where_none_is_called_test(tmp_path: Path) -> None:
    corpus = _opened(tmp_path, {"one": [("q", "x"), ("b", "y")], "two": MIXED})
    assert corpus.tests["nounk"]["source_words"] == ["b"]


@pytest.mark.parametrize("rows", [[MIXED[0], MIXED[4]], [MIXED[1], MIXED[2], MIXED[3]]], ids=["all", "none"])
def test_nounk_is_absent_where_all_or_no_pairs_are_known(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    corpus = _opened(tmp_path, {"test": rows})
    assert list(corpus.tests) == ["test"]
    assert BEAM_KNOWN.on(corpus.tests, corpus.constructed) == []
    assert BEAM.on(corpus.tests, corpus.constructed) == ["test"]


def test_only_the_search_without_unknown_words_reads_them(tmp_path: Path) -> None:
    corpus = _opened(tmp_path, {"test": MIXED, "other": MIXED})
    assert BEAM_KNOWN.on(corpus.tests, corpus.constructed) == ["nounk"]
    for decoding in (BEAM, GREEDY, FORCED):
        assert decoding.on(corpus.tests, corpus.constructed) == ["test", "other"]


@both
def test_the_unknown_word_is_barred_there_alone(kind: str, build: Build) -> None:
    pairs, model = _pairs(9), _model(build, kind)
    with torch.no_grad():
        model.output.bias[UNKNOWN] += 4
    settings = TranslationDecoding(beam=3, normalise=False)
    free, barred = (use(one, model, _corpus(pairs), "test", settings) for one in (BEAM, BEAM_KNOWN))
    unknown = WORDS.decode([UNKNOWN])[0]
    assert any(unknown in row["output"].split() for row in free.predictions)
    assert not any(unknown in row["output"].split() for row in barred.predictions)
    assert any(row["output"] for row in barred.predictions)
    for row, source in zip(barred.predictions, pairs["source_ids"], strict=True):
        words = WORDS.encode(row["output"].split())
        limit = 3 * (len(source) + 1)
        written = words if len(words) == limit else [*words, END]
        logits = reference.forced(model, [*source, END], written)[0].detach()
        total = sum(float(reference.log_probability(logits[i], word)) for i, word in enumerate(written))
        assert row["score"] == pytest.approx(total, abs=1e-4), "the unknown word keeps its probability"


# --- learning ---

SIZES = BahdanauModel(embedding=24, hidden=32, alignment=24, maxout=24, initialisation="fan-in")
ONE_BATCH = TrainingSettings(
    updates=80, batch_size=8, bucket_batches=1, learning_rate=0.01, evaluations=1, checkpoint_seconds=1e9
)


def _memorise(
    builder: Callable[..., EncoderDecoder], seed: int, folder: Path, pairs: Split
) -> EncoderDecoder:
    torch.manual_seed(seed)
    model = builder(SIZES, VOCABULARIES)
    training = Training(
        model, Translation(), _corpus(pairs), ONE_BATCH, seed=seed, device=CPU, folder=folder, key="0" * 12
    )
    training.run(lambda *_: None)
    return model


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("builder", [rnnsearch, rnnencdec])
def test_one_batch_is_memorised(builder: Callable[..., EncoderDecoder], seed: int, tmp_path: Path) -> None:
    """8 pairs, 80 updates: under 0.05 nats a word (chance is 1.9), and greedy search gives them."""
    pairs = _pairs(8, seed=seed)
    model = _memorise(builder, seed, tmp_path / "c", pairs)
    with torch.no_grad():
        loss = Translation().loss(model, pairs.batch(np.arange(8), CPU))
    assert loss.nll.item() / loss.targets < 0.05
    outcome = use(GREEDY, model, _corpus(pairs), "test", TranslationDecoding())
    assert [row["output"] for row in outcome.predictions] == pairs["target_words"]


@pytest.mark.parametrize("builder", [rnnsearch, rnnencdec])
def test_a_resumed_training_equals_a_straight_one(
    builder: Callable[..., EncoderDecoder], tmp_path: Path
) -> None:
    pairs = _pairs(30)
    settings = TrainingSettings(
        updates=12, batch_size=4, bucket_batches=3, evaluations=3, checkpoint_seconds=0.0
    )

    def training(folder: str) -> Training:
        torch.manual_seed(0)
        return Training(
            builder(SIZES, VOCABULARIES), Translation(), _corpus(pairs), settings,
            seed=0, device=CPU, folder=tmp_path / folder, key="0" * 12,
        )  # fmt: skip

    def kill(update: int, loss: float) -> None:
        if update == 8:
            raise KeyboardInterrupt

    straight = training("straight")
    expected = straight.run(lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        training("killed").run(kill)
    resumed = training("killed")
    assert resumed.progress.update == 4
    assert resumed.run(lambda *_: None).history == expected.history
    weights: dict[str, Tensor] = straight.model.state_dict()
    assert all(torch.equal(tensor, weights[name]) for name, tensor in resumed.model.state_dict().items())
