"""What the words of a caption are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnbench.corpora.captions.words import words


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A Black dog , and a spotted dog are fighting", "a black dog , and a spotted dog are fighting"),
        ("Two men's tri-colored T-shirts.", "two men's tri-colored t-shirts ."),
        ("the man 's hat isn't on", "the man 's hat isn't on"),
        ("(a 'red' box)", "( a ' red ' box )"),
        ("the boys' ball", "the boys ' ball"),
        ("don’t", "don't"),
        ("3 dogs, no. 12-b; 1,000!?", "3 dogs , no . 12-b ; 1 , 000 ! ?"),
        ("a\u00a0b\u200bc\t d\n_e", "a bc d _ e"),
        ("cafe\u0301 Ünïcode Ärger", "café ünïcode ärger"),
        (" \u200b ", ""),
        ("-- a--b -c", "- - a - - b - c"),
    ],
)
def test_words_are_lower_case_and_punctuation_stands_alone(caption: str, expected: str) -> None:
    assert words(caption) == expected.split()


@given(st.text("asS'’-_., 1é\u0301\u0130\u200b\u00a0\n(", max_size=15))
def test_words_with_blanks_between_them_are_the_same_words(caption: str) -> None:
    found = words(caption)
    assert words(" ".join(found)) == found
    assert all(word and not any(letter.isspace() for letter in word) for word in found)
