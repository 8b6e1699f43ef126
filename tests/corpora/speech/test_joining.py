"""Joined utterances, sample by sample, and the test sets of them."""

from typing import Any

import numpy as np
import pytest
from datasets import Dataset

from attnbench.corpora.speech.joining import Utterance, experiment, joined
from attnbench.errors import BadInput

EACH = 400


def flat(value: int, *labels: str, size: int = EACH, timed: bool = True) -> Utterance:
    ends = [size * (place + 1) // len(labels) for place in range(len(labels))]
    return Utterance(np.full(size, value, np.int16), list(labels), ends if timed else None)


def test_one_utterance_stays_as_it_is() -> None:
    one = flat(1610, "a", "b")
    whole = joined([one])
    assert whole.sound.tolist() == [1610] * EACH and whole.labels == ["a", "b"] and whole.ends == [200, 400]


def test_two_are_joined_as_by_hand() -> None:
    """800 zeros between; 160 samples rise, or fall, by 10 each."""
    whole = joined([flat(1610, "a", "b"), flat(-1610, "c")])
    fall = list(range(1600, 0, -10))
    rise = [-step for step in reversed(fall)]
    assert whole.sound.tolist() == [1610] * 240 + fall + [0] * 800 + rise + [-1610] * 240
    assert whole.labels == ["a", "b", "pau", "c"]
    assert whole.ends == [200, 400, 1200, 1600]


def test_the_middle_one_fades_at_both_ends_and_short_ones_do_not_cross() -> None:
    whole = joined([flat(161, "a"), flat(161, "b", size=101), flat(161, "c")])
    middle = whole.sound[1200:1301].tolist()
    assert middle == [*range(1, 51), 161, *range(50, 0, -1)]
    assert whole.labels == ["a", "pau", "b", "pau", "c"]
    assert whole.ends == [400, 1200, 1301, 2101, 2501]


def test_silence_without_a_label_belongs_to_the_one_before() -> None:
    whole = joined([flat(9, "a", "b"), flat(9, "c")], between="")
    assert (whole.labels, whole.ends) == (["a", "b", "c"], [200, 1200, 1600])


def test_silence_between_silences_is_one_with_them() -> None:
    first, second = flat(9, "sil", "a", "sil", size=600), flat(9, "sil", "b", size=400)
    whole = joined([first, second, second], between="sil")
    assert whole.labels == ["sil", "a", "sil", "b", "sil", "b"]
    assert whole.ends == [200, 400, 1600, 1800, 2800, 3000]
    apart = joined([first, second], between="pau")
    assert (apart.labels[2:5], apart.ends[2:5]) == (["sil", "pau", "sil"], [600, 1400, 1600])


def test_silence_is_as_quiet_as_the_quietest_part_and_always_the_same() -> None:
    rng = np.random.default_rng(0)
    sound = np.rint(np.concatenate([rng.normal(0, 1000, 4000), rng.normal(0, 20, 800)])).astype(np.int16)
    whole = joined([Utterance(sound, ["a"], [4800])] * 2)
    silence = whole.sound[4800:5600].astype(float)
    assert 15 < silence.std() < 22 and abs(silence.mean()) < 3
    assert joined([Utterance(sound, ["a"], [4800])] * 2).sound.tolist() == whole.sound.tolist()


def test_without_times_there_are_none() -> None:
    whole = joined([flat(9, "a"), flat(9, "b", timed=False)])
    assert whole.ends is None and whole.labels == ["a", "pau", "b"]


def corpus(size: int, silence: str = "pau", timed: bool = True) -> Dataset:
    rows = [
        {
            "id": f"test/{place + 1}",
            "sound": np.full(EACH, place + 1, "<i2").tobytes(),
            "labels": f"p{place} {silence}",
            "ends": [100, EACH],
            "pieces": 1,
        }
        for place in range(size)
    ]
    made = Dataset.from_list(rows)
    return made if timed else made.remove_columns("ends")


def drawn(**options: Any) -> dict[str, list[dict[str, Any]]]:
    made = experiment(options.pop("test", corpus(20)), options.pop("per_count", 3), **options)
    return {name: list(rows) for name, rows in made.items()}


def spoken(row: dict[str, Any]) -> list[str]:
    return [label for label in row["labels"].split() if label not in ("pau", "sil")]


def test_every_number_of_utterances_begins_with_the_same_ones() -> None:
    found = drawn()
    assert list(found) == ["repeated", "mixed"]
    for rows in found.values():
        assert [row["pieces"] for row in rows] == [n for n in (1, 2, 3, 5, 8, 11, 15) for _ in range(3)]
        firsts = {n: [spoken(row)[0] for row in rows if row["pieces"] == n] for n in (1, 2, 15)}
        assert firsts[1] == firsts[2] == firsts[15] and len(set(firsts[1])) == 3
        for row in rows:
            assert len(spoken(row)) == row["pieces"]
            assert len(row["sound"]) == 2 * (EACH * row["pieces"] + 800 * (row["pieces"] - 1))
            assert row["ends"][-1] * 2 == len(row["sound"]) and len(row["ends"]) == len(row["labels"].split())
    assert all(len(set(spoken(row))) == 1 for row in found["repeated"])
    assert all(len(set(spoken(row))) == row["pieces"] for row in found["mixed"])
    assert found["repeated"][:3] == found["mixed"][:3]


def test_more_utterances_follow_those_that_fewer_have() -> None:
    rows = drawn()["mixed"]
    for place in range(3):
        longest = spoken(rows[18 + place])
        assert all(spoken(row) == longest[: row["pieces"]] for row in rows[place::3])


def test_ids_name_the_first_and_the_number() -> None:
    found = drawn(counts=(1, 4), per_count=2)
    for rows in found.values():
        assert [row["id"] for row in rows] == [
            f"test/{1 + int(spoken(row)[0][1:])}x{row['pieces']}" for row in rows
        ]
        assert len({row["id"] for row in rows}) == 4


def test_the_seed_alone_draws() -> None:
    assert drawn(seed=5) == drawn(seed=5)
    assert [row["id"] for row in drawn(seed=5)["mixed"]] != [row["id"] for row in drawn(seed=6)["mixed"]]


def test_the_pause_is_called_as_the_set_calls_silence_or_not_at_all() -> None:
    folded = drawn(test=corpus(4, "sil"), counts=(2,), per_count=1)["mixed"][0]
    assert folded["labels"].split()[1::2] == ["sil", "sil"] and folded["ends"] == [100, 1200, 1300, 1600]
    words = drawn(test=corpus(4, "x"), counts=(2,), per_count=1)["mixed"][0]
    assert len(words["labels"].split()) == 4 and words["ends"] == [100, 1200, 1300, 1600]


def test_sets_without_times_stay_without_and_no_utterance_is_asked_for_twice() -> None:
    found = drawn(test=corpus(4, timed=False), counts=(1, 4), per_count=100)
    assert [row["pieces"] for row in found["mixed"]] == [1] * 4 + [4] * 4
    assert all("ends" not in row for rows in found.values() for row in rows)


def test_too_few_utterances_are_refused() -> None:
    with pytest.raises(
        BadInput, match="15 different utterances cannot be joined of 14; name a test set with"
    ):
        experiment(corpus(14), 2)
