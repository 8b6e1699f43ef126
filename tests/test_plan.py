"""What a run would take, measured on a few of its steps."""

from pathlib import Path

import pytest
import torch

from attnbench import harness
from attnbench.harness import configure, plan
from attnbench.harness.configure import Run
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
    (run,) = configure.runs(asked)
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


@pytest.mark.parametrize("rule", ["prefix", "kn-5"])
def test_a_rule_is_decoded_and_never_evaluated(tmp_path: Path, rule: str) -> None:
    measured = plan.measure(asked_for(tmp_path, "rush2015", rule, {}))
    assert (measured["weights"], measured["updates"], measured["ms an update"]) == (0, 0, 0)
    assert measured["seconds"] > 0
