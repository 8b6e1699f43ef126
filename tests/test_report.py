"""The page a person reads, and its figure."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attnbench import plots, report, tables
from attnbench.claims import COLUMNS, MEASURED
from attnbench.paper import Claim, Decoding, Paper, Printed
from attnbench.records import Records
from attnbench.results import Results
from attnbench.tasks.translation.measures import METRICS

PAPER = Paper(
    name="p2015",
    title="A Title",
    authors="A. Author",
    venue="Venue",
    url="https://example.org",
    task="",
    model="",
    systems=(),
    scales=(),
    claims=(Claim("first", "s", "Table 1", "", "BLEU", 1.0, "r", "2026-11-23, abc", implied_by=("fourth",)),),
    printed=(Printed("search", "test", "bleu", 26.75, "Table 1"),),
    headline="bleu",
    decodings=(Decoding("beam", ""), Decoding("greedy", "")),
    deviations="Smaller layers.",
)


def scores() -> pd.DataFrame:
    rows = [
        (
            "p2015",
            "embedded",
            "small",
            "search",
            seed,
            "beam",
            "test",
            "bleu",
            "tok:none",
            80.0,
            78.0,
            82.0,
            500,
        )
        for seed in ("0", "all")
    ]
    return pd.DataFrame(rows, columns=tables.SCORES)


def lengths() -> pd.DataFrame:
    rows = []
    for system, base in (("search", 80.0), ("fixed", 20.0)):
        for low in (1, 11, 21, 31):
            value, n = (np.nan, 0) if low == 21 else (base - low / 2, 90)
            rows.append(
                ("p2015", "embedded", "small", system, "all", "beam", "test", "bleu", "tok:none", value,
                 value - 2, value + 2, n, "source length in words", low, low + 10)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=tables.LENGTHS)


def claims() -> pd.DataFrame:
    blank = dict.fromkeys(COLUMNS, "") | {"margin_reason": "small"}
    effect = {
        "effect": 7.5,
        "ci_low": 6.0,
        "ci_high": 9.0,
        "margin": 1.0,
        "unit": "BLEU",
        "seeds": 3,
        "n": 500,
        "margin_set": "2026-11-23, abc",
        "after_results": False,
        "p": 0.02,
        "q": 0.04,
    }
    missing = {"effect": np.nan, "ci_low": np.nan, "ci_high": np.nan, "margin": 0.05, "unit": "AER",
               "margin_set": "2026-11-23, abd", "after_results": True, "p": np.nan, "q": np.nan}  # fmt: skip
    rows = [
        blank
        | effect
        | {"claim": "first", "verdict": "reproduced", "reason": "above", "paper_effect": "paper: +7"},
        blank | effect | {"claim": "second", "verdict": "contradicted", "reason": "below", "q": 0.06},
        blank | missing | {"claim": "third", "verdict": "not run", "reason": "no gold links"},
        blank | effect | {"claim": "fourth", "verdict": "reproduced", "also_differs": "the size"},
        blank | effect | {"claim": "fifth", "verdict": "failed once", "p": np.nan, "q": np.nan},
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def history() -> pd.DataFrame:
    rows = []
    for system, last in (("search", 0.5), ("fixed", 0.3)):
        for update, loss in zip(
            range(100, 1001, 100), [3, 2, 1.5, 1, 0.9, 0.8, 0.6, 0.5, 0.5, last], strict=True
        ):
            rows.append((system, 0, "fit", update, update * 32, loss, loss, 100 - 10 * loss))
    names = ["system", "seed", "stage", "update", "tokens", "train_nll", "valid_nll", "valid_score"]
    return pd.DataFrame(rows, columns=names)


MEASUREMENTS = pd.DataFrame(
    [("m", "hits", "how often", 0.25, "share", 0.2, 0.3, 3, 500, "3 seeds: +0.25, +0.25, +0.25"),
     ("n", "", "another", np.nan, "share", np.nan, np.nan, None, None, "not run: no links")],
    columns=MEASURED,
).astype({"seeds": "Int64", "n": "Int64"})  # fmt: skip
PAIRS = pd.DataFrame({"system": ["search"], "other": ["fixed"], "difference [95 %]": ["60 [58, 62]"]})
SPEED = pd.DataFrame(
    {"system": ["search"], "seed": [0], "device": ["cpu"], "phase": ["train"], "tokens_per_second": [9100.0],
     "examples_per_second": [500.0], "peak_memory_mib": [410.0], "seconds": [75.0]}
)  # fmt: skip
RUN = {
    "command": "attnbench reproduce p2015", "versions": {"torch": "2.13", "datasets": None}, "quiet": False,
    "hardware": {"cores": 2}, "seeds": [0], "threads": 1,
    "data": {"data": "embedded", "fingerprint": "abc123", "licence": "CC0"}, "scale": "small",
}  # fmt: skip


class Made(Results):
    """Results of made-up tables."""

    paper = PAPER  # type: ignore[assignment]
    headline = METRICS["bleu"]  # type: ignore[assignment]
    decoding = "beam"

    def main_test(self, metric: Any) -> str:
        return "test"

    def table(self, by: Any = None, edges: Any = None, metric: Any = None) -> pd.DataFrame:
        return scores() if by is None else lengths().assign(by=f"{by} in words")


def written(tmp_path: Path, run: dict[str, Any], **changed: Any) -> str:
    results: Any = Made(tmp_path)
    made = {"differences": PAIRS, "verdicts": claims(), "measurements": MEASUREMENTS}
    given = made | {"speed": SPEED, "run": run} | changed
    for name, table in given.items():
        setattr(results, name, table)
    results.records = Records(pd.DataFrame(), runs(history() if "runs" not in changed else changed["runs"]))
    report.write(tmp_path / "report.md", results)
    return (tmp_path / "report.md").read_text(encoding="utf-8")


def runs(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what records say of runs with this history."""
    return [
        {"system": system, "seed": seed, "history": rows.drop(columns=["system", "seed"]).to_dict("records")}
        for (system, seed), rows in table.groupby(["system", "seed"])
    ]


