"""How far soft attention is from the mean over places: equations written out, cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from random_captions import CELLS, HIDDEN, SETTINGS, Draw, corpus_of, drawn, model_of
from torch import Tensor
from using import use

from attnbench.tasks.captioning import MARGINAL, marginal

CPU = torch.device("cpu")


def _predicted(model: Any, embedded: Tensor, hidden: Tensor, cell: Tensor, context: Tensor) -> Any:
    """p(y_t) and the next state, after the paper's equations."""
    sums = model.cell.inputs @ embedded + model.cell.bias
    sums = sums + model.cell.recurrent @ hidden + model.cell.context.weight @ context
    i, f, o, g = (sums[k * HIDDEN : (k + 1) * HIDDEN] for k in range(4))
    cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
    hidden = torch.sigmoid(o) * torch.tanh(cell)
    summed = embedded + model.of_hidden.weight @ hidden + model.of_context.weight @ context
    return torch.softmax(model.output.weight @ summed + model.output.bias, dim=0), hidden, cell


def _divergences(model: Any, annotations: Tensor, ids: list[int]) -> np.ndarray:
    """Both divergences of a caption's words, summed: (2,)."""
    attend = model.attention.mechanism
    average = annotations.mean(dim=0)
    hidden, cell = (torch.tanh(layer(average)) for layer in (model.first_hidden, model.first_cell))
    embedded, totals = torch.zeros(4, dtype=torch.float64), np.zeros(2)
    for word in [*ids, 1]:
        energy = [
            attend.energy @ torch.tanh(attend.query.weight @ hidden + attend.key.weight @ a)
            for a in annotations
        ]
        alpha = torch.softmax(torch.stack(energy), dim=0)
        beta = torch.sigmoid(model.attention.selector(hidden))
        before = embedded, hidden, cell
        each = [_predicted(model, *before, beta * a)[0] for a in annotations]
        mean = sum(w * one for w, one in zip(alpha, each, strict=True))
        soft, hidden, cell = _predicted(model, *before, beta * (alpha @ annotations))
        apart = sum(w * (one * (one / mean).log()).sum() for w, one in zip(alpha, each, strict=True))
        totals += [float((mean * (mean / soft).log()).sum()), float(apart)]
        embedded = model.embedding.weight[word]
    return totals


def test_divergences_as_a_slow_loop(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    split, model = drawn(9), model_of("soft", draw)
    records = use(MARGINAL, model, corpus_of(split), "test", SETTINGS).records
    with torch.no_grad():
        for picture, record in records.iterrows():
            annotations = split.batch(np.array([picture]), CPU).source.values[0].double()
            ids = split["caption_ids"][picture][0]
            assert record["kl/words"] == record["kl-places/words"] == len(ids) + 1
            found = record[["kl/sum", "kl-places/sum"]].tolist()
            assert found == pytest.approx(_divergences(model, annotations, ids), rel=1e-9)
    assert records["kl/sum"].min() > 1e-4
    monkeypatch.setattr(marginal, "SCORES", 3 * CELLS * 8)  # three captions at once
    few = use(MARGINAL, model, corpus_of(split), "test", SETTINGS).records
    np.testing.assert_allclose(few["kl/sum"], records["kl/sum"], rtol=1e-9)


def test_one_place_is_its_own_mean(draw: Draw) -> None:
    records = use(MARGINAL, model_of("soft", draw), corpus_of(drawn(3, cells=1)), "test", SETTINGS).records
    assert records["kl/sum"].abs().max() < 1e-12


def test_a_sample_that_is_spread_over_the_test_set(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marginal, "PICTURES", 3)
    ticks: list[int] = []
    records = use(
        MARGINAL, model_of("soft", draw), corpus_of(drawn(9)), "test", SETTINGS, ticks.append
    ).records
    assert records["id"].tolist() == [f"test/{place}" for place in range(9)]
    assert np.flatnonzero(records["kl/sum"].notna()).tolist() == [0, 4, 8]
    assert sum(ticks) == 9
