"""From rows of records to arrays."""

import numpy as np
import pandas as pd
import pytest

from attnbench.errors import BadInput
from attnbench.records import Records
from attnbench.scoring import AllExamples, Examples
from attnbench.tasks.translation.measures import METRICS


def forced(rows: list[tuple[int, str, int, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["seed", "id", "source_length", "nll/nats"])
    frame = frame.assign(system="s", decoding="forced", test="test")
    frame["nll/words"], frame["nll/sentences"] = 2.0, 1.0
    return frame


def examples(frame: pd.DataFrame) -> Examples:
    return AllExamples(Records(frame))["s", "forced", "test"]


ROWS = [(1, "b", 9, 4.0), (0, "a", 3, 1.0), (0, "b", 9, 2.0), (1, "a", 3, 6.0)]


def test_rows_are_matched_by_seed_and_id() -> None:
    tested = examples(forced(ROWS))
    assert tested.seeds == (0, 1)
    assert tested.ids.tolist() == ["a", "b"]
    assert tested.lengths("source_length").tolist() == [3, 9]
    score = tested.estimate(METRICS["nll"])
    assert score is not None
    assert score.values.tolist() == [1.5, 5]
    short = tested.estimate(METRICS["nll"], tested.lengths("source_length") < 5)
    assert short is not None
    assert short.values.tolist() == [1, 6]


def test_examples_without_statistics_are_left_out() -> None:
    frame = forced(ROWS)
    frame.loc[frame["id"] == "a", "nll/nats"] = np.nan
    for chosen in (None, np.array([True, True])):
        score = examples(frame).estimate(METRICS["nll"], chosen)
        assert score is not None
        assert (score.n, score.values.tolist()) == (1, [2, 4])


def test_a_seed_of_before_a_metric_does_not_hide_it_from_the_others() -> None:
    frame = forced(ROWS).assign(**dict.fromkeys(METRICS["aer"].columns, 1.0))
    frame.loc[frame["seed"] == 0, list(METRICS["aer"].columns)] = np.nan
    score = examples(frame).estimate(METRICS["aer"])
    assert score is not None
    assert (score.seeds, score.n) == ((1,), 2)
    both = examples(frame).estimates([METRICS["aer"], METRICS["nll"]], [np.array([True, True])])
    assert [both[name][0].seeds for name in ("aer", "nll")] == [(1,), (0, 1)]
    assert both["nll"][0].values.tolist() == [1.5, 5]


def test_a_metric_that_does_not_apply_has_no_score() -> None:
    frame = forced(ROWS).assign(**dict.fromkeys(METRICS["aer"].columns, np.nan))
    tested = examples(frame)
    assert tested.estimate(METRICS["bleu"]) is None
    assert tested.estimate(METRICS["aer"]) is None


@pytest.mark.parametrize(
    "rows",
    [ROWS[:3], [*ROWS[:3], (1, "c", 3, 6.0)], [(0, "a", 3, 1.0), (0, "a", 3, 1.0)]],
    ids=["one missing", "another id", "an id twice"],
)
def test_seeds_must_have_the_same_examples(rows: list[tuple[int, str, int, float]]) -> None:
    with pytest.raises(BadInput, match="s, forced on test: seeds were not tested on the same examples"):
        examples(forced(rows))
