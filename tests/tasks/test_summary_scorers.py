from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch
from toy_summaries import Table, batch, features, found, used

from attnbench.corpora.text import END, UNKNOWN
from attnbench.tasks.summarization.scorers import Abstractive, Extraction, Extractive

V = 7
"""Target words: five besides the unknown word and the end symbol."""
SHARED = [UNKNOWN, UNKNOWN, 2, 3, 4, 5, 6, UNKNOWN]
"""Source words have the target's numbers; the last one is the source's alone."""
WORDS = range(2, V)
WEIGHTS = [0.8, 2.5, 0.75, -1.5, -0.5]


def _total(model: Table, source: Sequence[int], words: Sequence[int], weights: Sequence[float] = ()) -> float:
    """Return the sum of the words' scores: log-probabilities, or weighted sums of the features."""
    total, read = 0.0, [SHARED[word] for word in source]
    for i, word in enumerate(words):
        values = [model.costs(source, words[:i])[word], *features(read, words[:i], word)]
        total += sum(w * f for w, f in zip(weights, values, strict=True)) if weights else values[0]
    return total


def _outputs(words: Sequence[int], length: int, repeats: bool) -> Iterator[list[int]]:
    every = itertools.product(words, repeat=length) if repeats else itertools.permutations(words, length)
    return map(list, every)


@pytest.mark.parametrize("weights", [(), WEIGHTS], ids=["plain", "features"])
@pytest.mark.parametrize("repeats", [False, True], ids=["once", "repeats"])
@pytest.mark.parametrize("scorer", [Abstractive, Extractive])
def test_a_wide_beam_finds_the_best_of_all_summaries_of_a_length(
    scorer: Any, repeats: bool, weights: list[float]
) -> None:
    sources, best = [[3, 4, 7, 2, 3], [6, 5, 2]], set()
    for seed in range(4):
        model = Table(V, seed, weights or None)
        use = used(model, V, SHARED, scorer, beam=130, repeats=repeats, recombine=False)
        for source, hypothesis in zip(sources, found(use, sources, 3), strict=True):
            words = sorted(set(source) - {7}) if scorer is Extractive else WORDS
            scores = {tuple(out): _total(model, source, out, weights) for out in _outputs(words, 3, repeats)}
            expected = max(scores, key=scores.__getitem__)
            assert tuple(hypothesis.tokens) == expected
            assert hypothesis.score == pytest.approx(scores[expected], abs=1e-4)
            best.add(expected)
    assert len(best) > 4


def _viterbi(model: Table, source: Sequence[int], length: int) -> tuple[float, list[int]]:
    """Return the best summary in which words repeat: of those with the same last two words one goes on."""
    ends: dict[tuple[int, ...], tuple[float, list[int]]] = {(): (0.0, [])}
    for _ in range(length):
        longer: dict[tuple[int, ...], tuple[float, list[int]]] = {}
        for score, written in ends.values():
            costs = model.costs(source, written)
            for word in WORDS:
                one = (score + costs[word], [*written, word])
                key = tuple(one[1][-2:])
                longer[key] = max(longer.get(key, one), one)
        ends = longer
    return max(ends.values())


def test_with_recombination_a_beam_of_all_contexts_is_exact() -> None:
    """Five words, two of context: 25 hypotheses stand for the 15,625 summaries of six words."""
    for seed in range(8):
        model = Table(V, seed)
        score, words = _viterbi(model, [3, 2], 6)
        (merged,) = found(used(model, V, SHARED, beam=25, repeats=True), [[3, 2]], 6)
        assert merged.tokens == words
        assert merged.score == pytest.approx(score, abs=1e-4)


def test_of_hypotheses_with_the_same_last_words_the_better_lives() -> None:
    """Two hypotheses end in 3 4: the beam of two keeps the better one, and beside it a third."""

    class Made(Table):
        def step(self, encoded: Any, state: Any, tokens: Any) -> Any:
            step = 0 if tokens is None else int(state[0, 0, 1] != END) + 1
            _, _, state = super().step(encoded, state, tokens)
            rows = [{2: 0.5, 5: 0.4}, {3: 0.9}, {4: 0.8, 6: 0.1}]
            logits = torch.full((1, state.shape[1], V), -20.0)
            for word, probability in rows[min(step, 2)].items():
                logits[:, :, word] = math.log(probability)
            seen.append(state[0].tolist())
            return logits, None, state

    for recombine, expected in ((False, [[3, 4], [3, 4]]), (True, [[3, 4], [3, 6]])):
        seen: list[list[list[int]]] = []
        (best,) = found(used(Made(V), V, SHARED, beam=2, recombine=recombine), [[2]], 4)
        assert best.tokens[:3] == [2, 3, 4]
        assert seen[3] == expected


