from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import pytest
import reference
import torch
from torch import Tensor

from attnbench.decoding import Hypothesis, Scorer, _Live, _live_on, beam_search, parents, rows
from attnbench.errors import RunFailed
from attnbench.settings import SearchSettings
from attnbench.zoo.attention import Memory
from attnbench.zoo.encoder_decoder import Encoded, EncoderDecoder
from attnbench.zoo.padded import Padded

Build = Callable[..., EncoderDecoder]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

END = 1
SOURCES = [[3, 1], [4, 2, 5, 1], [8, 1], [5, 5, 2, 6, 0, 1], [7, 3, 1]]


@pytest.fixture(scope="module")
def ending(build: Build) -> Build:
    """Build models that end some outputs early and others never."""

    def make(kind: str, seed: int, target: int = 7) -> EncoderDecoder:
        model = build(kind, seed=seed, target=target)
        model.output.weight.data *= 3
        model.output.bias.data[END] += 1.5
        return model

    return make


both = pytest.mark.parametrize("kind", ["search", "encdec"])


def _search(
    model: EncoderDecoder,
    pad: Pad,
    sources: Sequence[Sequence[int]],
    scorer: Scorer | None = None,
    ratio: float = 3.0,
    **settings: object,
) -> list[Hypothesis]:
    padded, chosen = pad(sources), SearchSettings(**settings)  # type: ignore[arg-type]
    limits = (padded.mask.sum(dim=1) * ratio).long()
    return beam_search(model, model.encode(padded), limits, chosen, end=END, scorer=scorer)


class Barred:
    """Some tokens are never written."""

    def __init__(self, *tokens: int) -> None:
        self.tokens = torch.tensor(tokens)

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        return scores.index_fill(-1, self.tokens, -torch.inf)

    def same(self, tokens: Tensor) -> Tensor | None:
        return None


def _log_probability(model: EncoderDecoder, pad: Pad, source: Sequence[int], words: Sequence[int]) -> float:
    """Return the sum over the words, from one ``decode``."""
    decoded = model.decode(model.encode(pad([source])), torch.tensor([list(words)]))
    scores = model.logits(decoded.readout)[0].log_softmax(dim=-1)
    return sum(float(scores[i, word].detach()) for i, word in enumerate(words))


@both
def test_a_beam_of_one_is_greedy(kind: str, ending: Build, pad: Pad) -> None:
    lengths = set()
    for seed in range(5):
        model = ending(kind, seed=seed)
        found = _search(model, pad, SOURCES, beam=1, normalise=False, ratio=2.0)
        for source, hypothesis in zip(SOURCES, found, strict=True):
            words, score = reference.greedy(model, source, END, limit=2 * len(source))
            assert hypothesis.tokens == words
            assert hypothesis.score == pytest.approx(score, abs=1e-5)
            lengths.add((len(words), len(words) < 2 * len(source)))
    assert len(lengths) > 4 and {ended for _, ended in lengths} == {True, False}


def _every_output(words: int, limit: int) -> list[list[int]]:
    """Return all outputs of up to ``limit`` tokens: closed by the end symbol, or cut at the limit."""
    others = [word for word in range(words) if word != END]
    closed = [[*start, END] for n in range(limit) for start in itertools.product(others, repeat=n)]
    return closed + [list(cut) for cut in itertools.product(others, repeat=limit)]


@both
@pytest.mark.parametrize("normalise", [False, True])
def test_a_wide_beam_finds_the_best_of_all_outputs(
    kind: str, normalise: bool, ending: Build, pad: Pad
) -> None:
    outputs = _every_output(words=4, limit=4)
    assert len(outputs) == 1 + 3 + 9 + 27 + 81
    lengths = set()
    for seed in range(8):
        model = ending(kind, seed=seed, target=4)
        scores = [
            _log_probability(model, pad, [3, 1], output) / (len(output) if normalise else 1)
            for output in outputs
        ]
        best = max(range(len(outputs)), key=scores.__getitem__)
        found = _search(model, pad, [[3, 1]], beam=len(outputs), normalise=normalise, ratio=2.0)[0]
        assert found.tokens == [word for word in outputs[best] if word != END]
        assert found.score == pytest.approx(scores[best], abs=1e-5)
        lengths.add(len(found.tokens))
    assert len(lengths) > 1


