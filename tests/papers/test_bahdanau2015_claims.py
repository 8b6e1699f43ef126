"""Every claim on made-up records: each verdict can come out, and none comes out for the wrong reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attnbench import claims
from attnbench.claims import Evidence
from attnbench.records import Records
from attnbench.scoring import AllExamples, Estimate
from attnbench.tasks.translation.measures import METRICS
from reproductions.bahdanau2015 import PAPER
from reproductions.bahdanau2015 import claims as checks

Curve = Callable[[int], float]
SYSTEMS = ("rnnencdec-30", "rnnencdec-50", "rnnsearch-30", "rnnsearch-50")
EXTRA = ("rnnsearch-50-star", "sutskever2014")
PER_BIN = 60
LENGTHS = np.concatenate([np.linspace(low, low + 9, PER_BIN).astype(int) for low in range(1, 71, 10)])
KNOWN = np.arange(len(LENGTHS)) % 3 > 0
"""Which sentences have no unknown word."""

HISTORY = pd.DataFrame(
    {"system": np.repeat(SYSTEMS, 2), "seed": 0, "update": [250, 500, 250, 500, 150, 300, 150, 300]}
)


def steps(*values: float) -> Curve:
    """A curve by bins of ten words; the last value goes on."""
    return lambda length: values[min((length - 1) // 10, len(values) - 1)]


@dataclass(frozen=True)
class World:
    """What is true of the systems: the chance that an n-gram matches (BLEU / 100), by source length; nats a
    sentence; the alignment error rates of RNNsearch-50, of the diagonal and of shuffled weights; shares of
    RNNsearch-50's and of a uniform attention near the diagonal; and by how much more an n-gram matches where
    all words are known."""

    match: Mapping[str, Curve] = field(
        default_factory=lambda: {
            "rnnsearch-50": steps(0.8),
            "rnnsearch-30": steps(0.78, 0.78, 0.78, 0.6, 0.5, 0.4, 0.4),
            "rnnencdec-50": steps(0.6, 0.5, 0.4, 0.2, 0.15, 0.1),
            "rnnencdec-30": steps(0.55, 0.4, 0.2, 0.1, 0.08, 0.06),
            "rnnsearch-50-star": steps(0.84),
            "sutskever2014": steps(0.6, 0.5, 0.48, 0.45, 0.42, 0.4),
        }
    )
    nats: Mapping[str, float] = field(
        default_factory=lambda: dict(zip(SYSTEMS, (45.0, 40.0, 35.0, 30.0), strict=True))
    )
    errors: Mapping[str, float] = field(
        default_factory=lambda: {"aer": 0.1, "aer-diagonal": 0.4, "aer-shuffled": 0.9}
    )
    near: Mapping[str, float] = field(
        default_factory=lambda: {"diagonal-mass": 0.8, "diagonal-mass-uniform": 0.4}
    )
    known: float = 0.1


def bleu_rows(match: Curve, rng: np.random.Generator) -> np.ndarray:
    orders = np.arange(4)
    totals = np.maximum(LENGTHS[:, None] - orders, 0)
    matches = rng.binomial(totals, np.array([match(int(n)) for n in LENGTHS])[:, None])
    return np.column_stack([LENGTHS, LENGTHS, matches, totals])


def aer_rows(error: float, rng: np.random.Generator) -> np.ndarray:
    correct = rng.binomial(LENGTHS, 1 - error)
    return np.column_stack([correct, correct, LENGTHS, LENGTHS])


def mass_rows(share: float, rng: np.random.Generator) -> np.ndarray:
    return np.column_stack([rng.binomial(10 * LENGTHS, share) / 10, LENGTHS])


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
                forced |= {name: mass_rows(share, rng) for name, share in world.near.items()}
            frames += [*searched(world, system, seed, rng), rows(system, seed, "forced", forced)]
        for system in EXTRA:
            frames += searched(world, system, seed, rng)
    return pd.concat(frames, ignore_index=True)


def searched(world: World, system: str, seed: int, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Draw what a system's searches give: on all sentences, and on those without unknown words."""
    curve = world.match[system]
    beam, known = bleu_rows(curve, rng), bleu_rows(lambda n: curve(n) + world.known, rng)
    nounk = rows(system, seed, "beam-known", {"bleu": known})[KNOWN].assign(test="nounk")
    return [rows(system, seed, "beam", {"bleu": beam}), nounk]