def test_the_whole_page(tmp_path: Path) -> None:
    page = written(tmp_path, RUN)
    assert page.startswith("# A Title\n\nA. Author, Venue, <https://example.org>.")
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == [
        "## Claims", "## Measurements", "## Ours beside the paper's", "## By length",
        "## Systems against each other",
        "## Learning curves", "## Speed", "## How it was run", "## Licence of the data",
    ]  # fmt: skip
    said = (
        "of 5 claims 2 reproduced (of which first follows from others), 1 contradicted (second), "
        "1 failed once (fifth), 1 not run (third)."
    )
    assert f"On data `embedded` at scale `small`, {said}" in page
    assert "**One training only**" in page
    assert "Smaller layers." in page
    assert "![Score by length](lengths.png)" in page
    assert "\nCC0\n" in page


def test_claims_show_effect_against_margin() -> None:
    table = report.claims_table(claims())
    margin = "1 BLEU: small (2026-11-23, abc)"
    assert f"| 7.50 [6.00, 9.00] BLEU | {margin} | **reproduced** | 0.04 | above |  |  | paper: +7 |" in table
    assert "|  | 0.05 AER: small (2026-11-23, abd, after results) | **not run** |  | no gold links |" in table
    assert "| **reproduced** | 0.04 |  |  | the size |  |" in table
    assert "before any run" not in table


def test_chance_is_reckoned_with() -> None:
    told = report.claims_table(claims())
    assert "3 claims were tested at 95 %: were every effect on its margin, 0.15 verdicts would" in told
    assert "at 5 % second would not be a verdict." in told
    assert "at 5 % every verdict would stay one." in report.claims_table(claims().assign(q=0.04))
    once = report.claims_table(claims().assign(p=np.nan, q=np.nan))
    assert "No claim has a q: each had one training only" in once


def test_measurements_have_no_verdict() -> None:
    table = report.measurements_table(MEASUREMENTS)
    assert (
        "| **m**: how often | hits | 0.250 [0.200, 0.300] share | 500 | 3 seeds: +0.25, +0.25, +0.25 |"
        in table
    )
    assert "| **n**: another |  |  |  | not run: no links |" in table
    assert "verdict |" not in table
    assert report.measurements_table(MEASUREMENTS.iloc[:0]) == "None.\n"


