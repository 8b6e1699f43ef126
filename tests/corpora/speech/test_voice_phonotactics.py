"""Syllables are those of English, for every inventory."""

from __future__ import annotations

import random
from collections import Counter
from itertools import groupby, pairwise

import pytest

from attnbench.corpora.speech.voice import phonotactics
from attnbench.corpora.speech.voice.inventory import CONSONANTS, FEWEST, ORDER, SILENCE, SPOKEN, VOWELS
from attnbench.errors import BadInput
from attnbench.tasks.recognition.settings import RecognitionData

FOLDED_AWAY = """ao ax ax-h axr el em en nx eng hv ix ux zh bcl dcl gcl pcl tcl kcl pau epi h# q"""

KINDS = ("p t k b d g ch jh", "f v th dh s z sh hh", "m n ng dx", "l", "r", "w y")
SONORITY = {phone: level for level, kind in enumerate(KINDS, 1) for phone in kind.split()}


def test_phones_are_those_of_timit_s_39() -> None:
    assert len(SPOKEN) == 39 and set(ORDER) | {SILENCE} == set(SPOKEN)
    assert len(ORDER) == 38 and not set(SPOKEN) & set(FOLDED_AWAY.split())
    assert set(SONORITY) == set(CONSONANTS)


def test_the_default_inventory_has_some_of_each_kind() -> None:
    kinds = Counter(SONORITY.get(phone, 0) for phone in ORDER[:24])
    assert kinds == {0: 8, 1: 6, 2: 5, 3: 2, 4: 1, 5: 1, 6: 1}


def test_settings_take_the_inventories_that_are_there() -> None:
    for size in (FEWEST, len(ORDER)):
        assert RecognitionData(inventory=size).inventory == size
    for size in (FEWEST - 1, len(ORDER) + 1):
        with pytest.raises(BadInput, match=r"data\.inventory"):
            RecognitionData(inventory=size)


def phrases(inventory: int, number: int = 400) -> list[list[str]]:
    rng = random.Random(inventory)
    return [phonotactics.phrase(rng, 4 + turn % 13, inventory) for turn in range(number)]


def stretches(phrase: list[str]) -> list[list[str]]:
    """Return what lies between silences."""
    return [list(group) for silent, group in groupby(phrase, lambda phone: phone == SILENCE) if not silent]


@pytest.mark.parametrize("inventory", [FEWEST, 24, 38])
def test_phrases_are_as_long_as_asked_and_use_every_phone(inventory: int) -> None:
    made = phrases(inventory)
    counts = Counter(phone for phrase in made for phone in phrase)
    assert set(counts) == {SILENCE, *ORDER[:inventory]}
    for turn, phrase in enumerate(made):
        assert sum(phone != SILENCE for phone in phrase) == 4 + turn % 13
        assert phrase[0] == phrase[-1] == SILENCE and SILENCE not in stretches(phrase)[0]
        assert all(one != other for one, other in pairwise(phrase))
    assert 0.4 < sum(len(stretches(phrase)) > 1 for phrase in made) / len(made) < 0.8


@pytest.mark.parametrize("inventory", [FEWEST, 24, 38])
def test_consonants_between_vowels_can_be_cut_into_a_coda_and_an_onset(inventory: int) -> None:
    onsets, _, codas = (set(part.items) for part in phonotactics.syllables(inventory))
    for stretch in (stretch for phrase in phrases(inventory) for stretch in stretches(phrase)):
        runs = [(vowel, tuple(run)) for vowel, run in groupby(stretch, VOWELS.__contains__)]
        assert any(vowel for vowel, _ in runs)
        for place, (vowel, run) in enumerate(runs):
            cuts = [(run[:cut], run[cut:]) for cut in range(len(run) + 1)]
            first, last = place == 0, place == len(runs) - 1
            fits = [
                coda in codas and onset in onsets
                for coda, onset in cuts
                if (not first or not coda) and (not last or not onset)
            ]
            assert vowel or any(fits), run


def test_sonority_rises_to_the_vowel_and_falls_behind_it() -> None:
    onsets, _, codas = (part.items for part in phonotactics.syllables(len(ORDER)))
    assert {len(onset) for onset in onsets} == {len(coda) for coda in codas} == {0, 1, 2, 3}
    for onset in onsets:
        rest = onset[1:] if onset[:1] == ("s",) else onset
        levels = [SONORITY[phone] for phone in rest]
        assert levels == sorted(set(levels)), onset
    for coda in codas:
        while len(coda) > 1 and coda[-1] in ("s", "z", "t", "d", "th"):
            coda = coda[:-1]
        levels = [SONORITY[phone] for phone in coda if (phone, coda[0]) != ("k", "s") and coda[-1] != "p"]
        assert levels == sorted(set(levels), reverse=True), coda


def test_what_is_found_at_one_end_of_a_syllable_alone() -> None:
    made = phrases(38, 2000)
    followed = [pair for phrase in made for pair in pairwise(phrase)]
    assert not any(phone == "ng" and before == SILENCE for before, phone in followed)
    assert not any(phone in ("hh", "w", "y", "dx") and after == SILENCE for phone, after in followed)
    around = [
        (a, c)
        for phrase in made
        for a, b, c in zip(phrase, phrase[1:], phrase[2:], strict=False)
        if b == "dx"
    ]
    assert len(around) > 50 and all(a in VOWELS and c in VOWELS for a, c in around)


def test_frequent_phones_come_about_twice_as_often() -> None:
    counts = Counter(phone for phrase in phrases(24, 3000) for phone in phrase)
    assert 1.6 < counts["iy"] / counts["aa"] < 2.4 and counts["t"] > 1.6 * counts["g"]
    total = sum(counts[phone] for phone in ORDER[:24])
    assert min(counts[phone] for phone in ORDER[:24]) > 0.01 * total