def rows(system: str, seed: int, decoding: str, statistics: dict[str, np.ndarray]) -> pd.DataFrame:
    ids = [f"{i:04d}" for i in range(len(LENGTHS))]
    about = {"system": system, "seed": seed, "decoding": decoding, "test": "test"}
    columns: dict[str, np.ndarray] = {}
    for name, values in statistics.items():
        columns |= dict(zip(METRICS[name].columns, values.T.astype(float), strict=True))
    return pd.DataFrame({"id": ids, "source_length": LENGTHS, "target_length": LENGTHS, **columns}).assign(
        **about
    )


NO_CAPS: Mapping[str, int] = MappingProxyType({})


def metadata(history: pd.DataFrame, caps: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return what records say of their runs: history, and caps where they are given."""
    runs = [
        {"system": system, "seed": 0, "history": [{"update": int(one)} for one in rows["update"]]}
        for system, rows in history.groupby("system")
    ]
    named = [{"system": name, "seed": 0, "settings": {"data": {"max_length": n}}} for name, n in caps.items()]
    return [*named, *runs]


def verdict(
    claim: str,
    frame: pd.DataFrame,
    history: pd.DataFrame = HISTORY,
    caps: Mapping[str, int] = MappingProxyType({}),
) -> pd.Series:
    paper = replace(PAPER, claims=tuple(c for c in PAPER.claims if c.name == claim))
    table = claims.judge(paper, AllExamples(Records(frame, metadata(history, caps))))
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


def attentions_swapped(frame: pd.DataFrame) -> pd.DataFrame:
    """Swap RNNsearch-50's attention and the uniform one."""
    own, uniform = METRICS["diagonal-mass"].columns, METRICS["diagonal-mass-uniform"].columns
    return frame.rename(columns=dict(zip([*own, *uniform], [*uniform, *own], strict=True)))


def known_and_all_swapped(frame: pd.DataFrame) -> pd.DataFrame:
    """Swap the search on all sentences and the one on those without unknown words."""
    decodings = {"beam": "beam-known", "beam-known": "beam"}
    swapped = frame.assign(decoding=frame["decoding"].replace(decodings))
    tests = swapped["decoding"].map({"beam": "test", "beam-known": "nounk", "forced": "test"})
    return swapped.assign(test=tests)


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
    "alignments-near-diagonal": Case(
        attentions_swapped, replace(BASE, near={"diagonal-mass": 0.5, "diagonal-mass-uniform": 0.4})
    ),
    "attention-leads-in-every-bin": Case(
        models_swapped, with_match(rnnencdec_30=steps(0.55, 0.4, 0.2, 0.1, 0.5, 0.06))
    ),
    "fewer-updates-suffice": Case(
        models_swapped, with_match(rnnsearch_50=steps(0.51), rnnencdec_50=steps(0.5))
    ),
    "longer-training-helps": Case(
        lambda frame: renamed(frame, rnnsearch_50="rnnsearch-50-star"),
        with_match(rnnsearch_50_star=steps(0.505), rnnsearch_50=steps(0.5)),
    ),
    "unknown-words-cost": Case(known_and_all_swapped, replace(BASE, known=0.02), compares=False),
    "deep-reversed-fixed-vector-falls-less": Case(
        lambda frame: renamed(frame, rnnencdec_50="sutskever2014"),
        with_match(
            rnnencdec_50=steps(0.4, 0.4, 0.36, 0.33, 0.3), sutskever2014=steps(0.4, 0.4, 0.37, 0.35, 0.34)
        ),
    ),
}  # fmt: skip


def test_every_claim_has_a_case() -> None:
    assert list(CASES) == [claim.name for claim in PAPER.claims]


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return records(BASE)