def test_the_answer_says_what_one_training_means() -> None:
    several = pd.concat([scores(), scores().assign(seed="1"), scores().assign(seed="2")])
    told = report.answer(PAPER, RUN, claims(), several)
    assert "3 trainings of each system: intervals hold" in told and "Up to" not in told
    other = scores().assign(system="fixed")
    assert "Up to 3 trainings" in report.answer(PAPER, RUN, claims(), pd.concat([several, other]))


def test_ours_stand_beside_the_papers() -> None:
    table = report.comparison(scores(), PAPER)
    assert "| search | test | bleu | beam | 80 | 78 | 82 | 26.75 | Table 1 |" in table
    own = report.comparison(scores(), replace(PAPER, own_data=("embedded",)))
    assert "| search | test | bleu | beam | 80 | 78 | 82 | 26.75 | 53.25 | Table 1 |" in own
    assert "no number" in report.comparison(scores(), replace(PAPER, printed=()))


def test_lengths_leave_empty_bins_empty() -> None:
    table = report.length_tables(lengths(), "bleu", "beam")
    assert "| system | 1–10 | 11–20 | 21–30 | 31–40 |" in table
    assert "| search | 79.50 [77.50, 81.50] (90) | 74.50 [72.50, 76.50] (90) |  | 64.50" in table


def test_learning_curves_say_who_is_undertrained() -> None:
    text = report.learning_curves(history())
    assert (
        "| fixed | 1000 | 2.000 (80.0) | 1.000 (90.0) | 0.800 (92.0) | 0.500 (95.0) | 0.300 (97.0) |" in text
    )
    assert (
        "- fixed: the validation loss changed by -40.0% over the last fifth of the updates: **still" in text
    )
    assert (
        "- search: the validation loss changed by +0.0% over the last fifth of the updates: close to" in text
    )


@pytest.mark.parametrize(
    ("last", "said"),
    [(0.5, "close to settled"), (0.496, "close to settled"), (0.47, "still falling a little"),
     (0.44, "**still falling**: no verdict on levels where it is"), (0.51, "**rising**"),
     (np.nan, "too few evaluations to tell")],
)  # fmt: skip
def test_a_loss_falls_rises_or_is_settled(last: float, said: str) -> None:
    rows = history()[lambda table: table["system"] == "search"].reset_index(drop=True)
    rows.loc[rows.index[-1], "valid_nll"] = last
    if np.isnan(last):
        rows = rows.iloc[-1:]
    assert f"{said}" in report.learning_curves(rows)


def test_every_view_has_its_tables_and_systems_are_set_against_each_other(tmp_path: Path) -> None:
    page = written(tmp_path, RUN, paper=replace(PAPER, views=("source length", "target length")))
    assert page.index("by source length in words") < page.index("by target length in words")
    assert page.count("lengths.png") == 1
    said = "bleu, beam, test set `test`; the interval is that of the paired difference.\n\n| system | other |"
    assert said in page
    assert "right alone: examples" in written(
        tmp_path, RUN, differences=PAIRS.assign(**{"McNemar's p": "0.1"})
    )
    assert "Fewer than two systems were run." in written(tmp_path, RUN, differences=PAIRS.iloc[:0])


def test_stages_have_curves_of_their_own_and_a_rule_has_none() -> None:
    """In the order in which they were run."""
    first = history().assign(stage="warm", update=lambda table: table["update"] / 10)
    text = report.learning_curves(pd.concat([first, history()]).sort_values("system", kind="stable"))
    shown = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| ")][2:]
    assert [[cell.strip() for cell in row] for row in shown] == [
        ["fixed, warm", "100"], ["fixed, fit", "1000"], ["search, warm", "100"], ["search, fit", "1000"],
    ]  # fmt: skip
    assert "- fixed, warm: the validation loss changed by -40.0%" in text
    assert report.learning_curves(history().iloc[:0]) == "No training history was kept.\n"