def _literal_beam(
    model: EncoderDecoder, source: Sequence[int], beam: int, normalise: bool, limit: int
) -> tuple[list[int], float]:
    """Beam search on lists, each prefix read anew by the literal equations."""
    live: list[tuple[float, list[int]]] = [(0.0, [])]
    finished: list[tuple[float, list[int]]] = []
    for length in range(1, limit + 1):
        extended = []
        for score, words in live:
            logits = reference.forced(model, source, [*words, END])[0][-1].detach()
            for word in range(len(logits)):
                extended.append((score + float(reference.log_probability(logits, word)), [*words, word]))
        extended.sort(key=lambda pair: -pair[0])
        for score, words in extended[:beam]:
            if (words[-1] == END or length == limit) and len(finished) < beam:
                finished.append((score / (length if normalise else 1), words))
        live = [(score, words) for score, words in extended if words[-1] != END][:beam]
        if len(finished) == beam:
            break
    score, words = max(finished, key=lambda pair: pair[0])
    return [word for word in words if word != END], score


@both
@pytest.mark.parametrize("beam", [2, 3])
@pytest.mark.parametrize("normalise", [False, True])
def test_narrow_beams_equal_a_literal_one(
    kind: str, beam: int, normalise: bool, ending: Build, pad: Pad
) -> None:
    for seed in range(4):
        model = ending(kind, seed=seed)
        found = _search(model, pad, SOURCES[:4], beam=beam, normalise=normalise, ratio=1.5)
        for source, hypothesis in zip(SOURCES, found, strict=False):
            words, score = _literal_beam(model, source, beam, normalise, limit=int(1.5 * len(source)))
            assert hypothesis.tokens == words
            assert hypothesis.score == pytest.approx(score, abs=1e-5)


@both
@pytest.mark.parametrize("normalise", [False, True])
def test_the_score_is_the_sum_of_log_probabilities(
    kind: str, normalise: bool, ending: Build, pad: Pad
) -> None:
    closed = []
    for seed in range(4):
        model = ending(kind, seed=seed)
        found = _search(model, pad, SOURCES, beam=3, normalise=normalise)
        for source, hypothesis in zip(SOURCES, found, strict=True):
            cut = len(hypothesis.tokens) == 3 * len(source)
            words = hypothesis.tokens if cut else [*hypothesis.tokens, END]
            total = _log_probability(model, pad, source, words)
            assert hypothesis.score == pytest.approx(total / (len(words) if normalise else 1), abs=1e-5)
            closed.append(not cut)
    assert any(closed)


@both
@pytest.mark.parametrize("beam", [1, 4])
def test_padding_batch_size_and_order_change_nothing(kind: str, beam: int, ending: Build, pad: Pad) -> None:
    """Sentences end at different steps, so the batch shrinks while others are searched."""
    model = ending(kind, seed=2)
    together = _search(model, pad, SOURCES, beam=beam)
    assert len({len(found.tokens) for found in together}) > 1
    apart = [_search(model, pad, [source], beam=beam)[0] for source in SOURCES]
    turned = _search(model, pad, SOURCES[::-1], beam=beam)[::-1]
    for one, alone, other in zip(together, apart, turned, strict=True):
        assert one.tokens == alone.tokens == other.tokens
        assert one.score == pytest.approx(alone.score, abs=1e-6) == pytest.approx(other.score, abs=1e-6)


class _Counter:
    """A made-up model: word 2 costs ln 2, word 0 ln 4 and the end symbol ``end`` nats."""

    def __init__(self, end: float) -> None:
        others = torch.tensor([0.25, 0.5]) * (1 - torch.tensor(-end).exp()) / 0.75
        self.logits = torch.stack([others[0].log(), torch.tensor(-end), others[1].log()]).double()
        self.widths: list[int] = []

    def start(self, encoded: Encoded) -> Encoded:
        return Encoded(encoded.memory, encoded.hidden.unsqueeze(1))

    def step(self, encoded: Encoded, state: Encoded, tokens: Tensor | None) -> tuple[Tensor, None, Encoded]:
        b, k = state.hidden.shape[:2]
        assert len(encoded.hidden) == b and (tokens is None or tokens.shape == (b, k))
        self.widths.append(b)
        return self.logits.expand(b, k, 3), None, state._replace(memory=None)


def _encoded(count: int) -> Encoded:
    values = torch.zeros(count, 1, 2)
    return Encoded(Memory(None, values, torch.ones(count, 1, dtype=torch.bool)), values[:, 0])


