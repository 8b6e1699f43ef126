"""What trains, tests and uses models of tiles."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from datasets import Dataset, DatasetDict
from torch import Tensor

from attnbench.corpora import Source
from attnbench.corpora.text import END, SPECIAL, Vocabulary
from attnbench.decoding import beam_search
from attnbench.errors import BadInput
from attnbench.evidence import Evidence, Part
from attnbench.settings import SearchSettings
from attnbench.tasks.columns import Ids, Values
from attnbench.tasks.engine import Corpus, Loss, Outcome, Tuning, Use
from attnbench.tasks.prepare import Preparation
from attnbench.tasks.split import Split
from attnbench.zoo.padded import Padded
from tiles import ERRORS, TilesData

COLOURS = ("red", "green", "blue")
CELLS = 6


class Batch(NamedTuple):
    grid: Tensor
    caption: Padded


class Grid(Values):
    """(k, cells, d) of 32 bits, from half precision."""

    def batch(self, rows: np.ndarray, device: torch.device) -> Tensor:
        return super().batch(rows, device).float()


class Words(Vocabulary):
    def save(self, folder: Path) -> None:
        super().save(folder / "words.json")

    @classmethod
    def load(cls, folder: Path) -> Words:
        return cls(Vocabulary.load(folder / "words.json").words[len(SPECIAL) :])


class Tiles(Preparation[TilesData, Batch]):
    kept = Words

    def corpus(
        self, source: Source, names: Any, settings: TilesData, scratch: Path | None
    ) -> tuple[DatasetDict, None]:
        if source.kind != "embedded":
            raise BadInput("tiles are only made, never read")
        sizes = {"train": settings.pictures, "valid": 12, "test": 60, "full": 50}
        return DatasetDict({name: _pictures(name, size) for name, size in sizes.items()}), None

    def tokenise(self, table: pa.Table, settings: TilesData) -> pa.Table:
        return table

    def fit(self, splits: Mapping[str, Dataset], settings: TilesData) -> tuple[Words, list[str]]:
        return Words(COLOURS), []

    def encode(self, table: pa.Table, features: Words) -> pa.Table:
        ids = [features.encode(text.split()) for text in table["caption"].to_pylist()]
        return table.append_column("ids", pa.array(ids, pa.list_(pa.int32())))

    def split(self, table: pa.Table) -> Split[Batch]:
        captions = Ids(table["ids"], closed=True)
        return Split(table, Batch, {"grid": Grid(table["grid"]), "caption": captions}, captions.lengths)

    def narrow(self, corpus: Corpus[Batch]) -> Corpus[Batch]:
        return Corpus(
            corpus.features, corpus.train, corpus.valid, corpus.tests, corpus.settings, constructed={"full"}
        )

    def features(self, settings: TilesData) -> Words:
        return Words(COLOURS)

    def outputs(self, features: Words) -> int:
        return len(features)

    def loss(self, model: Any, batch: Batch) -> Loss:
        ids, mask = batch.caption
        decoded = model.decode(model.encode(batch.grid), ids, mask)
        nll = model.nats(decoded.readout, ids[mask])
        penalty = 0.01 * (1 - decoded.alignment.sum(dim=1)).square().sum()
        return Loss(nll + penalty, nll, int(mask.sum()), len(ids), int(mask.sum()))

    @torch.inference_mode()
    def evaluate(self, model: Any, corpus: Corpus[Batch], device: torch.device) -> tuple[float, float]:
        nll, targets = 0.0, 0
        for _, batch in corpus.valid.in_batches(16, device):
            loss = self.loss(model, batch)
            nll, targets = nll + float(loss.nll), targets + loss.targets
        use = Use(model, corpus, corpus.valid, SearchSettings(beam=1), None, False, device, lambda _: None)
        statistics = caption(use).records[list(ERRORS.columns)].to_numpy().sum(axis=0)
        return nll / targets, float(ERRORS.value(statistics))

    def predict(
        self, model: Any, corpus: Corpus[Batch], lines: Sequence[str], settings: Any, device: Any
    ) -> Iterator[str]:
        yield from lines


def _pictures(split: str, count: int) -> Dataset:
    rng, rows = random.Random(split), []
    for number in range(count):
        some = CELLS if split == "full" else rng.randint(0, CELLS)
        colours = sorted(rng.choice(range(3)) for _ in range(some))
        places = rng.sample(range(CELLS), some)
        grid = np.zeros((CELLS, 3), np.float16)
        grid[places, colours] = 1
        rows.append(
            {"id": f"{split}/{number}", "grid": grid, "caption": " ".join(COLOURS[c] for c in colours)}
        )
    grids = pa.array([row["grid"].reshape(-1) for row in rows], pa.list_(pa.float16()))
    cells = pa.FixedSizeListArray.from_arrays(grids.flatten(), 3)
    table = pa.table({
        "id": [row["id"] for row in rows],
        "grid": pa.FixedSizeListArray.from_arrays(cells, CELLS),
        "caption": [row["caption"] for row in rows],
    })  # fmt: skip
    return Dataset(table)


class OnlySeen:
    """Only colours of the picture are written, and a written one counts a little more."""

    def __init__(self, batch: Batch, corpus: Corpus[Batch]) -> None:
        seen = torch.where(batch.grid.amax(dim=1) > 0.5, 0.1, -torch.inf)
        self.bonus = torch.cat([seen.new_tensor([-torch.inf, 0.0]).expand(len(seen), 2), seen], dim=1)

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        return scores + self.bonus[sentence].unsqueeze(1)

    def same(self, tokens: Tensor) -> Tensor | None:
        return tokens.sort(dim=-1).values


@torch.inference_mode()
def caption(use: Use) -> Outcome:
    split, model = use.split, use.model
    outputs: dict[int, list[str]] = {}
    kept: dict[str, Tensor] = {}
    for indices, batch in split.in_batches(use.settings.batch_size, use.device, use.tick):
        encoded = model.encode(batch.grid)
        scorer = use.scorer(batch, use.corpus) if use.scorer else None
        limits = torch.full((len(indices),), CELLS + 1)
        found = beam_search(model, encoded, limits, use.settings, end=END, scorer=scorer)
        for index, hypothesis in zip(indices.tolist(), found, strict=True):
            outputs[index] = use.corpus.features.decode(hypothesis.tokens)
        if use.alignments and model.attends:
            alignment = model.decode(encoded, torch.full((len(indices), 1), END)).alignment
            kept |= {split["id"][index]: alignment[row] for row, index in enumerate(indices.tolist())}
    texts = [outputs[index] for index in range(len(split))]
    gold = [text.split() for text in split["caption"]]
    records = pd.DataFrame({
        "id": split["id"],
        "objects": list(map(len, gold)),
        "density": [len(words) / CELLS for words in gold],
        "words": list(map(len, texts)),
        ERRORS.columns[0]: [
            float(sum(((Counter(words) - Counter(text)) + (Counter(text) - Counter(words))).values()))
            for words, text in zip(gold, texts, strict=True)
        ],
        ERRORS.columns[1]: [float(len(words)) for words in gold],
    })  # fmt: skip
    predictions = [{"id": i, "output": " ".join(text)} for i, text in zip(split["id"], texts, strict=True)]
    return Outcome(records, predictions, kept)


def tune(tuning: Tuning) -> None:
    """Choose the temperature that the validation set likes best."""
    engine, scored = Tiles(), {}
    for temperature in (0.5, 1.0, 2.0):
        tuning.model.attention.temperature.fill_(temperature)
        scored[temperature] = engine.evaluate(tuning.model, tuning.corpus, tuning.device)[0]
    tuning.model.attention.temperature.fill_(min(scored, key=scored.__getitem__))


def errs_less(evidence: Evidence) -> list[Part]:
    test = evidence.main_test("colour-errors")
    silent, attends = (
        evidence.score(name, "colour-errors", "peaked", test, by="objects") for name in ("silent", "attends")
    )
    return [Part("", silent - attends)]
