"""What is measured without a verdict: against the length, where attention fails, and the controls."""

from dataclasses import replace

import pandas as pd
import pytest
from judging_claims import Made, measured
from recognizing_claims import COUNTS, LABELS, LONG, World, records

from reproductions.chorowski2015 import PAPER
from reproductions.chorowski2015.measured import ALIGNMENTS, BANDS, SEARCHES

RISING = (20.0, 21.0, 22.0, 25.0, 30.0, 40.0, 60.0)
"""Error rates of 1, 2, 3, 5, 8, 11 and 15 joined utterances."""


def of(name: str, made: Made) -> pd.DataFrame:
    return measured(PAPER, name, made)


def weighted(levels: tuple[float, ...], *counts: int) -> float:
    """Return the mean of the levels of some counts, each by its labels."""
    return sum(count * levels[COUNTS.index(count)] for count in counts) / sum(counts)


def test_each_measurement_is_tried_here() -> None:
    assert [one.name for one in PAPER.measurements] == [
        "error-by-pieces", "aligned-by-pieces", "failure-point", "entropy-of-attention", "what-is-left",
        "smoothing-without-location", "sharpening-on-single-utterances", "what-a-window-saves",
        "location-without-a-window", "attention-finds-its-label",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "decodings", "single"),
    [("error-by-pieces", SEARCHES, "beam"), ("aligned-by-pieces", ALIGNMENTS, "forced")],
)
def test_every_system_and_decoding_by_pieces(name: str, decodings: tuple[str, ...], single: str) -> None:
    levels = {f"conv/{decodings[-1]}:mixed": RISING, f"conv/{single}": 19.0}
    made = records(World(errors=levels, aligned=levels), systems=("conv", "baseline"))
    rows = of(name, made)
    each = 1 + len(decodings) * len(LONG) * len(BANDS)
    assert len(rows) == 2 * each
    assert rows.index[0] == "baseline, single" and rows.index[each] == "conv, single"
    assert rows["value"]["conv, single"] == pytest.approx(19)
    for band, counts in {
        "2 or 3": (2, 3),
        "5 or 8": (5, 8),
        "8 or 11": (8, 11),
        "11 or 15": (11, 15),
    }.items():
        found = rows.loc[f"conv, {decodings[-1]}, mixed, {band}"]
        assert found["value"] == pytest.approx(weighted(RISING, *counts))
        assert found["n"] == 52


def test_joined_utterances_that_are_too_few_are_left_out() -> None:
    made = records(World(), systems=("conv",), decodings=("beam", "long"))
    few = made.frame["id"].str.match(r"mixed/.*x(08|11|15)")
    rows = of("error-by-pieces", replace(made, frame=made.frame[~few]))
    assert [*rows.index] == [
        "conv, single",
        *(f"conv, long, repeated, {band}" for band in BANDS),
        "conv, long, mixed, 2 or 3",
    ]
    alone = replace(made, frame=made.frame[made.frame["decoding"] == "forced"])
    assert of("error-by-pieces", alone)["reason"].tolist() == ["not run: no system has enough records of it"]


def test_where_less_than_half_is_aligned() -> None:
    """10 to 150 labels: those of 61 or more, of 8, 11 and 15 utterances, are the first of which it is less.

    Of 41 or more, 5 utterances are among them: (50 * 1 + 80 * 0.6 + 110 * 0.5 + 150 * 0.3) / 390 = 0.508; of
    61 or more (48 + 55 + 45) / 340 = 0.435.
    """
    shares = (1.0, 1.0, 1.0, 1.0, 0.6, 0.5, 0.3)
    world = World(aligned={"conv/forced-long:mixed": shares, "conv/forced-wide": 0.2})
    rows = of("failure-point", records(world, world, systems=("conv",)))
    assert rows["value"]["conv, forced-long, mixed"] == 61
    assert rows["value"]["conv, forced-wide, repeated"] == 1
    assert (rows["value"]["conv, forced-sharp, mixed"], rows["n"]["conv, forced-sharp, mixed"]) == (81, 182)
    assert "never below half up to here with seed 0 and 1" in rows["reason"]["conv, forced-sharp, mixed"]
    assert "never" not in rows["reason"]["conv, forced-long, mixed"]
    assert LABELS * 8 < 81 < LABELS * 11 < 121 <= LABELS * 15, "from 121 on there are those of 15 alone"