def test_no_output_is_longer_than_its_limit() -> None:
    """The end symbol never wins, so each output is as long as it may be; finished ones leave the batch."""
    model = _Counter(end=9.0)
    settings = SearchSettings(beam=1, normalise=False)
    found = beam_search(model, _encoded(3), torch.tensor([6, 1, 10]), settings, end=END)
    assert [hypothesis.tokens for hypothesis in found] == [[2] * 6, [2], [2] * 10]
    assert model.widths == [3, *[2] * 5, *[1] * 4]
    short = beam_search(model, _encoded(3), torch.tensor([0, 0, 1]), settings, end=END)
    assert [len(h.tokens) for h in short] == [1, 1, 1]


def test_length_normalisation_by_hand() -> None:
    """The end symbol costs 0.95 nats, word 2 a little less: a sum prefers no word, a mean as many as it gets.

    A beam of 3 is done with three finished outputs: none, one and two words.
    """
    end = 0.95
    model = _Counter(end)
    other = float(-model.logits[2])
    assert other < end < 2 * other
    lengths = torch.tensor([4])
    plain = SearchSettings(beam=3, normalise=False)
    means = SearchSettings(beam=3, normalise=True)
    summed = beam_search(model, _encoded(1), lengths, plain, end=END)[0]
    assert (summed.tokens, summed.score) == ([], pytest.approx(-end, abs=1e-6))
    mean = beam_search(model, _encoded(1), lengths, means, end=END)[0]
    assert (mean.tokens, mean.score) == ([2, 2], pytest.approx(-(2 * other + end) / 3, abs=1e-6))


def test_a_search_ends_where_no_live_hypothesis_can_become_the_best() -> None:
    """No word costs 0.95 nats, one word and no end 0.89: after a second word nothing can be better than none.

    That holds of sums of log-probabilities; a mean may rise, and so may what a scorer makes of them.
    """
    for steps, normalise, scorer in ((2, False, None), (4, True, None), (4, False, Barred(0))):
        model, settings = _Counter(end=0.95), SearchSettings(beam=9, normalise=normalise)
        found = beam_search(model, _encoded(2), torch.tensor([4, 4]), settings, end=END, scorer=scorer)
        assert model.widths == [2] * steps
        assert [len(one.tokens) for one in found] == [4 if normalise else 0] * 2


@both
@pytest.mark.parametrize("normalise", [False, True])
def test_a_barred_search_finds_the_best_of_all_outputs_without_the_token(
    kind: str, normalise: bool, ending: Build, pad: Pad
) -> None:
    """The others keep their probabilities: a score is the sum that the whole softmax gives."""
    every, wanted = _every_output(words=4, limit=4), set()
    wide = {"beam": len(every), "normalise": normalise, "ratio": 2.0}
    for seed in range(8):
        model = ending(kind, seed=seed, target=4)
        barred = max([0, *_search(model, pad, [[3, 1]], **wide)[0].tokens])
        wanted.add(barred)
        outputs = [output for output in every if barred not in output]
        assert len(outputs) == 1 + 2 + 4 + 8 + 16
        scores = [
            _log_probability(model, pad, [3, 1], output) / (len(output) if normalise else 1)
            for output in outputs
        ]
        best = max(range(len(outputs)), key=scores.__getitem__)
        found = _search(model, pad, [[3, 1]], Barred(barred), **wide)[0]
        assert found.tokens == [word for word in outputs[best] if word != END]
        assert found.score == pytest.approx(scores[best], abs=1e-5)
    assert len(wanted) > 1, "what is barred is what would have been written"


@both
@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("barred", [(2,), (0, 3, 5)], ids=str)
def test_a_barred_token_is_never_written_and_scores_stay_sums(
    kind: str, beam: int, barred: tuple[int, ...], ending: Build, pad: Pad
) -> None:
    written: set[int] = set()
    for seed in range(4):
        model = ending(kind, seed=seed)
        for hypothesis in _search(model, pad, SOURCES, beam=beam, normalise=False):
            written |= set(hypothesis.tokens)
        found = _search(model, pad, SOURCES, Barred(*barred), beam=beam, normalise=False)
        for source, hypothesis in zip(SOURCES, found, strict=True):
            assert not set(hypothesis.tokens) & set(barred)
            cut = len(hypothesis.tokens) == 3 * len(source)
            words = hypothesis.tokens if cut else [*hypothesis.tokens, END]
            assert hypothesis.score == pytest.approx(_log_probability(model, pad, source, words), abs=1e-5)
    assert written & set(barred), "without the bar the tokens are written"


@pytest.mark.parametrize("beam", [1, 3])
def test_where_every_output_is_barred_it_is_empty(beam: int, ending: Build, pad: Pad) -> None:
    everything = Barred(*range(7))
    found = _search(ending("search", seed=0), pad, SOURCES, everything, beam=beam)
    assert found == [Hypothesis([], -math.inf)] * len(SOURCES)


