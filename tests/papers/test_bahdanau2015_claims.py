"""Every claim on made-up records: each verdict can come out, and none comes out for the wrong reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from attnbench import claims
from attnbench.scoring import METRICS
from reproductions.bahdanau2015 import PAPER

Curve = Callable[[int], float]
SYSTEMS = ("rnnencdec-30", "rnnencdec-50", "rnnsearch-30", "rnnsearch-50")
PER_BIN = 60
LENGTHS = np.concatenate([np.linspace(low, low + 9, PER_BIN).astype(int) for low in range(1, 71, 10)])


def steps(*values: float) -> Curve:
    """A curve by bins of ten words; the last value goes on."""
    return lambda length: values[min((length - 1) // 10, len(values) - 1)]


@dataclass(frozen=True)
class World:
    """What is true of the systems: the chance that an n-gram matches (BLEU / 100), by source length; nats a
    sentence; and the alignment error rates of RNNsearch-50, of the diagonal and of shuffled weights."""

    match: Mapping[str, Curve] = field(
        default_factory=lambda: {
            "rnnsearch-50": steps(0.8),
            "rnnsearch-30": steps(0.78, 0.78, 0.78, 0.6, 0.5, 0.4, 0.4),
            "rnnencdec-50": steps(0.6, 0.5, 0.4, 0.2, 0.15, 0.1),
            "rnnencdec-30": steps(0.55, 0.4, 0.2, 0.1, 0.08, 0.06),
        }
    )
    nats: Mapping[str, float] = field(
        default_factory=lambda: dict(zip(SYSTEMS, (45.0, 40.0, 35.0, 30.0), strict=True))
    )
    errors: Mapping[str, float] = field(
        default_factory=lambda: {"aer": 0.1, "aer-diagonal": 0.4, "aer-shuffled": 0.9}
    )


def bleu_rows(match: Curve, rng: np.random.Generator) -> np.ndarray:
    orders = np.arange(4)
    totals = np.maximum(LENGTHS[:, None] - orders, 0)
    matches = rng.binomial(totals, np.array([match(int(n)) for n in LENGTHS])[:, None])
    return np.column_stack([LENGTHS, LENGTHS, matches, totals])


def aer_rows(error: float, rng: np.random.Generator) -> np.ndarray:
    correct = rng.binomial(LENGTHS, 1 - error)
    return np.column_stack([correct, correct, LENGTHS, LENGTHS])


def records(world: World, seeds: int = 1) -> pd.DataFrame:
    """Draw the records of all systems; equal worlds draw equal records."""
    rng = np.random.default_rng(5)
    frames = []
    for seed in range(seeds):
        for system in SYSTEMS:
            nats = rng.normal(world.nats[system], 5, size=len(LENGTHS))
            forced = {"nll": np.column_stack([nats, LENGTHS, np.ones(len(LENGTHS))])}
            if system == "rnnsearch-50":
                forced |= {name: aer_rows(error, rng) for name, error in world.errors.items()}
            beam = {"bleu": bleu_rows(world.match[system], rng)}
            frames += [rows(system, seed, "beam", beam), rows(system, seed, "forced", forced)]
    return pd.concat(frames, ignore_index=True)


def rows(system: str, seed: int, decoding: str, statistics: dict[str, np.ndarray]) -> pd.DataFrame:
    ids = [f"{i:04d}" for i in range(len(LENGTHS))]
    about = {"system": system, "seed": seed, "decoding": decoding, "test": "test"}
    columns: dict[str, np.ndarray] = {}
    for name, values in statistics.items():
        columns |= dict(zip(METRICS[name].columns, values.T.astype(float), strict=True))
    return pd.DataFrame({"id": ids, "source_length": LENGTHS, "target_length": LENGTHS, **columns}).assign(
        **about
    )


def verdict(claim: str, frame: pd.DataFrame) -> pd.Series:
    paper = replace(PAPER, claims=tuple(c for c in PAPER.claims if c.name == claim))
    table = claims.judge(paper, frame, pd.DataFrame())
    assert list(table.columns) == claims.COLUMNS
    return table.iloc[0]


def renamed(frame: pd.DataFrame, **names: str) -> pd.DataFrame:
    """Swap two systems; their names have ``_`` for ``-`` here."""
    ((one, other),) = ((a.replace("_", "-"), b.replace("_", "-")) for a, b in names.items())
    return frame.assign(system=frame["system"].replace({one: other, other: one}))


def models_swapped(frame: pd.DataFrame) -> pd.DataFrame:
    return renamed(renamed(frame, rnnsearch_30="rnnencdec-30"), rnnsearch_50="rnnencdec-50")


def caps_swapped(frame: pd.DataFrame) -> pd.DataFrame:
    return renamed(renamed(frame, rnnsearch_30="rnnsearch-50"), rnnencdec_30="rnnencdec-50")


def aligners_swapped(frame: pd.DataFrame) -> pd.DataFrame:
    """Swap RNNsearch-50's alignments and the diagonal's."""
    own, diagonal = METRICS["aer"].columns, METRICS["aer-diagonal"].columns
    return frame.rename(columns=dict(zip([*own, *diagonal], [*diagonal, *own], strict=True)))


BASE = World()


def with_match(**curves: Curve) -> World:
    return replace(BASE, match={**BASE.match, **{name.replace("_", "-"): c for name, c in curves.items()}})


@dataclass(frozen=True)
class Case:
    """How one claim is tried: what to swap, and a world in which its effect lies on its margin."""

    swap: Callable[[pd.DataFrame], pd.DataFrame]
    on_margin: World
    compares: bool = True
    """Whether it compares systems, so that one can be held against itself."""


SHORT_LOW = steps(0.4, 0.4, 0.4, 0.39, 0.39)
CASES = {
    "attention-beats-fixed-vector": Case(
        models_swapped,
        with_match(rnnsearch_30=steps(0.51), rnnencdec_30=steps(0.5),
                   rnnsearch_50=steps(0.51), rnnencdec_50=steps(0.5)),
    ),
    "short-cap-attention-beats-long-cap-fixed-vector": Case(
        models_swapped, with_match(rnnsearch_30=steps(0.51), rnnencdec_50=steps(0.5))
    ),
    "fixed-vector-falls-with-length": Case(
        models_swapped, with_match(rnnencdec_50=steps(0.4, 0.4, 0.36, 0.33, 0.3)), compares=False
    ),
    "attention-does-not-fall-within-its-cap": Case(
        models_swapped, with_match(rnnsearch_50=steps(0.5, 0.5, 0.5, 0.48, 0.45)), compares=False
    ),
    "gap-grows-with-length": Case(
        models_swapped, with_match(rnnsearch_50=steps(0.5), rnnencdec_50=SHORT_LOW)
    ),
    "attention-does-not-extrapolate": Case(
        caps_swapped, with_match(rnnsearch_30=steps(0.4, 0.4, 0.4, 0.36, 0.33, 0.3)), compares=False
    ),
    "longer-cap-helps": Case(
        caps_swapped,
        with_match(rnnsearch_50=steps(0.505), rnnsearch_30=steps(0.5),
                   rnnencdec_50=steps(0.405), rnnencdec_30=steps(0.4)),
    ),
    "attention-has-lower-nll": Case(
        models_swapped,
        replace(BASE, nats={"rnnsearch-50": 30, "rnnsearch-30": 35, "rnnencdec-50": 31, "rnnencdec-30": 36}),
    ),
    "alignments-follow-gold": Case(
        aligners_swapped, replace(BASE, errors={"aer": 0.3, "aer-diagonal": 0.35, "aer-shuffled": 0.9})
    ),
}  # fmt: skip


def test_every_claim_has_a_case() -> None:
    assert list(CASES) == [claim.name for claim in PAPER.claims]


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return records(BASE)


@pytest.mark.parametrize("claim", CASES)
def test_reproduced_where_the_world_is_the_papers(claim: str, base: pd.DataFrame) -> None:
    row = verdict(claim, base)
    assert row["verdict"] == "reproduced", row["reason"]
    assert row["margin"] < row["ci_low"] < row["effect"] < row["ci_high"]
    assert row["needed"] == ""
    assert (row["seeds"], row["n"]) != (0, 0)


@pytest.mark.parametrize("claim", CASES)
def test_swapped_systems_contradict(claim: str, base: pd.DataFrame) -> None:
    row = verdict(claim, CASES[claim].swap(base))
    assert row["verdict"] == "contradicted", row["reason"]
    assert row["ci_high"] < row["margin"]


@pytest.mark.parametrize("claim", CASES)
def test_undecided_on_the_margin(claim: str) -> None:
    row = verdict(claim, records(CASES[claim].on_margin))
    assert row["verdict"] == "undecided", row["reason"]
    assert row["ci_low"] < row["margin"] < row["ci_high"]
    assert row["needed"]


@pytest.mark.parametrize("claim", CASES)
def test_five_seeds_give_the_same_verdicts(claim: str) -> None:
    frame = records(BASE, seeds=5)
    assert verdict(claim, frame)["verdict"] == "reproduced"
    assert verdict(claim, CASES[claim].swap(frame))["verdict"] == "contradicted"
    assert verdict(claim, frame)["seeds"] == 5


@pytest.mark.parametrize("claim", [name for name, case in CASES.items() if case.compares])
def test_a_system_against_itself_is_undecided(claim: str, base: pd.DataFrame) -> None:
    own = base[base["system"] == "rnnsearch-50"]
    for name in ("aer-diagonal", "aer-shuffled"):
        own = own.assign(**{column: own[f"aer/{column.split('/')[1]}"] for column in METRICS[name].columns})
    frame = pd.concat([own.assign(system=system) for system in SYSTEMS], ignore_index=True)
    row = verdict(claim, frame)
    assert row["verdict"] == "undecided"
    assert row["effect"] == 0
    assert "same records on both sides" in row["reason"]


@pytest.mark.parametrize("claim", [name for name, case in CASES.items() if case.compares])
def test_two_trainings_of_one_system_never_reproduce_a_difference(claim: str) -> None:
    curve, same = steps(0.6, 0.5, 0.4), dict.fromkeys(SYSTEMS, 30.0)
    errors = dict.fromkeys(BASE.errors, 0.3)
    world = World(match=dict.fromkeys(SYSTEMS, curve), nats=same, errors=errors)
    assert verdict(claim, records(world))["verdict"] in ("undecided", "contradicted")


@pytest.mark.parametrize("claim", CASES)
def test_not_run_without_its_systems(claim: str, base: pd.DataFrame) -> None:
    row = verdict(claim, base.assign(system="another"))
    assert row["verdict"] == "not run"
    assert "run" in row["reason"]
    assert pd.isna(row["effect"])


@pytest.mark.parametrize("claim", CASES)
def test_an_undertrained_system_supports_no_verdict(claim: str) -> None:
    low = replace(BASE, match={name: lambda n, f=f: 0.05 * f(n) for name, f in BASE.match.items()})
    row = verdict(claim, records(low))
    assert row["verdict"] == "undecided"
    assert "undertrained: " in row["reason"]
    assert row["needed"] == "more updates"


@pytest.mark.parametrize("claim", CASES)
def test_a_short_test_set_is_said_to_be_short(claim: str, base: pd.DataFrame) -> None:
    row = verdict(claim, base[base["id"].astype(int) % 20 == 0])
    assert row["verdict"] == "not run"
    assert "test set too short" in row["reason"]


@pytest.mark.parametrize("claim", ["attention-beats-fixed-vector", "attention-has-lower-nll"])
def test_one_cap_is_enough_and_is_said(claim: str, base: pd.DataFrame) -> None:
    row = verdict(claim, base[base["system"].str.endswith("-30")])
    assert row["verdict"] == "reproduced"
    assert "cap 30 (cap 50 was not run)" in row["reason"]


def test_one_failing_part_fails_the_claim_and_is_named() -> None:
    world = with_match(rnnencdec_30=BASE.match["rnnencdec-50"], rnnencdec_50=BASE.match["rnnencdec-30"])
    row = verdict("longer-cap-helps", records(world))
    assert row["verdict"] == "contradicted"
    assert row["reason"].startswith("weakest part: rnnencdec; ")


def test_no_gold_links_no_alignment_claim(base: pd.DataFrame) -> None:
    frame = base.drop(columns=[c for c in base.columns if c.startswith("aer")])
    row = verdict("alignments-follow-gold", frame)
    assert (row["verdict"], row["reason"]) == ("not run", "no test set has aer")