def test_entropy_rises_where_attention_spreads() -> None:
    entropy = {"conv/forced": 1.0, "conv/forced-long:repeated": (1.0, 1.0, 1.0, 1.0, 1.0, 4.0, 4.0)}
    rows = of("entropy-of-attention", records(World(entropy=entropy), systems=("conv",)))
    assert rows["value"].to_dict() == pytest.approx({
        "conv, single": 1, "conv, repeated, 11 or 15": 4, "conv, repeated, rise": 3,
        "conv, mixed, 11 or 15": 2, "conv, mixed, rise": 1,
    })  # fmt: skip


def test_what_is_left_of_long_inputs() -> None:
    """A tenth of 110 and of 150 labels is 13 in the mean."""
    world = World(aligned={"forced-long": 0.1}, prefix={"baseline/forced-long:mixed": 7.0})
    rows = of("what-is-left", records(world, systems=("baseline",)))
    assert rows["value"].to_dict() == pytest.approx({
        "baseline, single, found": 9, "baseline, repeated, 11 or 15, found": 13,
        "baseline, mixed, 11 or 15, found": 13, "baseline, single, before the first miss": 9,
        "baseline, repeated, 11 or 15, before the first miss": 9,
        "baseline, mixed, 11 or 15, before the first miss": 7,
    })  # fmt: skip


def test_smoothing_and_location_one_at_a_time() -> None:
    """20, 15 and 12 percent: a quarter less, and a fifth less again."""
    errors = {"baseline": 20.0, "content-smooth": 15.0, "conv-smooth": 12.0}
    made = records(World(errors=errors), decodings=("beam",))
    rows = of("smoothing-without-location", made)
    assert rows["value"].to_dict() == pytest.approx(
        {"smoothing, without location": 25, "location, with smoothing": 20}
    )
    without = of("smoothing-without-location", made.without("content-smooth"))
    assert without["reason"].tolist() == ["not run: system content-smooth was not run"]


def test_sharpening_of_single_utterances() -> None:
    errors = {"conv/beam-sharp": 21.0, "conv/beam-top-10": 20.5, "conv/beam-top-1": 26.0}
    rows = of("sharpening-on-single-utterances", records(World(errors=errors), systems=("conv",)))
    assert rows["value"].to_dict() == pytest.approx(
        {"conv, inverse temperature": 1, "conv, best 10": 0.5, "conv, best one": 6}
    )


def test_what_windows_save_and_location_without_them() -> None:
    errors = {"conv/long": 50.0, "conv/long-wide": 24.0, "conv/long-narrow": 29.0, "baseline/long": 75.0}
    made = records(World(errors=errors), systems=("conv", "baseline"))
    rows = of("what-a-window-saves", made)
    assert rows["value"].to_dict() == pytest.approx({
        f"{system}, {test}, {how}": saved
        for system, each in {"baseline": (55, 55), "conv": (21, 26)}.items()
        for test in LONG
        for how, saved in zip(("narrow", "wide"), each, strict=True)
    })  # fmt: skip
    ahead = of("location-without-a-window", made)
    assert ahead["value"].to_dict() == pytest.approx({"softmax, repeated": 25, "softmax, mixed": 25})


def test_attention_beside_chance() -> None:
    rows = of("attention-finds-its-label", records(World(pointing={"conv": 0.6}), systems=("conv",)))
    assert rows["value"].to_dict() == pytest.approx({
        "conv, pointing": 0.6, "conv, pointing, above chance": 0.55,
        "conv, aligned": 0.9, "conv, aligned, above chance": 0.8,
    })  # fmt: skip
