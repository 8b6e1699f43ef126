from __future__ import annotations

import pytest

from attnbench.tasks.summarization.restoring import restored
from attnbench.tasks.summarization.words import normalised

TEXT = "In 1987 sales of 4.5 pct and 12 Units , up from 3.2 in 1985 and 13 in the 1960s , Mid-80s"
SOURCE = TEXT.split()


def _restored(output: str, source: list[str] = SOURCE, numbers: str = "digits") -> str:
    words = [normalised(token, numbers) for token in source]
    return " ".join(restored(output.split(), words, source))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("sales up", "sales up"),
        ("sales up #.# pct in ####", "sales up 4.5 pct in 1987"),
        ("#.# after #.#", "4.5 after 3.2"),
        ("#### #### ####", "1987 1985 1987"),
        ("#### #### #### ####", "1987 1985 1987 1987"),
        ("## units , ## of them in the ####s", "12 units , 13 of them in the 1960s"),
        ("# or ### or #,###", "# or ### or #,###"),
        ("mid-##s", "Mid-80s"),
        ("units <unk>", "units <unk>"),
        ("", ""),
    ],
)
def test_numbers_by_hand(output: str, expected: str) -> None:
    """Each place once, in its order, then the first again; what the input has not stays."""
    assert _restored(output) == expected


def test_words_with_a_digit_are_all_one_word_in_some_corpora() -> None:
    assert _restored("## , ## and ##", numbers="words") == "1987 , 4.5 and 12"


def test_an_input_that_has_lost_its_digits_gives_none_back() -> None:
    assert _restored("#### ##", ["sold", "####", "or", "17"]) == "#### 17"
    assert _restored("####", []) == "####"


def test_only_numbers_are_replaced() -> None:
    """``Sales`` stands in the input in upper case; the output keeps its own."""
    assert restored(["sales", "##"], ["sales", "##"], ["SALES", "40"]) == ["sales", "40"]


def test_words_and_tokens_are_as_many() -> None:
    with pytest.raises(ValueError, match="shorter"):
        restored(["##"], ["##", "##"], ["12"])
