"""Which lengths a claim looks at: the paper's, scaled with the caps that were used, and told so."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from judging_claims import verdict
from translating_claims import World, bent, flat, matching, records

from attnbench.evidence import Check, Evidence
from attnbench.paper import describe
from attnbench.records import Records
from attnbench.scoring import AllExamples, Estimate
from reproductions.bahdanau2015 import PAPER
from reproductions.bahdanau2015 import claims as checks

NO_CAPS: Mapping[str, int] = MappingProxyType({})


class Spy(Evidence):
    """Remembers which bins were asked for."""

    def __init__(self, caps: Mapping[str, int]) -> None:
        runs = [
            {"system": name, "seed": 0, "settings": {"data": {"max_length": n}}} for name, n in caps.items()
        ]
        nothing = pd.DataFrame(columns=["system", "seed", "decoding", "test", "id", "data"])
        super().__init__(AllExamples(Records(nothing, runs)), PAPER)
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
        return Estimate((0,), np.full(1, 9.0), np.full((9, 1), 9.0), {0: np.ones(60, dtype=bool)})


def pairs(name: str, other: str, bins: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    return [(system, low, high) for low, high in bins for system in (name, other)]


TENS = [(11, 21), (21, 31), (31, 41), (41, 51), (51, 61)]


@pytest.mark.parametrize(
    ("check", "caps", "bins"),
    [
        (checks.attention_does_not_extrapolate, {}, [("rnnsearch-30", 51, 61), ("rnnsearch-30", 21, 31)]),
        (checks.attention_does_not_extrapolate, {"rnnsearch-50": 20},
         [("rnnsearch-30", 51, 61), ("rnnsearch-30", 21, 31)]),
        (checks.attention_does_not_extrapolate, {"rnnsearch-30": 30},
         [("rnnsearch-30", 51, 61), ("rnnsearch-30", 21, 31)]),
        # a third: words 21 to 30 become 8 to 10, which are 7 2/3 to 10
        (checks.attention_does_not_extrapolate, {"rnnsearch-30": 10},
         [("rnnsearch-30", 18, 21), ("rnnsearch-30", 8, 11)]),
        (checks.attention_does_not_fall_with_length, {},
         [("rnnsearch-50", 51, 61), ("rnnsearch-50", 21, 31)]),
        # two fifths: 21 to 30 become 9 to 12, 41 to 50 become 17 to 20, and 51 to 60 become 21 to 24
        (checks.attention_does_not_fall_with_length, {"rnnsearch-50": 20},
         [("rnnsearch-50", 21, 25), ("rnnsearch-50", 9, 13)]),
        (checks.attention_within_its_cap, {"rnnsearch-50": 20},
         [("rnnsearch-50", 17, 21), ("rnnsearch-50", 9, 13)]),
        (checks.fixed_vector_falls_with_length, {"rnnencdec-50": 100},
         [("rnnencdec-50", 81, 101), ("rnnencdec-50", 21, 41)]),
        (checks.gap_grows_with_length, {"rnnsearch-50": 20, "rnnencdec-50": 20},
         pairs("rnnsearch-50", "rnnencdec-50", [(13, 21), (1, 5)])),
        (checks.deep_reversed_fixed_vector_falls_less, {"sutskever2014": 25, "rnnencdec-50": 25},
         [("sutskever2014", 21, 26), ("sutskever2014", 6, 11),
          ("rnnencdec-50", 21, 26), ("rnnencdec-50", 6, 11)]),
        (checks.attention_leads_in_every_bin, {}, pairs("rnnsearch-30", "rnnencdec-30", TENS)),
        (checks.attention_leads_in_every_bin, {"rnnsearch-30": 10, "rnnencdec-30": 10},
         pairs("rnnsearch-30", "rnnencdec-30", [(4, 8), (8, 11), (11, 14), (14, 18), (18, 21)])),
        (checks.longer_training_helps, {"rnnsearch-50": 20, "rnnsearch-50-star": 20}, []),
        (checks.longer_cap_helps, {"rnnsearch-50": 20, "rnnsearch-30": 10}, []),
        (checks.unknown_words_cost, {"rnnsearch-50": 20, "rnnsearch-30": 10}, []),
    ],
)  # fmt: skip
def test_bins_are_scaled_by_the_cap_that_was_trained_with(
    check: Check, caps: dict[str, int], bins: list[tuple[str, int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "FEWEST_EXAMPLES", 0)
    evidence = Spy(caps)
    list(check(evidence))
    assert evidence.bins == bins


def test_scaled_bins_are_judged_on_their_own_sentences() -> None:
    """With a cap of 40, 21–30 become 17–24 and 51–60 become 41–48: 0.4 there and 0.5 here is -10."""
    worlds = [matching(rnnsearch_50=bent(0.5, 41, 48, 0.4))] * 3
    capped, papers = (
        verdict(PAPER, "attention-does-not-fall-with-length", records(*worlds, caps=caps))
        for caps in ({"rnnsearch-50": 40}, NO_CAPS)
    )
    assert (capped["verdict"], capped["effect"]) == ("contradicted", pytest.approx(-10))
    assert papers["effect"] == pytest.approx(0)


def test_a_bin_beyond_all_sentences_is_named() -> None:
    row = verdict(PAPER, "attention-does-not-extrapolate", records(World(), caps={"rnnsearch-30": 60}))
    assert row["verdict"] == "not run"
    assert row["reason"] == "test set too short: 0 examples of 101 to 120 words in test, 50 needed"


# --- statements ---


def statement(claim: str, caps: Mapping[str, int]) -> str:
    made = records(World(), caps=caps, systems=list(caps) or ["rnnsearch-50"])
    text: str = verdict(PAPER, claim, made)["statement"]
    return text


TEN_AND_TWENTY = {"rnnsearch-30": 10, "rnnsearch-50": 20, "rnnencdec-30": 10, "rnnencdec-50": 20}
STATEMENTS = {  # by hand: word w of the paper is word (w - 1) * used / nominal + 1, to the nearest
    "attention-beats-fixed-vector": ("(30 and 50 words)", "(10 and 20 words)"),
    "short-cap-attention-beats-long-cap-fixed-vector": (
        "never saw a sentence of more than 30 words",
        "never saw a sentence of more than 10 words",
    ),
    "fixed-vector-falls-with-length": ("from 11–20 to 41–50 words", "from 5–8 to 17–20 words"),
    "attention-does-not-fall-with-length": (
        "at 51–60 words its BLEU is less than 1.5 below that at 21–30.",
        "at 21–24 words its BLEU is less than 1.5 below that at 9–12.",
    ),
    "gap-grows-with-length": (
        "on sentences of 31–50 words than on those of 1–10.",
        "on sentences of 13–20 words than on those of 1–4.",
    ),
    "attention-does-not-extrapolate": ("from 21–30 to 51–60 words", "from 8–10 to 18–20 words"),
    "longer-cap-helps": ("up to 50 rather than 30 words", "up to 20 rather than 10 words"),
    "attention-leads-in-every-bin": ("at every length of 11–60 words", "at every length of 4–20 words"),
    "deep-reversed-fixed-vector-falls-less": ("from 11–20 to 41–50 words", "from 5–8 to 17–20 words"),
}


@pytest.mark.parametrize("claim", STATEMENTS)
def test_statements_name_the_lengths_that_were_used(claim: str) -> None:
    papers, ours = STATEMENTS[claim]
    for caps in (NO_CAPS, {name: int(name[-2:]) for name in TEN_AND_TWENTY}):
        assert papers in statement(claim, caps)
    assert ours in statement(claim, TEN_AND_TWENTY)
    assert papers not in statement(claim, TEN_AND_TWENTY)
    assert papers in next(one["statement"] for one in describe(PAPER)["claims"] if one["name"] == claim)


@pytest.mark.parametrize("claim", [claim.name for claim in PAPER.claims])
def test_no_other_statement_names_a_length_of_the_papers(claim: str) -> None:
    same = statement(claim, TEN_AND_TWENTY) == statement(claim, NO_CAPS)
    assert same == (claim not in STATEMENTS)
    assert not set("{}") & set(statement(claim, TEN_AND_TWENTY))


@pytest.mark.parametrize("model", ["rnnsearch", "rnnencdec"])
def test_the_cap_of_either_model_is_told(model: str) -> None:
    caps = {name: cap for name, cap in TEN_AND_TWENTY.items() if name.startswith(model)}
    assert "(10 and 20 words)" in statement("attention-beats-fixed-vector", caps)
    assert "from 5–8 to 17–20 words" in statement("fixed-vector-falls-with-length", caps)


def test_parts_name_the_lengths_and_caps_that_were_used() -> None:
    world = matching(rnnsearch_30=flat(0.55), rnnsearch_50=flat(0.6))
    row = verdict(PAPER, "attention-beats-fixed-vector", records(world, caps={"rnnsearch-30": 10}))
    assert row["reason"].startswith("weakest part: cap 10; ")
    evidence = Spy({"rnnsearch-30": 90, "rnnencdec-30": 90})
    names = [part.name for part in checks.attention_leads_in_every_bin(evidence)]
    assert names == ["31–60", "61–90", "91–120", "121–150", "151–180"]