@pytest.fixture(scope="module")
def five_seeds() -> pd.DataFrame:
    return records(BASE, seeds=5)


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
def test_five_seeds_give_the_same_verdicts(claim: str, five_seeds: pd.DataFrame) -> None:
    frame = five_seeds
    assert verdict(claim, frame)["verdict"] == "reproduced"
    assert verdict(claim, CASES[claim].swap(frame))["verdict"] == "contradicted"
    assert verdict(claim, frame)["seeds"] == 5


@pytest.mark.parametrize("claim", [name for name, case in CASES.items() if case.compares])
def test_a_system_against_itself_is_undecided(claim: str, base: pd.DataFrame) -> None:
    own = base[base["system"] == "rnnsearch-50"]
    for name in ("aer-diagonal", "aer-shuffled"):
        own = own.assign(**{column: own[f"aer/{column.split('/')[1]}"] for column in METRICS[name].columns})
    even = dict(zip(METRICS["diagonal-mass-uniform"].columns, METRICS["diagonal-mass"].columns, strict=True))
    own = own.assign(**{column: own[same] for column, same in even.items()})
    frame = pd.concat([own.assign(system=system) for system in (*SYSTEMS, *EXTRA)], ignore_index=True)
    row = verdict(claim, frame)
    assert row["verdict"] == "undecided"
    assert row["effect"] == 0
    assert "same records on both sides" in row["reason"]


@pytest.mark.parametrize("claim", [name for name, case in CASES.items() if case.compares])
def test_two_trainings_of_one_system_never_reproduce_a_difference(claim: str) -> None:
    curve, same = steps(0.6, 0.5, 0.4), dict.fromkeys(SYSTEMS, 30.0)
    errors = dict.fromkeys(BASE.errors, 0.3)
    match, near = dict.fromkeys((*SYSTEMS, *EXTRA), curve), dict.fromkeys(BASE.near, 0.4)
    world = World(match=match, nats=same, errors=errors, near=near)
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


# --- the claims that need more than the four systems' searches ---


