"""Every claim on made-up records: each verdict can come out, and none comes out for the wrong reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from attnbench import claims
from attnbench.records import Records
from attnbench.scoring import AllExamples
from attnbench.tasks.entailment.measures import METRICS
from reproductions.rocktaschel2016 import PAPER

PAIRS = 500
LENGTHS = np.arange(PAIRS) % 40 + 1
UNRELATED = np.arange(PAIRS) % 5 == 0


@dataclass(frozen=True)
class World:
    """What is true: the chance of a right answer on test and training pairs; by how much the normalised
    entropy rises beyond 20 words; the     share of words that point right; the attention on function words.
    """

    test: Mapping[str, float] = field(
        default_factory=lambda: {
            "independent": 0.45, "conditional": 0.55, "conditional-shared": 0.6,
            "conditional-shared-159": 0.65, "attention": 0.75, "attention-two-way": 0.65,
            "word-by-word": 0.85, "word-by-word-two-way": 0.75,
        }
    )  # fmt: skip
    train: Mapping[str, float] = field(
        default_factory=lambda: {"independent": 0.95, "conditional-shared": 0.65, "word-by-word": 0.9}
    )
    rise: Mapping[str, float] = field(default_factory=lambda: {"attention": 0.3, "word-by-word": 0.1})
    points: Mapping[str, float] = field(
        default_factory=lambda: {
            "copied": 0.8, "copied-chance": 0.2, "pointing": 0.7, "pointing-chance": 0.2,
        }
    )  # fmt: skip
    function: Mapping[str, float] = field(
        default_factory=lambda: {
            "related": 0.35, "related-uniform": 0.4, "unrelated": 0.6, "unrelated-uniform": 0.4,
        }
    )  # fmt: skip


BASE = World()


def records(world: World, seeds: int = 1) -> pd.DataFrame:
    """Draw the records of all systems; equal worlds draw equal records."""
    rng = np.random.default_rng(3)
    frames = [
        rows(world, system, seed, test, rng)
        for seed in range(seeds)
        for system in world.test
        for test in ("test", "train")
    ]
    return pd.concat(frames, ignore_index=True)


def around(rng: np.random.Generator) -> np.ndarray:
    """Draw numbers of mean nought and deviation 0.1, a pair each."""
    drawn = rng.normal(0, 0.1, PAIRS)
    return drawn - drawn.mean()


def rows(world: World, system: str, seed: int, test: str, rng: np.random.Generator) -> pd.DataFrame:
    right = (world.test if test == "test" else {**world.test, **world.train})[system]
    ones = np.ones(PAIRS)
    statistics = {"accuracy": (rng.permutation(PAIRS) < right * PAIRS, ones)}
    if system in world.rise:
        entropy = 0.3 + world.rise[system] * (LENGTHS > 20) + around(rng)
        statistics["entropy"] = entropy, ones
        for name, share in world.points.items():
            statistics[name] = 5 * (share + around(rng)), 5 * ones
        for name, mass in world.function.items():
            of_group = np.where(name.startswith("unrelated") == UNRELATED, 1.0, np.nan)
            noise = 0 if name.endswith("uniform") else around(rng)
            statistics[f"function-mass-{name}"] = (mass + noise) * of_group, of_group
    frame = pd.DataFrame(
        {"id": [f"{place:04d}" for place in range(PAIRS)], "premise_length": LENGTHS, "hypothesis_length": 5}
    )
    for name, values in statistics.items():
        frame[list(METRICS[name].columns)] = np.column_stack(values).astype(float)
    return frame.assign(system=system, seed=seed, decoding="argmax", test=test)


def verdict(claim: str, frame: pd.DataFrame, vectors: str = "vectors.txt") -> pd.Series:
    paper = replace(PAPER, claims=tuple(one for one in PAPER.claims if one.name == claim))
    metadata = [{"system": "independent", "settings": {"data": {"vectors": vectors}}}]
    return claims.judge(paper, AllExamples(Records(frame, metadata))).iloc[0]


Swap = Callable[[pd.DataFrame], pd.DataFrame]


def systems(*pairs: tuple[str, str]) -> Swap:
    """Return what swaps the records of systems."""
    names = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    return lambda frame: frame.assign(system=frame["system"].replace(names))


def metrics(*pairs: tuple[str, str]) -> Swap:
    """Return what swaps the columns of metrics."""
    names = {
        a: b
        for one, other in pairs
        for pair in zip(METRICS[one].columns, METRICS[other].columns, strict=True)
        for a, b in (pair, pair[::-1])
    }
    return lambda frame: frame.rename(columns=names)


def right(**chances: float) -> World:
    """Return a world in which systems, ``_`` for ``-`` in their names, answer right so often."""
    return replace(BASE, test={**BASE.test, **{name.replace("_", "-"): p for name, p in chances.items()}})


@dataclass(frozen=True)
class Case:
    """How one claim is tried: what to swap, and a world in which its effect lies on its margin."""

    swap: Swap
    on_margin: World
    systems: tuple[str, ...] = ("word-by-word",)


CASES = {
    "conditioning-beats-independent-encoding": Case(
        systems(("conditional-shared", "independent")), right(conditional_shared=0.461),
        ("conditional-shared", "independent"),
    ),
    "attention-beats-a-larger-lstm": Case(
        systems(("attention", "conditional-shared-159")), right(attention=0.653),
        ("attention", "conditional-shared-159"),
    ),
    "attention-beats-two-lstms": Case(
        systems(("attention", "conditional")), right(attention=0.555), ("attention", "conditional")
    ),
    "word-by-word-beats-attention": Case(
        systems(("word-by-word", "attention")), right(attention=0.846), ("attention", "word-by-word")
    ),
    "two-way-does-not-help": Case(
        systems(("attention", "attention-two-way"), ("word-by-word", "word-by-word-two-way")),
        right(attention_two_way=0.756), ("attention", "word-by-word-two-way"),
    ),
    "ranking": Case(
        systems(("conditional", "conditional-shared-159")), right(conditional=0.65),
        ("word-by-word", "conditional"),
    ),
    "frozen-vectors-shrink-the-gap": Case(
        systems(("independent", "word-by-word")),
        replace(BASE, train={**BASE.train, "independent": 0.514}),
        ("independent", "conditional-shared"),
    ),
    "words-find-themselves": Case(
        metrics(("copied", "copied-chance")), replace(BASE, points={**BASE.points, "copied": 0.4})
    ),
    "words-find-what-settles-them": Case(
        metrics(("pointing", "pointing-chance")), replace(BASE, points={**BASE.points, "pointing": 0.4})
    ),
    "one-look-flattens-on-long-premises": Case(
        systems(("attention", "word-by-word")), replace(BASE, rise={"attention": 0.3, "word-by-word": 0.28}),
        ("attention", "word-by-word"),
    ),
    "unrelated-pairs-look-at-function-words": Case(
        metrics(*((f"function-mass-related{kind}", f"function-mass-unrelated{kind}")
                  for kind in ("", "-uniform"))),
        replace(BASE, function={**BASE.function, "unrelated": 0.4}),
    ),
}  # fmt: skip
every_claim = pytest.mark.parametrize("claim", CASES)


def test_every_claim_has_a_case() -> None:
    assert list(CASES) == [claim.name for claim in PAPER.claims]


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return records(BASE)


def _check_both_ways(claim: str, frame: pd.DataFrame, seeds: int) -> None:
    row = verdict(claim, frame)
    assert row["verdict"] == "reproduced", row["reason"]
    assert row["margin"] < row["ci_low"] < row["effect"] < row["ci_high"]
    assert row["seeds"] == seeds and row["n"] >= 50
    row = verdict(claim, CASES[claim].swap(frame))
    assert row["verdict"] == "contradicted", row["reason"]
    assert row["ci_high"] < row["margin"]


@every_claim
def test_reproduced_or_with_swapped_records_contradicted(claim: str, base: pd.DataFrame) -> None:
    _check_both_ways(claim, base, seeds=1)


def test_five_seeds_give_the_same_verdicts() -> None:
    frame = records(BASE, seeds=5)
    for claim in ("word-by-word-beats-attention", "words-find-themselves"):
        _check_both_ways(claim, frame, seeds=5)


@every_claim
def test_undecided_on_the_margin(claim: str) -> None:
    row = verdict(claim, records(CASES[claim].on_margin))
    assert row["verdict"] == "undecided", row["reason"]
    assert row["ci_low"] < row["margin"] < row["ci_high"]


@every_claim
def test_a_system_against_itself_is_undecided(claim: str, base: pd.DataFrame) -> None:
    own = base[(base["system"] == "word-by-word")]
    same = own.assign(
        **{
            other: own[column]
            for name in ("copied", "pointing")
            for column, other in zip(METRICS[name].columns, METRICS[f"{name}-chance"].columns, strict=True)
        }
    )
    for kind in ("", "-uniform"):
        whole = METRICS[f"function-mass-related{kind}"].columns
        for one, other in zip(whole, METRICS[f"function-mass-unrelated{kind}"].columns, strict=True):
            same[one] = same[other] = own[one].fillna(own[other])
    frame = pd.concat([same.assign(system=system) for system in BASE.test], ignore_index=True)
    row = verdict(claim, frame)
    assert row["verdict"] == "undecided"
    assert row["effect"] == 0 and "same records on both sides" in row["reason"]


@every_claim
def test_not_run_without_any_of_its_systems(claim: str, base: pd.DataFrame) -> None:
    for system in CASES[claim].systems:
        row = verdict(claim, base[base["system"] != system])
        assert (row["verdict"], pd.isna(row["effect"])) == ("not run", True)
        assert f"system {system} was not run" == row["reason"]


@every_claim
def test_an_undertrained_system_supports_no_verdict(claim: str) -> None:
    row = verdict(claim, records(replace(BASE, test=dict.fromkeys(BASE.test, 0.34))))
    assert row["verdict"] == "undecided"
    assert "undertrained: " in row["reason"] and row["needed"] == "more updates"


@every_claim
def test_a_short_test_set_is_said_to_be_short(claim: str, base: pd.DataFrame) -> None:
    row = verdict(claim, base[base["id"].astype(int) % 25 == 0])
    assert row["verdict"] == "not run"
    assert "test set too short" in row["reason"]


def test_one_part_is_enough_to_fail() -> None:
    """Both attentions must not gain; the order must hold at every place."""
    row = verdict("two-way-does-not-help", records(right(word_by_word_two_way=0.95)))
    assert row["verdict"] == "contradicted" and row["reason"].startswith("weakest part: word-by-word; ")
    row = verdict("ranking", records(right(independent=0.7)))
    assert row["verdict"] == "contradicted"
    assert row["reason"].startswith("weakest part: conditional over independent; ")


def test_without_given_vectors_nothing_is_frozen(base: pd.DataFrame) -> None:
    row = verdict("frozen-vectors-shrink-the-gap", base, vectors="")
    assert row["verdict"] == "not run"
    assert "data.vectors" in row["reason"]


def test_attention_must_flatten_itself() -> None:
    """That word-by-word attention gets sharper is not enough."""
    row = verdict(
        "one-look-flattens-on-long-premises",
        records(replace(BASE, rise={"attention": -0.1, "word-by-word": -0.3})),
    )
    assert row["verdict"] == "contradicted" and row["reason"].startswith("weakest part: attention; ")


def test_no_gold_links_no_claim_about_them(base: pd.DataFrame) -> None:
    frame = base.drop(columns=[column for column in base if column.startswith("pointing")])
    row = verdict("words-find-what-settles-them", frame)
    assert (row["verdict"], row["reason"]) == ("not run", "no test set has pointing")
