"""What a run would take, measured on a few of its steps."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from attnbench import harness
from attnbench.harness import configure, plan
from attnbench.harness import run as executing
from attnbench.harness.configure import Run
from attnbench.harness.stages import Opened
from attnbench.paper import Decoding
from attnbench.tasks.engine import silent
from attnbench.tasks.split import Split
from attnbench.tasks.translation.engine import Translation


def planned(folder: Path, **training: str) -> Run:
    training = {"updates": "7"} | training
    changes = {f"training.{name}": value for name, value in training.items()}
    return asked_for(folder, "bahdanau2015", "rnnsearch-50", changes)


def asked_for(folder: Path, paper: str, system: str, changes: dict[str, str]) -> Run:
    asked = harness.request(
        paper, scale="smoke", systems=[system], device="cpu", out=folder / "out", work=folder / "work",
        changes={"data.limit": "20", "data.test_per_bin": "1"} | changes, seeds=1,
    )  # fmt: skip
    (run,) = configure.runs(asked, silent)
    return run


@pytest.mark.parametrize(("asked", "done"), [("3", 3), ("7", 7), ("10000", 7)])
def test_there_are_no_more_evaluations_than_updates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, done: int
) -> None:
    monkeypatch.setattr(plan, "_update_seconds", lambda *_: 0.0)
    monkeypatch.setattr(plan, "_decoding_seconds", lambda *_: (0.0, 1e6))
    assert plan.measure(planned(tmp_path, evaluations=asked))["seconds"] == pytest.approx(done * 1e6, abs=1e4)


@pytest.mark.parametrize(("precision", "half"), [("no", False), ("bf16", True)])
def test_steps_are_measured_in_the_precision_of_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str, half: bool
) -> None:
    seen, loss = [], Translation.loss

    def watched(engine: Translation, *given: object) -> object:
        seen.append(torch.is_autocast_enabled("cpu"))
        return loss(engine, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Translation, "loss", watched)
    plan.measure(planned(tmp_path, precision=precision))
    assert seen == [half] * (plan.STEPS + 1)


def test_each_system_is_measured_in_its_own_decodings_and_evaluated_where_it_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule could not even be evaluated; no test set asks for ``beam-75``."""
    changes = {"data.limit": "20", "data.test_per_bin": "1", "data.valid_limit": "3"}
    asked = harness.request(
        "rush2015", scale="smoke", systems=["prefix", "kn-5", "nnlm", "abs-plus"], device="cpu",
        out=tmp_path / "out", work=tmp_path / "work", changes=changes,
    )  # fmt: skip
    prefix, *_ = runs = configure.runs(asked, silent)
    assert plan.measure(prefix)["weights"] == 0
    done: dict[str, list[tuple[str, int]]] = {}

    def decode(
        opened: Opened, _: object, decoding: Decoding, split: Split, *rest: object, usual: bool
    ) -> None:
        done.setdefault(opened.run.system, []).append((decoding.name, len(split)))

    monkeypatch.setattr(executing, "decode", decode)
    monkeypatch.setattr(plan, "_update_seconds", lambda *_: 0.0)
    for run in runs:
        plan.measure(run)
    searches = [(name, 8) for name in ("beam", "greedy", "beam-extractive", "greedy-extractive")]
    assert done == {
        "prefix": [("beam", 8)],
        "kn-5": [("forced", 8)],
        "nnlm": [("forced", 8), ("forced", 3)],
        "abs-plus": [*searches, ("forced", 3)],
    }


def test_a_decoding_that_looks_at_few_examples_takes_as_long_whatever_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A picture takes a second, 400 are searched in four ways and read; gradients are of 50."""

    class Pictures(list[int]):
        def sample(self, count: int) -> list[int]:
            return self[:count]

    def decode(
        _: object, model: object, decoding: Decoding, split: list[int], *rest: object, usual: bool
    ) -> None:
        clock.now += len(split)

    clock = SimpleNamespace(now=0)
    monkeypatch.setattr(plan.time, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(executing, "decode", decode)
    corpus = SimpleNamespace(tests={"test": Pictures(range(400))}, constructed=(), valid=Pictures())
    run = SimpleNamespace(paper="xu2015", system="hard")
    seconds = plan._decoding_seconds(SimpleNamespace(run=run, corpus=corpus), None, False)
    assert seconds == (5 * 400 + 50, 0)