def test_the_last_words_are_as_many_as_the_model_reads() -> None:
    tokens = torch.tensor([[[5, 2, 3, 4], [6, 2, 3, 4]]])
    model = Table(V)
    scorer = Abstractive(batch([[2]]), used(model, V, SHARED), 5)
    assert scorer.same(tokens).tolist() == [[[3, 4], [3, 4]]]
    assert scorer.same(tokens[:, :, :1]).tolist() == [[[5], [6]]]
    for changed in ({"recombine": False}, {"beam": 1}):
        assert Abstractive(batch([[2]]), used(model, V, SHARED, **changed), 5).same(tokens) is None


@pytest.mark.parametrize("beam", [1, 2, 5])
def test_every_summary_has_the_length_that_is_asked_for(beam: int) -> None:
    sources = [[3, 4, 2, 5], [5, 2, 7, 6, 4, 3], [2]]
    for seed in range(3):
        for repeats in (False, True):
            use = used(Table(V, seed), V, SHARED, beam=beam, repeats=repeats)
            for length in (1, 3, 5):
                for source, hypothesis in zip(sources, found(use, sources, length), strict=True):
                    tokens = hypothesis.tokens
                    assert len(tokens) == length and not {UNKNOWN, END} & set(tokens)
                    assert repeats or len(set(tokens)) == length
                    assert hypothesis.score == pytest.approx(_total(use.model, source, tokens), abs=1e-4)


@pytest.mark.parametrize("weights", [(), WEIGHTS], ids=["plain", "features"])
def test_short_inputs_end_where_they_have_no_word_left(weights: list[float]) -> None:
    """Among longer ones; the end costs nothing, and the best order of the words is found."""
    sources = [[3, 4, 2, 5], [7, 3, 3, 6, 2], [7], [4]]
    for seed in range(3):
        model = Table(V, seed, weights or None)
        hypotheses = found(used(model, V, SHARED, Extractive, beam=24, recombine=False), sources, 4)
        assert [len(hypothesis.tokens) for hypothesis in hypotheses] == [4, 3, 0, 1]
        for source, hypothesis in zip(sources, hypotheses, strict=True):
            orders = _outputs(sorted(set(source) - {7}), len(hypothesis.tokens), False)
            best = max(_total(model, source, order, weights) for order in orders)
            assert hypothesis.score == pytest.approx(best, abs=1e-4)
            assert _total(model, source, hypothesis.tokens, weights) == pytest.approx(best, abs=1e-4)
        use = used(model, V, SHARED, Extractive, beam=3, repeats=True)
        lengths = [len(hypothesis.tokens) for hypothesis in found(use, sources, 4)]
        assert lengths == [4, 4, 0, 4], "a word may be written again, so only no word at all ends it"
    assert hypotheses[2].score == 0


@pytest.mark.parametrize("beam", [1, 4])
def test_an_abstractive_summary_ends_where_the_vocabulary_does(beam: int) -> None:
    (hypothesis,) = found(used(Table(V), V, SHARED, beam=beam), [[3]], 9)
    assert sorted(hypothesis.tokens) == list(WORDS)


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("scorer", [Abstractive, Extractive])
def test_an_extractive_summary_is_written_with_words_of_its_own_input(scorer: Any, beam: int) -> None:
    sources = [[3, 7, 4], [5, 2, 6, 2, 5, 7], [2, 3], [7, 7, 6, 4, 5]]
    foreign = 0
    for seed in range(4):
        hypotheses = found(used(Table(V, seed), V, SHARED, scorer, beam=beam), sources, 2)
        foreign += sum(
            len(set(one.tokens) - set(source)) for source, one in zip(sources, hypotheses, strict=True)
        )
    assert foreign == 0 if scorer is Extractive else foreign > 4


@pytest.mark.parametrize("scorer", [Abstractive, Extractive])
def test_a_model_that_ends_its_summaries_itself_pays_for_the_end(scorer: Any) -> None:
    """All summaries of one to three words, closed by the end symbol unless cut, among longer and shorter."""
    sources, lengths = [[3, 4, 7, 2], [6, 5, 2]], set()
    for seed in range(8):
        model = Table(V, seed)
        model.table[:, :, END] -= 1
        use = used(model, V, SHARED, scorer, beam=200, recombine=False, ending="model")
        hypotheses = found(use, sources, 3)
        for source, hypothesis in zip(sources, hypotheses, strict=True):
            words = sorted(set(source) - {7}) if scorer is Extractive else WORDS
            outputs = [[*out, *[END][: 3 - n]] for n in (1, 2, 3) for out in _outputs(words, n, False)]
            expected = max(outputs, key=lambda output: _total(model, source, output))
            assert hypothesis.tokens == [word for word in expected if word != END]
            assert hypothesis.score == pytest.approx(_total(model, source, expected), abs=1e-4)
            lengths.add(len(hypothesis.tokens))
            alone = found(use, [source], 3)[0]
            assert alone.tokens == hypothesis.tokens
    assert lengths == {1, 2, 3}
    (nothing,) = found(used(model, V, SHARED, Extractive, ending="model"), [[7, 7]], 3)
    assert (nothing.tokens, nothing.score) == ([], 0)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "features"])
