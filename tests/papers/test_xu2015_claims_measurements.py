"""What is measured without a verdict: where attention lies, and what the claims leave out."""

from dataclasses import replace

import pandas as pd
import pytest
from captioning_claims import World, records
from judging_claims import Made, measured

from reproductions.xu2015 import PAPER


def of(name: str, made: Made) -> pd.DataFrame:
    return measured(PAPER, name, made)


def values(name: str, made: Made) -> dict[str, float]:
    return dict(of(name, made)["value"])


def test_each_measurement_is_tried_here() -> None:
    assert [one.name for one in PAPER.measurements] == [
        "attention-by-objects", "brevity", "uses-of-hard-attention", "attention-finds-objects",
        "attention-finds-objects-among-few-and-many", "shape-of-attention", "gate", "what-captions-are-like",
        "agreement-of-likelihood-and-bleu", "cost-of-choosing-by-likelihood", "variance-of-the-gradient",
        "distance-from-the-marginal",
    ]  # fmt: skip


def test_attention_leads_by_objects() -> None:
    """10 % with one and two objects, 20 % with three and four, 40 % with five and six; CIDEr always 6 %."""
    levels = {"soft:bleu": (33.0, 33.0, 36.0, 36.0, 42.0, 42.0), "soft:cider": 5.3}
    rows = of("attention-by-objects", records(World(levels), systems=("mean", "soft")))
    assert dict(rows["value"]) == pytest.approx({
        "bleu-4, 1 or 2": 10, "bleu-4, 3 or 4": 20, "bleu-4, 5 or 6": 40, "bleu-4, growth": 30,
        "cider, 1 or 2": 6, "cider, 3 or 4": 6, "cider, 5 or 6": 6, "cider, growth": 0,
    }, abs=1e-6)  # fmt: skip
    assert set(rows["n"]) == {80, 160}


def test_pictures_whose_objects_are_not_known_have_no_such_rows() -> None:
    made = records(World(), systems=("mean", "soft"))
    rows = of("attention-by-objects", replace(made, frame=made.frame.drop(columns="objects")))
    assert rows["reason"].tolist() == ["not run: no system has enough records of it"]


def test_a_brevity_penalty_beside() -> None:
    """Nine words for twelve: exp(1 - 12 / 9) of a precision that is as high."""
    made = records(World({"hard:length": 9.0}), systems=("soft", "hard"))
    found = values("brevity", made)
    assert found["hard over soft, length"] == pytest.approx(-25)
    assert found["hard over soft, bleu-1-bp"] == pytest.approx(100 * (0.716531 - 1), abs=1e-3)
    assert list(found) == [f"hard over soft, {name}" for name in (
        "bleu-1-bp", "bleu-2-bp", "bleu-3-bp", "bleu-4-bp", "length")]  # fmt: skip


def test_hard_attention_is_used_otherwise() -> None:
    levels = {"hard/beam-argmax:bleu": 27.0, "hard/beam-sampled:bleu": 24.0}
    found = values("uses-of-hard-attention", records(World(levels), systems=("hard", "soft")))
    assert found == pytest.approx({"hard, argmax": -10, "hard, sampled": -20})


def test_attention_beside_its_controls() -> None:
    found = values("attention-finds-objects", records(World(), systems=("mean", "soft")))
    assert found == pytest.approx({
        "soft, pointing": 0.6, "soft, pointing, above uniform weights": 0.5,
        "soft, pointing, above the middle": 0.4, "soft, pointing, above other words": 0.3,
        "soft, mass": 0.5, "soft, mass, above uniform weights": 0.4, "soft, mass, above the middle": 0.35,
        "soft, mass, above other words": 0.25,
    })  # fmt: skip


def test_attention_by_objects() -> None:
    pointing = (0.9, 0.9, 0.6, 0.6, 0.4, 0.4)
    made = records(World({"hard:pointing": pointing}), systems=("hard",))
    found = values("attention-finds-objects-among-few-and-many", made)
    assert found == pytest.approx({"hard, 1 or 2": 0.6, "hard, 3 or 4": 0.3, "hard, 5 or 6": 0.1})


def test_the_shape_of_attention_and_gates_and_captions() -> None:
    made = records(World({"soft:coverage-variance": 0.2, "mean:novel": 0.1}), systems=("mean", "soft"))
    assert values("shape-of-attention", made) == pytest.approx(
        {"soft, entropy": 2, "soft, time-variance": 0.1, "soft, coverage-variance": 0.2}
    )
    assert values("gate", made) == pytest.approx({
        "mean, gate-objects": 0.7, "mean, gate-function": 0.5, "soft, gate-objects": 0.7,
        "soft, gate-function": 0.5,
    })  # fmt: skip
    found = values("what-captions-are-like", made)
    assert (found["mean, novel"], found["soft, novel"]) == pytest.approx((0.1, 0.8))
    assert (found["soft, length"], found["soft, distinct-2"]) == pytest.approx((12, 0.2))


def test_likelihood_and_bleu() -> None:
    """The last evaluation has the best likelihood, and where they part it has not the best score."""
    made = records(World(parting=0.4), systems=("soft",), decodings=("beam",))
    found = values("agreement-of-likelihood-and-bleu", made)
    assert found == pytest.approx({"soft, first half": 1, "soft, second half": 0.6}, abs=0.01)
    scores = [row["valid_score"] for row in made.runs[0]["history"]]
    lost = values("cost-of-choosing-by-likelihood", made)
    assert lost == pytest.approx({"soft": max(scores) - scores[-1]})
    agreeing = records(World(), systems=("soft",), decodings=("beam",))
    assert values("cost-of-choosing-by-likelihood", agreeing) == {"soft": 0}


def test_the_best_likelihood_before_the_end() -> None:
    """It is that of the third of four evaluations, whose score is 7; the best is 9."""
    made = records(World(), systems=("hard",), decodings=("beam",))
    rows = zip((5.0, 4.0, 3.0, 3.5), (4.0, 9.0, 7.0, 8.0), strict=True)
    history = [{"update": i, "valid_nll": nll, "valid_score": score} for i, (nll, score) in enumerate(rows)]
    made = Made(made.frame, ({**made.runs[0], "history": history},))
    assert values("cost-of-choosing-by-likelihood", made) == {"hard": 2}


def test_variance_and_divergence() -> None:
    levels = {"variance-baseline": 4.0, "variance-entropy": 8.8, "variance-mixing": 6.0, "variance-all": 2.0}
    made = records(World({**levels, "soft:kl": 0.02, "soft:kl-places": 0.3}), systems=("soft", "hard"))
    assert values("variance-of-the-gradient", made) == pytest.approx(
        {"baseline": 50, "entropy": -10, "mixing": 25, "all": 75}
    )
    assert values("distance-from-the-marginal", made) == pytest.approx(
        {"soft, kl": 0.02, "soft, kl-places": 0.3}
    )
