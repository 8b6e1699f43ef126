"""What is recorded of references that are read, against slow loops word by word and against hand counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from random_captions import CELLS, GRID, SETTINGS, Draw, corpus_of, drawn, model_of, split_of
from using import use

from attnbench.scoring.regions import centred
from attnbench.tasks.captioning import FORCED
from attnbench.tasks.captioning.measures import METRICS
from attnbench.tasks.captioning.testing import used

FUNCTION = {2, 3, 4, 7}
"""The ids of a, the, of and the full stop."""


@torch.no_grad()
def _stepped(model: Any, split: Any, picture: int, ids: list[int]) -> tuple[float, list[Any], list[float]]:
    """Nats, alignments and gates of a caption, word by word through the model's steps."""
    encoded = model.encode(split.batch(np.array([picture]), torch.device("cpu")).source)
    state, token, nats, weights, gates = model.start(encoded), None, 0.0, [], []
    for word in [*ids, 1]:
        gates.append(float(model.attention.gate(state.kept.hidden)))
        logits, alignment, state = model.step(encoded, state, token)
        nats -= float(logits.log_softmax(dim=-1)[0, 0, word])
        weights.append(None if alignment is None else alignment[0, 0].tolist())
        token = torch.tensor([[word]])
    return nats, weights, gates


def _expected(model: Any, split: Any, picture: int) -> dict[str, float]:
    """The record of a picture, caption by caption and word by word."""
    found: dict[str, float] = defaultdict(float)
    ids, linked = split["caption_ids"][picture], "links" in split

    def count(name: str, value: float) -> None:
        found[f"{name}/sum"] += value
        found[f"{name}/words"] += 1

    for number, words in enumerate(ids):
        nats, weights, gates = _stepped(model, split, picture, words)
        found["nll/nats"] += nats
        found["nll/words"] += len(words) + 1
        found["nll/sentences"] += 1
        for word, one in enumerate(words):
            regions = (
                {r for c, w, r in split["links"][picture] if (c, w) == (number, word)} if linked else set()
            )
            if one in FUNCTION:
                count("gate-function", gates[word])
            if regions if linked else one not in FUNCTION:
                count("gate-objects", gates[word])
            if weights[word] is None:
                continue
            count("entropy", -sum(w * np.log(w) for w in weights[word]))
            covered = [split["coverage"][picture][region] for region in regions]
            inside = [
                i for i in range(CELLS) if any(c[i] > 0 and (c[i] >= 0.25 or c[i] == max(c)) for c in covered)
            ]
            if not inside:
                continue
            middle, others = centred(GRID), [w for t, w in enumerate(weights[:-1]) if t != word]
            count("pointing", np.argmax(weights[word]) in inside)
            count("pointing-chance", len(inside) / CELLS)
            count("pointing-centre", np.mean([1 in inside, 4 in inside]))
            count("mass", sum(weights[word][i] for i in inside))
            count("mass-uniform", len(inside) / CELLS)
            count("mass-centre", sum(middle[i] for i in inside))
            if others:
                count("pointing-shuffled", np.mean([np.argmax(w) in inside for w in others]))
                count("mass-shuffled", np.mean([sum(w[i] for i in inside) for w in others]))
        if weights[0] is not None:
            found["coverage-variance/sum"] += np.var(np.sum(weights, axis=0))
            found["coverage-variance/captions"] += 1
            if len(words) > 1:
                found["time-variance/sum"] += np.var(weights[:-1], axis=0).sum()
                found["time-variance/captions"] += 1
    return found


@pytest.mark.parametrize(
    ("kind", "linked"), [("soft", True), ("soft", False), ("hard", True), ("mean", True)]
)
def test_records_as_a_slow_loop(kind: str, linked: bool, draw: Draw) -> None:
    split, model = drawn(7, linked=linked), model_of(kind, draw)
    ticks: list[int] = []
    records = use(FORCED, model, corpus_of(split), "test", SETTINGS, ticks.append).records
    assert sum(ticks) == 7 and len(ticks) > 1
    columns = set(records.columns) - {"id", "target_length"}
    assert columns <= {column for metric in METRICS.values() for column in metric.columns}
    totals: dict[str, float] = defaultdict(float)
    for picture, record in records.iterrows():
        expected = _expected(used(model, "expected"), split, picture)
        assert set(expected) <= columns
        for column in columns:
            assert record[column] == pytest.approx(expected[column], abs=1e-6), column
            totals[column] += record[column]
    assert all(totals[column] > 0 for column in columns)
    attends, named = kind != "mean", kind != "mean" and linked
    assert ("entropy/sum" in columns, "mass/sum" in columns) == (attends, named)


def test_batches_change_nothing_and_argmax_reads_otherwise(draw: Draw) -> None:
    split, model = drawn(7), model_of("hard", draw)
    whole = use(FORCED, model, corpus_of(split), "test", replace(SETTINGS, batch_size=64)).records
    parts = use(FORCED, model, corpus_of(split), "test", replace(SETTINGS, batch_size=2)).records
    assert whole["id"].tolist() == parts["id"].tolist() == split["id"]
    for column in set(whole.columns) - {"id"}:
        np.testing.assert_allclose(whole[column], parts[column], atol=1e-6)
    argmax = use(FORCED, model, corpus_of(split), "test", replace(SETTINGS, attention="argmax")).records
    assert not np.allclose(argmax["nll/nats"], whole["nll/nats"])


def test_gates_where_no_links_are_known_are_of_content_words(draw: Draw) -> None:
    """Two captions: a square of the circle . and circle."""
    split = split_of([[[2, 5, 4, 3, 6, 7], [6]]], linked=False)
    records = use(FORCED, model_of("soft", draw), corpus_of(split), "test", SETTINGS).records
    assert records.loc[0, ["gate-objects/words", "gate-function/words"]].tolist() == [3, 4]
    assert records.loc[0, ["nll/words", "nll/sentences", "entropy/words"]].tolist() == [9, 2, 7]
    assert records["target_length"].tolist() == [3.5]