@pytest.mark.parametrize("scorer", [Abstractive, Extractive])
def test_summaries_that_end_at_different_steps_are_each_scored_by_their_own_input(
    scorer: Any, weights: Any
) -> None:
    sources, lengths = [[3, 4, 2], [5, 6, 7, 2, 4], [6], [2, 5, 3, 4]], set()
    for seed in range(6):
        model = Table(V, seed, weights)
        model.table[:, :, END] += 2
        use = used(model, V, SHARED, scorer, beam=1, ending="model")
        together = found(use, sources, 4)
        lengths |= {tuple(len(hypothesis.tokens) for hypothesis in together)}
        for source, hypothesis in zip(sources, together, strict=True):
            alone = found(use, [source], 4)[0]
            assert alone.tokens == hypothesis.tokens
            assert alone.score == pytest.approx(hypothesis.score)
    assert any(one[0] < max(one[1:]) for one in lengths), "the first one leaves and another goes on"


def test_features_equal_the_paper_s_definitions() -> None:
    """Every word after random ones, in inputs with words twice, words of their own, and padding."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randint(1, 8, (20, 9), generator=generator).clamp(min=2).tolist()
    sources = [source[: 1 + n % 9] for n, source in enumerate(drawn)]
    words = batch([[SHARED[word] for word in source] for source in sources])
    numbers = words.source.values.masked_fill(~words.source.mask, UNKNOWN)
    seen = torch.zeros(4)
    for written in range(5):
        tokens = torch.randint(2, V, (20, 3, written), generator=generator)
        scores = torch.randn(20, 3, V, generator=generator)
        rows = torch.randperm(20, generator=generator)
        made = scores.clone()
        Extraction(numbers, WEIGHTS).add_(made, tokens, rows)
        for i, row in enumerate(rows.tolist()):
            source = [SHARED[word] for word in sources[row]]
            for k, word in itertools.product(range(3), range(1, V)):
                values = features(source, tokens[i, k].tolist(), word)
                seen += torch.tensor(values)
                wanted = WEIGHTS[0] * float(scores[i, k, word])
                wanted += sum(w * f for w, f in zip(WEIGHTS[1:], values, strict=True))
                assert float(made[i, k, word]) == pytest.approx(wanted, abs=1e-5)
    assert (seen > 10).all()


def test_features_by_hand() -> None:
    """The input is 2 3 4 0 5 2; 4 3 are written."""
    assert features([2, 3, 4, 0, 5, 2], [3, 4], 5) == [1, 0, 0, 0]
    assert features([2, 3, 4, 0, 5, 2], [2, 3], 4) == [1, 1, 1, 0]
    made = torch.zeros(1, 1, V)
    Extraction(torch.tensor([[2, 3, 4, 0, 5, 2]]), [1.0, 1.0, 10.0, 100.0, 1000.0]).add_(
        made, torch.tensor([[[4, 3]]]), torch.tensor([0])
    )
    assert made[0, 0, 1:].tolist() == [0, 1001, 1, 11, 1, 0]


@pytest.mark.parametrize("scorer", [Abstractive, Extractive])
@pytest.mark.parametrize("beam", [1, 4])
def test_weights_of_no_feature_change_no_bit(scorer: Any, beam: int) -> None:
    sources = [[3, 4, 2, 5], [7, 3, 3, 6, 2], [4]]
    for seed in range(3):
        plain, none, some = [
            found(used(Table(V, seed, weights), V, SHARED, scorer, beam=beam), sources, 3)
            for weights in (None, [1.0, 0.0, 0.0, 0.0, 0.0], WEIGHTS)
        ]
        assert plain == none
        assert plain != some


def test_features_of_a_long_input_take_no_more_than_its_length() -> None:
    words = torch.arange(2, 5002).roll(7).unsqueeze(0)
    extraction = Extraction(words, WEIGHTS)
    kept = sum(one.numel() for one in vars(extraction).values() if isinstance(one, torch.Tensor))
    assert kept <= 8 * words.numel()


def test_a_score_that_is_no_number_stays_one() -> None:
    scores = torch.full((1, 1, V), math.nan)
    scorer = Extractive(batch([[2, 3]]), used(Table(V), V, SHARED), 2)
    written = scorer.score(scores, torch.zeros(1, 1, 0, dtype=torch.long), torch.tensor([0]))
    assert written[0, 0, 2:4].isnan().all()
