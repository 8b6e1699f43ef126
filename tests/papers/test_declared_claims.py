"""What claims say of themselves: when margins were set, what came after results, what else differs."""

import re
from dataclasses import replace

import pytest

from attnbench.paper import Claim, Paper
from reproductions.bahdanau2015 import PAPER as BAHDANAU
from reproductions.chorowski2015 import PAPER as CHOROWSKI
from reproductions.rocktaschel2016 import PAPER as ROCKTASCHEL
from reproductions.rush2015 import PAPER as RUSH
from reproductions.xu2015 import PAPER as XU

PAPERS = (BAHDANAU, CHOROWSKI, ROCKTASCHEL, RUSH, XU)
CLAIMS = [claim for paper in PAPERS for claim in paper.claims]
every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)

AFTER_RESULTS = {
    "bahdanau2015": [
        "attention-does-not-fall-with-length",
        "alignments-near-diagonal",
        "attention-leads-in-every-bin",
        "fewer-updates-suffice",
        "longer-training-helps",
        "unknown-words-cost",
        "deep-reversed-fixed-vector-falls-less",
    ],
    "chorowski2015": [],
    "rocktaschel2016": [],
    "rush2015": [],
    "xu2015": [],
}


@every_claim
def test_a_margin_names_the_day_and_the_commit_that_set_it(claim: Claim) -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d, [0-9a-f]{7,40}", claim.margin_set)
    assert claim.margin_reason


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_what_came_after_results_is_said(paper: Paper) -> None:
    assert [claim.name for claim in paper.claims if claim.after_results] == AFTER_RESULTS[paper.name]


@every_claim
def test_what_else_differs_is_said(claim: Claim) -> None:
    assert claim.also_differs.strip()
    named = re.findall(r"as for ([a-z]+(?:-[a-z]+)+)|measured apart in ([a-z-]+)", claim.also_differs)
    names = {one.name for paper in PAPERS for one in (*paper.claims, *paper.measurements)}
    assert {name for pair in named for name in pair if name} <= names


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_claims_and_measurements_have_names_of_their_own(paper: Paper) -> None:
    names = [one.name for one in (*paper.claims, *paper.measurements)]
    assert len(set(names)) == len(names)
    assert {name for claim in paper.claims for name in claim.implied_by} <= {c.name for c in paper.claims}


def test_the_margin_of_the_larger_claim_is_within_what_implies_it() -> None:
    """RNNsearch-30 over RNNencdec-50 by a, and either model's longer cap by b, give a + b at either cap."""
    margins = {claim.name: claim.margin for claim in BAHDANAU.claims}
    implied = [claim for claim in BAHDANAU.claims if claim.implied_by]
    assert [claim.name for claim in implied] == ["attention-beats-fixed-vector"]
    for claim in implied:
        assert sum(margins[name] for name in claim.implied_by) >= claim.margin


@every_claim
def test_a_statement_is_whole_in_the_papers_terms(claim: Claim) -> None:
    assert not set("{}") & set(claim.stated())
    assert bool(claim.terms) == bool(claim.terms_of) == ("{" in claim.statement)
    assert claim.stated() == replace(claim, terms_of="").stated()