def test_a_model_that_has_come_to_nothing_is_not_an_empty_output(ending: Build, pad: Pad) -> None:
    model = ending("search", seed=0)
    model.output.bias.data.fill_(math.nan)
    with pytest.raises(RunFailed, match="are not numbers"):
        _search(model, pad, SOURCES)


def test_a_bar_leaves_the_model_s_own_logits_as_they_were() -> None:
    """Each step costs what it costs without a bar; the end symbol never wins."""
    model = _Counter(end=9.0)
    settings = SearchSettings(beam=1, normalise=False)
    before = model.logits.clone()
    (found,) = beam_search(model, _encoded(1), torch.tensor([3]), settings, end=END, scorer=Barred(2))
    assert found.tokens == [0, 0, 0]
    assert found.score == pytest.approx(3 * float(before[0]), abs=1e-6)
    assert torch.equal(model.logits, before)


class Rewarding:
    """Adds 0.5 to every word of a sentence's own input, bars all others but the end, and merges outputs.

    Hypotheses that end in the same word are one.
    """

    def __init__(self, sources: Sequence[Sequence[int]], words: int, merge: bool) -> None:
        self.bonus = torch.full((len(sources), words), -torch.inf)
        for row, source in enumerate(sources):
            self.bonus[row, list(source)] = 0.5
        self.bonus[:, END] = 0
        self.merge = merge

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        return scores + self.bonus[sentence].unsqueeze(1)

    def same(self, tokens: Tensor) -> Tensor | None:
        return tokens[:, :, -1:] if self.merge else None


@both
def test_a_scorer_adds_to_the_score_of_its_own_sentence(kind: str, ending: Build, pad: Pad) -> None:
    """Sentences leave the batch at different steps; each is still scored by its own input."""
    sources = [[3, 2, 1], [4, 1], [5, 6, 2, 1], [3, 1]]
    model = ending(kind, seed=2)
    scorer = Rewarding(sources, 7, merge=False)
    together = _search(model, pad, sources, scorer, ratio=2.0, beam=3, normalise=False)
    for source, hypothesis in zip(sources, together, strict=True):
        alone = Rewarding([source], 7, merge=False)
        assert (
            _search(model, pad, [source], alone, ratio=2.0, beam=3, normalise=False)[0].tokens
            == hypothesis.tokens
        )
        assert set(hypothesis.tokens) <= set(source)
        cut = len(hypothesis.tokens) == 2 * len(source)
        words = hypothesis.tokens if cut else [*hypothesis.tokens, END]
        expected = _log_probability(model, pad, source, words) + 0.5 * sum(word != END for word in words)
        assert hypothesis.score == pytest.approx(expected, abs=1e-4)


def test_equal_hypotheses_are_one() -> None:
    """Ends in 0 or 2 only: a beam of 4 keeps two hypotheses, the better of each, and finds the same best."""
    merged, apart = [
        beam_search(
            _Counter(end=1.2), _encoded(1), torch.tensor([4]), SearchSettings(beam=4),
            end=END, scorer=Rewarding([[0, 2]], 3, merge=merge),
        )[0]
        for merge in (True, False)
    ]  # fmt: skip
    assert merged.tokens == apart.tokens
    keys = torch.tensor([[[2], [0], [2], [0], [1]]])
    live = _Live(torch.tensor([0]), torch.tensor([9]), torch.tensor([[-1.0, -2.0, -3.0, -4.0, -5.0]]), keys)
    kept, parent = _live_on(live, torch.arange(5).unsqueeze(0), 4, END, Rewarding([[0]], 3, merge=True))
    assert parent[0, :2].tolist() == [0, 1] and kept.score.isfinite().sum() == 2


def test_rows_and_parents_select_in_nested_tuples() -> None:
    nested = Encoded(
        Memory(None, torch.arange(12).view(2, 3, 2), torch.tensor([[True], [False]])), torch.arange(2)
    )
    chosen = rows(nested, torch.tensor([1]))
    assert chosen.memory.keys is None
    assert chosen.memory.values.tolist() == [[[6, 7], [8, 9], [10, 11]]]
    assert (chosen.memory.mask.tolist(), chosen.hidden.tolist()) == ([[False]], [1])
    hypotheses = parents(torch.arange(12).view(2, 3, 2), torch.tensor([[2, 2], [0, 1]]))
    assert hypotheses.tolist() == [[[4, 5], [4, 5]], [[6, 7], [8, 9]]]