def test_learning_curves_average_seeds() -> None:
    both = pd.concat([history(), history().assign(seed=1, valid_nll=1.0, valid_score=np.nan)])
    assert "| fixed | 1000 | 1.500 (80.0) |" in report.learning_curves(both)


@pytest.mark.parametrize(
    ("quiet", "said"),
    [(True, "The machine was quiet."), (False, "**The machine was not quiet**"), ("load 0.4", "load 0.4")],
)
def test_speed_says_whether_the_machine_was_quiet(quiet: bool | str, said: str) -> None:
    assert report.speed_table(SPEED, {"quiet": quiet}).startswith(said)
    assert "| search | 0 | cpu | train | 9100 |" in report.speed_table(SPEED, {})


def test_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    page = written(tmp_path, {}, runs=history().iloc[:0], speed=SPEED.iloc[:0])
    assert "- everything else: `run.json`" in page
    assert "None" not in page
    assert "quiet was not recorded" in page
    assert "- corpus: " not in page
    known = written(tmp_path, RUN | {"data": {"fingerprint": "abc123", "notes": ["train: 3 left out"]}})
    assert "- corpus: train: 3 left out\n" in known
    assert "- versions: torch 2.13\n" in known
    assert "- corpus fingerprint: abc123\n" in known
    assert "- command: `attnbench reproduce p2015`\n" in known


def test_what_was_tuned_is_told_run_by_run() -> None:
    """Runs without such a stage have nothing to tell."""
    weights = {0: [1.0, 4.5, 0.0, -0.5], 1: [1.0, 4.0, 0.0, 0.0]}
    records = [{"system": "plain", "seed": 0}]
    records += [{"system": "plus", "seed": seed, "tuned": {"chosen": one}} for seed, one in weights.items()]
    lines = report.how_it_was_run({}, records).splitlines()
    assert lines == [
        "- plus, seed 0, tuned chosen: 1.0, 4.5, 0.0, -0.5",
        "- plus, seed 1, tuned chosen: 1.0, 4.0, 0.0, 0.0",
        "- everything else: `run.json`",
    ]


def draw(path: Path, table: pd.DataFrame, caps: tuple[int, ...] = ()) -> bytes:
    plots.length_curves(table, path, METRICS["bleu"], "beam", "test", "Title", caps)
    return path.read_bytes()


def test_the_figure_is_a_function_of_its_table(tmp_path: Path) -> None:
    first, again = draw(tmp_path / "a.png", lengths()), draw(tmp_path / "b.png", lengths())
    assert first == again
    assert first.startswith(b"\x89PNG")
    assert b"Software" not in first
    assert first != draw(tmp_path / "c.png", lengths(), caps=(30,))
    assert draw(tmp_path / "d.png", lengths().iloc[::-1]) == first


def test_the_figure_has_the_tables_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.axes import Axes

    lines = {}
    plot = Axes.plot
    monkeypatch.setattr(
        Axes,
        "plot",
        lambda self, x, y, **k: (lines.update({k["label"]: (list(x), list(y))}), plot(self, x, y, **k)),
    )
    draw(tmp_path / "a.png", lengths())
    x, y = lines["search"]
    assert x == [5.5, 15.5, 25.5, 35.5]
    np.testing.assert_array_equal(y, [79.5, 74.5, np.nan, 64.5])
    assert set(lines) == {"search", "fixed"}
    draw(tmp_path / "b.png", lengths().astype({"bin_low": float, "bin_high": float}))
    assert lines["search"][0] == [6, 16, 26, 36], "of lengths that are not whole"


def test_the_axis_says_which_way_is_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.axes import Axes

    labels = []
    monkeypatch.setattr(Axes, "set_ylabel", lambda self, label: labels.append(label))
    draw(tmp_path / "a.png", lengths())
    plots.length_curves(
        lengths().assign(metric="nll"), tmp_path / "b.png", METRICS["nll"], "beam", "test", "Title"
    )
    assert labels == ["BLEU", "nats a sentence (lower is better)"]