def without(frame: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    return frame[frame[column] != value]


@pytest.mark.parametrize(
    ("claim", "column", "value", "reason"),
    [
        ("longer-training-helps", "system", "rnnsearch-50-star", "system rnnsearch-50-star was not run"),
        ("longer-training-helps", "system", "rnnsearch-50", "system rnnsearch-50 was not run"),
        (
            "deep-reversed-fixed-vector-falls-less",
            "system",
            "sutskever2014",
            "system sutskever2014 was not run",
        ),
        ("attention-leads-in-every-bin", "system", "rnnencdec-30", "system rnnencdec-30 was not run"),
        ("fewer-updates-suffice", "system", "rnnencdec-50", "system rnnencdec-50 was not run"),
        ("alignments-near-diagonal", "system", "rnnsearch-50", "no test set has diagonal-mass"),
        ("alignments-near-diagonal", "decoding", "forced", "no test set has diagonal-mass"),
        ("unknown-words-cost", "test", "nounk", "no records of decoding beam-known on test nounk"),
        ("unknown-words-cost", "decoding", "beam", "no records of decoding beam on test "),
    ],
)
def test_what_is_missing_is_named(
    claim: str, column: str, value: str, reason: str, base: pd.DataFrame
) -> None:
    row = verdict(claim, without(base, column, value))
    assert row["verdict"] == "not run"
    assert reason in row["reason"]


def test_no_weights_no_claim_of_a_diagonal(base: pd.DataFrame) -> None:
    frame = base.drop(columns=[c for c in base.columns if c.startswith("diagonal-mass")])
    row = verdict("alignments-near-diagonal", frame)
    assert (row["verdict"], row["reason"]) == ("not run", "no test set has diagonal-mass")


def test_updates_are_compared_before_scores(base: pd.DataFrame) -> None:
    row = verdict("fewer-updates-suffice", base)
    assert "weakest part: 300 against 500 updates; " in row["reason"]
    equal = HISTORY.assign(update=400)
    assert verdict("fewer-updates-suffice", base, equal)["verdict"] == "reproduced"
    more = HISTORY.assign(update=HISTORY["update"].where(HISTORY["system"] != "rnnsearch-50", 501))
    row = verdict("fewer-updates-suffice", base, more)
    assert row["verdict"] == "not run"
    assert row["reason"] == "rnnsearch-50 had 501 updates, more than the 500 of rnnencdec-50"


@pytest.mark.parametrize("system", ["rnnsearch-50", "rnnencdec-50"])
def test_no_history_no_claim_of_updates(system: str, base: pd.DataFrame) -> None:
    row = verdict("fewer-updates-suffice", base, without(HISTORY, "system", system))
    assert (row["verdict"], row["reason"]) == ("not run", f"no training history of {system}")
    row = verdict("fewer-updates-suffice", base, HISTORY.iloc[:0])
    assert (row["verdict"], row["reason"]) == ("not run", "no training history of rnnsearch-50")


def test_unknown_words_are_judged_over_two_test_sets(base: pd.DataFrame) -> None:
    row = verdict("unknown-words-cost", base)
    assert row["n"] == len(LENGTHS) + KNOWN.sum()
    assert row["effect"] == pytest.approx(10, abs=1.5)
    alone = base[base["system"] == "rnnsearch-30"]
    row = verdict("unknown-words-cost", alone)
    assert (row["verdict"], row["reason"].split(";")[0]) == ("reproduced", "weakest part: rnnsearch-30")
    bleu, columns = METRICS["bleu"].value, list(METRICS["bleu"].columns)
    known, every = (alone[alone["test"] == test][columns].sum().to_numpy() for test in ("nounk", "test"))
    assert known.sum() < every.sum() * 0.8, "forced rows have no BLEU"
    assert row["effect"] == pytest.approx(float(bleu(known) - bleu(every)))


def test_one_system_that_loses_by_known_words_fails_the_claim(base: pd.DataFrame) -> None:
    worse = records(replace(BASE, known=-0.05))
    own = worse[worse["system"] == "rnnencdec-30"]
    row = verdict("unknown-words-cost", pd.concat([without(base, "system", "rnnencdec-30"), own]))
    assert row["verdict"] == "contradicted"
    assert row["reason"].startswith("weakest part: rnnencdec-30; ")


def test_too_few_unknown_words_cost_nothing_that_could_be_judged(base: pd.DataFrame) -> None:
    every = base[(base["decoding"] == "beam") & (base["system"] != "rnnsearch-50-star")]
    nearly = every[~every["id"].isin(["0000", "0001"])].assign(decoding="beam-known", test="nounk")
    row = verdict("unknown-words-cost", pd.concat([every, nearly], ignore_index=True))
    assert row["verdict"] == "not run"
    assert row["reason"] == "only 2 test sentences have unknown words, 50 needed"


@pytest.mark.parametrize(("place", "name"), [(1, "11–20"), (3, "31–40"), (5, "51–60")])
def test_one_bin_behind_fails_the_lead_and_is_named(place: int, name: str) -> None:
    low = [0.55, 0.4, 0.2, 0.1, 0.08, 0.06]
    low[place] = 0.9
    row = verdict("attention-leads-in-every-bin", records(with_match(rnnencdec_30=steps(*low))))
    assert row["verdict"] == "contradicted"
    assert row["reason"].startswith(f"weakest part: {name}; ")


def test_bins_outside_the_claim_do_not_fail_it() -> None:
    low = steps(0.9, 0.4, 0.2, 0.1, 0.08, 0.06, 0.9)
    assert verdict("attention-leads-in-every-bin", records(with_match(rnnencdec_30=low)))["verdict"] == (
        "reproduced"
    )


# --- length bins scale with the cap ---


class Spy(Evidence):
    """Evidence that keeps which lengths of which system were asked for; every score is one."""

    def __init__(self, **caps: int) -> None:
        nothing = pd.DataFrame(columns=["system", "seed", "decoding", "test", "id"])
        named = {name.replace("_", "-"): cap for name, cap in caps.items()}
        super().__init__(AllExamples(Records(nothing, metadata(HISTORY, named))), PAPER)
        self.bins: list[tuple[str, float, float]] = []

    def main_test(self, metric: str) -> str:
        return "test"

    def score(
        self, system: str, metric: str, decoding: str, test: str, low: float = -np.inf, high: float = np.inf,
        by: str = "length",
    ) -> Estimate:  # fmt: skip
        if np.isfinite(low):
            self.bins.append((system, low, high))
        else:
            assert (low, high) == (-np.inf, np.inf)
        return Estimate((0,), np.full(1, 9.0), np.full((9, 1), 9.0), np.ones(60, dtype=bool))


def pairs(name: str, other: str, bins: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    return [(system, low, high) for low, high in bins for system in (name, other)]


TENS = [(11, 21), (21, 31), (31, 41), (41, 51), (51, 61)]


@pytest.mark.parametrize(
    ("check", "caps", "bins"),
    [
        (checks.attention_does_not_extrapolate, {}, [("rnnsearch-30", 51, 61), ("rnnsearch-30", 21, 31)]),
        (checks.attention_does_not_extrapolate, {"rnnsearch_50": 20},
         [("rnnsearch-30", 51, 61), ("rnnsearch-30", 21, 31)]),
        (checks.attention_does_not_extrapolate, {"rnnsearch_30": 30},
         [("rnnsearch-30", 51, 61), ("rnnsearch-30", 21, 31)]),
        # a third: words 21 to 30 become 8 to 10, which are 7 2/3 to 10
        (checks.attention_does_not_extrapolate, {"rnnsearch_30": 10},
         [("rnnsearch-30", 18, 21), ("rnnsearch-30", 8, 11)]),
        # two fifths: 21 to 30 become 9 to 12, and 41 to 50 become 17 to 20
        (checks.attention_does_not_fall_within_its_cap, {"rnnsearch_50": 20},
         [("rnnsearch-50", 17, 21), ("rnnsearch-50", 9, 13)]),
        (checks.fixed_vector_falls_with_length, {"rnnencdec_50": 100},
         [("rnnencdec-50", 81, 101), ("rnnencdec-50", 21, 41)]),
        (checks.gap_grows_with_length, {"rnnsearch_50": 20, "rnnencdec_50": 20},
         pairs("rnnsearch-50", "rnnencdec-50", [(13, 21), (1, 5)])),
        (checks.deep_reversed_fixed_vector_falls_less, {"sutskever2014": 25, "rnnencdec_50": 25},
         [("sutskever2014", 21, 26), ("sutskever2014", 6, 11),
          ("rnnencdec-50", 21, 26), ("rnnencdec-50", 6, 11)]),
        (checks.attention_leads_in_every_bin, {}, pairs("rnnsearch-30", "rnnencdec-30", TENS)),
        (checks.attention_leads_in_every_bin, {"rnnsearch_30": 10, "rnnencdec_30": 10},
         pairs("rnnsearch-30", "rnnencdec-30", [(4, 8), (8, 11), (11, 14), (14, 18), (18, 21)])),
        (checks.longer_training_helps, {"rnnsearch_50": 20, "rnnsearch_50_star": 20}, []),
        (checks.longer_cap_helps, {"rnnsearch_50": 20, "rnnsearch_30": 10}, []),
    ],
)  # fmt: skip
def test_bins_are_scaled_by_the_cap_that_was_trained_with(
    check: claims.Check, caps: dict[str, int], bins: list[tuple[str, int, int]]
) -> None:
    evidence = Spy(**caps)
    list(check(evidence))
    assert evidence.bins == bins


def test_the_cap_is_read_from_the_records(base: pd.DataFrame) -> None:
    row = verdict("attention-does-not-extrapolate", base, caps={"rnnsearch-30": 60})
    assert row["verdict"] == "not run"
    assert "0 examples of 101 to 120 words in test" in row["reason"]
    row = verdict("attention-does-not-extrapolate", base, caps={"rnnsearch-30": 30})
    assert row["verdict"] == "reproduced"
