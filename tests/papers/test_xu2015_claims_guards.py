"""What supports no verdict: each guard with records that trip it, and with records that do not."""

import pandas as pd
import pytest
from captioning_claims import CASES, tried
from judging_claims import Made, verdict

from reproductions.xu2015 import PAPER
from reproductions.xu2015.guards import ATTENDING

ABOVE, BELOW = (0.9, 1.0, 1.1), (-0.9, -1.0, -1.1)
every_claim = pytest.mark.parametrize("claim", CASES)
SIDES = [(claim, system) for claim, case in CASES.items() for system in case.systems]
every_side = pytest.mark.parametrize(("claim", "system"), SIDES)
every_system = pytest.mark.parametrize(
    ("claim", "system"), {system: (claim, system) for claim, system in reversed(SIDES)}.values()
)
"""Each in one claim: whom a claim looks at, the first guard shows."""
LEVELS = [claim.name for claim in PAPER.claims if claim.levels]


def judged(claim: str, made: Made) -> pd.Series:
    return verdict(PAPER, claim, made)


def undecided(row: pd.Series, said: str) -> bool:
    return (row["verdict"], row["needed"]) == ("undecided", "more updates") and said in row["reason"]


@every_side
def test_who_is_compared_must_write_captions(claim: str, system: str) -> None:
    row = judged(claim, tried(claim, *BELOW, levels={f"{system}/beam:bleu": 4.9}))
    assert undecided(row, f"undertrained: {system} has 4.9 BLEU on test, below 5"), row["reason"]


@every_system
def test_who_writes_one_caption_ignores_its_pictures(claim: str, system: str) -> None:
    """Of 240 captions of as many pairs, types are a share of 2 / 240: word pairs of two captions."""
    row = judged(claim, tried(claim, *ABOVE, levels={f"{system}:distinct-2": 2 / 240}))
    assert undecided(row, f"{system} ignores its pictures: word pairs of 2.0 captions, below 3"), row[
        "reason"
    ]


@every_system
def test_attention_that_does_not_move_tells_nothing(claim: str, system: str) -> None:
    row = judged(claim, tried(claim, *ABOVE, levels={f"{system}:time-variance": 5e-4}))
    if system in ATTENDING:
        said = f"the attention of {system} is dead: its variance over time is 0.0005, below 0.001"
        assert undecided(row, said), row["reason"]
    else:
        assert row["verdict"] == "reproduced", row["reason"]


@every_system
def test_attention_must_point_better_than_uniform_weights(claim: str, system: str) -> None:
    row = judged(claim, tried(claim, *ABOVE, levels={f"{system}:pointing": 0.1}))
    if system in ATTENDING:
        assert undecided(row, f"{system} does not point better than chance"), row["reason"]
    else:
        assert row["verdict"] == "reproduced", row["reason"]


@every_claim
def test_without_regions_whether_attention_moves_tells(claim: str) -> None:
    assert judged(claim, tried(claim, *ABOVE, regions=False))["verdict"] == "reproduced"


@pytest.mark.parametrize("claim", LEVELS)
def test_who_still_learns_may_catch_up(claim: str) -> None:
    """Ahead by more than the margin, it is the other side that more training might help."""
    for shifts, behind in ((ABOVE, CASES[claim].lags), (BELOW, CASES[claim].leads)):
        row = judged(claim, tried(claim, *shifts).falling(dict.fromkeys(behind, 0.2)))
        assert undecided(row, f"still falling: the validation loss of {behind[0]} by 2"), row["reason"]


def test_what_compares_levels() -> None:
    assert LEVELS == [
        "attention-beats-a-fixed-vector", "hard-beats-soft", "hard-is-as-good-in-every-bleu",
        "penalty-raises-bleu", "penalty-makes-captions-more-descriptive", "equal-lengths-cost-nothing",
        "variance-reduction-pays",
    ]  # fmt: skip
