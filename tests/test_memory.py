"""Whether runs fit: what they need at the least, and the refusal of what needs more than is free."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from attnbench import harness, paper
from attnbench.errors import BadInput
from attnbench.harness import configure, memory
from attnbench.harness.configure import Request, engine_of, settings_of
from attnbench.machine import room
from attnbench.paper import resolve
from attnbench.settings import SearchSettings, TrainingSettings, least, override
from attnbench.tasks.engine import silent

GIB = 1 << 30
QUICK = {"data.limit": "40", "data.test_per_bin": "1", "training.updates": "4", "training.evaluations": "1"}


def request(tmp_path: Path, systems: list[str], changes: dict[str, str], **said: Any) -> Request:
    asked: dict[str, Any] = {"scale": "smoke", "device": "cpu", "out": tmp_path / "o", "work": tmp_path / "w"}
    return harness.request("bahdanau2015", systems=systems, changes=changes, **(asked | said))


@pytest.mark.parametrize("name", paper.names())
def test_an_outline_has_the_sizes_of_the_model_and_no_memory(name: str) -> None:
    declared = paper.load(name)
    for system in declared.systems:
        settings = settings_of(declared, declared.scale("smoke"), system, embedded=True, changes={})
        features = engine_of(declared).features(least(settings.data))
        outline = memory.outline(system, settings, features)
        whole: nn.Module = resolve(system.build)(settings.model, features)
        shapes = {key: (one.shape, one.requires_grad) for key, one in whole.named_parameters()}
        assert {key: (one.shape, one.requires_grad) for key, one in outline.named_parameters()} == shapes
        assert sum(one.numel() for one in outline.parameters() if not one.is_meta) <= 2 * 12, (
            "given vectors alone"
        )


def test_weights_are_counted_with_gradients_and_states() -> None:
    model = nn.Linear(10, 5)  # 55 numbers
    model.register_buffer("fixed", torch.zeros(7))
    adam, sgd, rmsprop = (TrainingSettings(optimizer=name) for name in ("adam", "sgd", "rmsprop"))
    assert memory.of_weights(model, adam, trained=True) == 4 * (55 * 4 + 7)
    assert memory.of_weights(model, sgd, trained=True) == 4 * (55 * 2 + 7)
    assert memory.of_weights(model, rmsprop, trained=True) == 4 * (55 * 5 + 7)
    assert memory.of_weights(model, adam, trained=False) == 4 * (55 + 7)
    noise = replace(adam, weight_noise=0.1, batch_size=1)
    assert memory.of_weights(model, noise, trained=True) == 4 * (55 * 8 + 7), "a variance beside each weight"
    model.bias.requires_grad_(False)
    assert memory.of_weights(model, adam, trained=True) == 4 * (50 * 4 + 5 + 7)


def test_a_batch_is_bounded_by_the_corpus() -> None:
    model, lengths = nn.Linear(10, 5), np.array([2, 4, 6])
    huge = TrainingSettings(batch_size=10**9, updates=1)
    assert memory.of_batch(model, huge, lengths) == 4 * 5 * (2 + 4 + 6)
    two = TrainingSettings(batch_size=2, updates=9)
    assert memory.of_batch(model, two, lengths) == 4 * 5 * 2 * 4
    assert memory.of_batch(model, replace(two, updates=1), lengths) == 4 * 5 * 2 * 2, (
        "the shortest may come first"
    )
    assert memory.of_batch(model, replace(two, precision="bf16"), lengths) == 2 * 5 * 2 * 4
    assert memory.of_batch(model, replace(two, batch_tokens=9), lengths) == 0


def test_a_search_scores_every_word_for_every_hypothesis() -> None:
    settings = replace(
        configure.defaults(paper.load("bahdanau2015")), decoding=SearchSettings(batch_size=10, beam=50)
    )
    assert memory.of_decoding(settings, 7, 100) == 4 * 7 * 50 * 100
    assert memory.of_decoding(settings, 70, 3) == 4 * 10 * 9 * 3, "nine hypotheses in the third step"


def test_weights_that_cannot_fit_are_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 8 * GIB)
    with pytest.raises(BadInput) as caught:
        request(tmp_path, ["rnnsearch-50"], {"model.hidden": "1000000"})
    message = str(caught.value)
    assert (
        message.startswith("rnnsearch-50 needs at least ") and "TiB of memory, and 8 GiB is free; " in message
    )
    assert list(tmp_path.iterdir()) == []
    request(tmp_path, ["rnnsearch-50"], {"model.hidden": "1000"})


def test_a_large_vocabulary_is_no_need_where_the_corpus_has_few_words(tmp_path: Path) -> None:
    asked = request(tmp_path, ["rnnencdec-50"], QUICK | {"data.vocabulary": "100000000"})
    memory.together(configure.runs(asked, silent), 1)


@pytest.fixture
def runs(tmp_path: Path) -> list[configure.Run]:
    return configure.runs(request(tmp_path, ["rnnencdec-50", "rnnsearch-50"], QUICK), silent)


def test_runs_side_by_side_need_their_sum(runs: list[configure.Run], monkeypatch: pytest.MonkeyPatch) -> None:
    needs = memory._needs(runs)
    assert 0 < needs["rnnencdec-50"] < needs["rnnsearch-50"] < 10 * 2**20
    free = needs["rnnsearch-50"] + needs["rnnencdec-50"] - 1
    monkeypatch.setattr(memory, "free_memory", lambda: free)
    with pytest.raises(BadInput, match=r"^2 runs side by side need at least .* is free; use --jobs 1$"):
        memory.together(runs, 2)
    memory.together(runs, 1)
    monkeypatch.setattr(memory, "free_memory", lambda: needs["rnnsearch-50"] - 1)
    with pytest.raises(BadInput, match=r"^rnnsearch-50 needs at least .* is free; choose smaller settings"):
        memory.together(runs, 1)
    memory.together([], 1)


def test_each_part_of_a_run_counts(runs: list[configure.Run]) -> None:
    before = memory._needs(runs[:1])["rnnencdec-50"]
    for changes in (
        {"model.hidden": 200},
        {"decoding.beam": 10_000},
        {"training.batch_size": 10**9, "model.maxout": 99},
    ):
        one = replace(
            runs[0], settings=override(runs[0].settings, changes),
            stages={name: override(stage, changes) for name, stage in runs[0].stages.items()},
        )  # fmt: skip
        assert memory._needs([one])["rnnencdec-50"] > before, changes


def test_both_figures_are_told() -> None:
    with pytest.raises(BadInput, match=r"^x needs at least 3 GiB of disk, and 2 GiB is free; go away$"):
        room.require("x needs", 3 * GIB, 2 * GIB, "disk", "go away")
    room.require("x needs", 2 * GIB, 2 * GIB, "disk", "go away")
    assert [room.size(n) for n in (12, 2048, 3 << 40, 5 << 50, 6 << 60)] == [
        "12 B",
        "2 KiB",
        "3 TiB",
        "5 PiB",
        "6 EiB",
    ]


def test_a_container_bounds_the_memory_and_its_cache_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bound and its use are two files: between them the use may rise."""
    files = {
        "meminfo": "MemTotal: 99 kB\nMemAvailable: 9 kB\n",
        "memory.max": "8192\n",
        "memory.current": "4096\n",
    }

    def read(path: Path) -> str:
        if path.name not in files:
            raise FileNotFoundError(path)
        return files[path.name]

    monkeypatch.setattr(Path, "read_text", read)
    assert room.free_memory() == 4096
    files["memory.stat"] = "anon 3\ninactive_file 1000\nactive_file 7\n"
    assert room.free_memory() == 5096
    files["memory.current"] = "99999\n"
    assert room.free_memory() == 0
    files["memory.max"] = "max\n"
    assert room.free_memory() == 9 * 1024
    del files["meminfo"]
    assert room.free_memory() > 1 << 20
