"""TIMIT's phones folded onto 39, by hand."""

import pytest

from attnbench.corpora.speech.phones import FOLDING, folded, parsed, pause
from attnbench.corpora.speech.words import words

SIXTY_ONE = (
    "aa ae ah ao aw ax ax-h axr ay b bcl ch d dcl dh dx eh el em en eng epi er ey f g gcl h# hh hv ih ix iy "
    "jh k kcl l m n ng nx ow oy p pau pcl q r s sh t tcl th uh uw ux v w y z zh"
)
THIRTY_NINE = (
    "aa ae ah aw ay b ch d dh dx eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh sil t th uh uw v w y z"
)
LABELS = "h# q sh ix tcl t ux q dx axr ao pau"
ENDS = [10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]


def test_the_table_takes_61_phones_to_39() -> None:
    assert sorted(FOLDING) == sorted([*SIXTY_ONE.split(), "sil"])
    assert sorted(set(FOLDING.values()) - {""}) == THIRTY_NINE.split()
    assert [phone for phone, into in FOLDING.items() if not into] == ["q"]
    changed = {phone: into for phone, into in FOLDING.items() if into not in (phone, "sil", "")}
    assert changed == {
        "ao": "aa", "ax": "ah", "ax-h": "ah", "axr": "er", "el": "l", "em": "m", "en": "n", "nx": "n",
        "eng": "ng", "hv": "hh", "ix": "ih", "ux": "uw", "zh": "sh",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("way", "labels", "ends"),
    [
        ("given", LABELS, ENDS),
        ("39", "sil sh ih sil t uw dx er aa sil", [15, 20, 30, 40, 50, 70, 80, 90, 100, 110]),
        ("spoken", "sh ih t uw t er aa", [20, 40, 50, 70, 80, 90, 110]),
    ],
)
def test_spans_of_what_is_deleted_join_the_phone_before(way: str, labels: str, ends: list[int]) -> None:
    assert folded(LABELS.split(), ENDS, way) == (labels.split(), ends)
    assert folded(LABELS.split(), None, way) == (labels.split(), None)


def test_phones_outside_the_table_stay_and_nothing_may_be_left() -> None:
    assert folded(["p7", "xx"], [1, 2], "39") == (["p7", "xx"], [1, 2])
    assert folded(["h#", "q", "pau"], [1, 2, 3], "spoken") == ([], [])


def test_repeated_silence_is_not_merged() -> None:
    assert folded(["tcl", "h#"], [5, 9], "39") == (["sil", "sil"], [5, 9])


def test_a_lexicons_phones_are_read_without_stress_and_bars() -> None:
    assert parsed("W IY0 | K AO1 L ax-h H#  2") == ["w", "iy", "k", "ao", "l", "ax-h", "h#", "2"]


def test_words_are_what_is_said() -> None:
    text = 'WE CALL IT, "bear" -- don\u2019t! to-day \'tis 42.'
    assert words(text) == ["we", "call", "it", "bear", "don't", "to", "day", "tis", "42"]


@pytest.mark.parametrize(
    ("known", "label"), [({"pau", "sil", "a"}, "pau"), ({"sil"}, "sil"), ({"one", "two"}, "")]
)
def test_a_pause_is_called_as_silence_is(known: set[str], label: str) -> None:
    assert pause(known) == label
