"""Tokens as they are written, and the words that models know."""

import pytest

from attnbench.tasks.summarization.words import normalised, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Cambodia's ruling party didn't say, in the U.S., why it can't pay $4,500.",
            "Cambodia 's ruling party did n't say , in the U.S. , why it ca n't pay $ 4,500 .",
        ),
        ("he said ``no'' and \"yes\" .", "he said `` no '' and `` yes '' ."),
        ("a-b  c\td", "a-b c d"),
        ("", ""),
    ],
)
def test_treebank_tokens_are_those_of_the_penn_treebank(text: str, expected: str) -> None:
    assert tokens(text, "treebank") == expected.split()


@pytest.mark.parametrize(
    "text",
    [
        "cambodia 's ruling party did n't say , in the u.s. , why it ca n't pay $ 4,500 .",
        "`` hop '' is a ##-year-old <unk> ( of UNK ) at ##.# % , or # : # .",
        "the dogs ' home , scott l. <unk> .",
    ],
)
def test_text_that_is_tokenised_keeps_its_tokens(text: str) -> None:
    assert tokens(text, "treebank") == text.split(" ")
    assert tokens(text, "none") == text.split(" ")


def test_none_cuts_at_blanks_alone() -> None:
    assert tokens("didn't  stop, (he)\tsaid", "none") == ["didn't", "stop,", "(he)", "said"]
    assert tokens("10\u00a0000 a", "none") == ["10\u00a0000", "a"]


@pytest.mark.parametrize(
    ("token", "digits", "words"),
    [
        ("U.S.", "u.s.", "u.s."),
        ("4,500", "#,###", "##"),
        ("A17", "a##", "##"),
        ("##", "##", "##"),
        ("#.#", "#.#", "##"),
        ("UNK", "<unk>", "<unk>"),
        ("<unk>", "<unk>", "<unk>"),
        ("unk", "unk", "unk"),
        ("\u0663", "#", "##"),
    ],
)
def test_words_are_lower_case_and_digits_are_one_sign(token: str, digits: str, words: str) -> None:
    assert normalised(token, "digits") == digits
    assert normalised(token, "words") == words
