"""Tokenisers against the Moses script's rules, and the vocabulary against counting by hand."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from attnbench.corpora.text import END, UNKNOWN, Vocabulary, detokenizer, is_blank, tokenizer
from attnbench.errors import BadInput

OTHER_BLANKS = "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000"
"""What ``str.split`` cuts at besides space, tab and LF."""

SENTENCES = ["the cat the dog", "the cat sat", "a dog </s> <unk>"]


@pytest.mark.parametrize(
    ("language", "text", "tokens"),
    [
        ("en", "Mr. Smith doesn't cost $5,300.50.", "Mr. Smith doesn 't cost $ 5,300.50 ."),
        ("en", 'a well-known "R&D" <b> it\'s', 'a well-known " R & D " < b > it \'s'),
        ("fr", "L'homme qu'il a vu, hier.", "L' homme qu' il a vu , hier ."),
    ],
)
def test_moses_splits_as_the_script_does_and_escapes_nothing(language: str, text: str, tokens: str) -> None:
    assert tokenizer("moses", language)(text) == tokens.split(" ")


def test_none_cuts_at_spaces_and_tabs_alone() -> None:
    assert tokenizer("none", "fr")("\t l'an  deux\u00a0mille\t\t.  ") == ["l'an", "deux\u00a0mille", "."]
    assert tokenizer("none", "fr")(" \t") == tokenizer("none", "fr")("") == []
    assert detokenizer("none", "fr")(["l'an", "deux\u00a0mille"]) == "l'an deux\u00a0mille"


@pytest.mark.parametrize("character", OTHER_BLANKS)
def test_other_blanks_belong_to_a_word_but_for_moses(character: str) -> None:
    text = f"a{character}b {character}c"
    assert tokenizer("none", "en")(text) == [f"a{character}b", f"{character}c"]
    assert tokenizer("moses", "en")(text) == ["a", "b", "c"]


def test_a_blank_text_shows_nothing() -> None:
    for text in ("", " \t", "".join(OTHER_BLANKS), "\u200b\ufeff\u00ad", "\x01"):
        assert is_blank(text), ascii(text)
    for text in (".", "\u00a0x", "\u200b\u0301", "\U0001f600"):
        assert not is_blank(text), ascii(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He said it's 5,300, and left."),
        ("fr", "L'homme, qu'il a vu hier, dort."),
    ],
)
def test_detokenizing_undoes_tokenizing(language: str, text: str) -> None:
    assert detokenizer("moses", language)(tokenizer("moses", language)(text)) == text


def test_detokenizing_leaves_escapes_that_the_text_itself_has() -> None:
    assert detokenizer("moses", "en")(["AT", "&amp;", "T"]) == "AT &amp; T"


def test_an_unknown_tokenizer_is_refused_with_the_nearest() -> None:
    for make in (tokenizer, detokenizer):
        with pytest.raises(BadInput, match="did you mean 'moses'"):
            make("mose", "en")


def build(size: int, least: int = 1) -> Vocabulary:
    return Vocabulary.build([text.split() for text in SENTENCES], size, least)


def test_words_are_ranked_by_count_then_alphabet() -> None:
    # the 3, cat 2, dog 2, a 1, sat 1; the text's own "</s>" and "<unk>" are no words
    assert build(100).words == ("<unk>", "</s>", "the", "cat", "dog", "a", "sat")
    assert len(build(100)) == 7
    assert build(5).words == ("<unk>", "</s>", "the", "cat", "dog")
    assert len(build(5)) == 5


def test_words_that_are_seen_too_rarely_are_left_out() -> None:
    assert build(100, least=2).words == ("<unk>", "</s>", "the", "cat", "dog")
    assert build(100, least=3).words == ("<unk>", "</s>", "the")
    assert build(4, least=2).words == ("<unk>", "</s>", "the", "cat")
    with pytest.raises(BadInput, match="no word is seen 4 times in the training text; lower data"):
        build(100, least=4)
    assert len(Vocabulary.build([[]], 100, least=4)) == 2


def test_the_order_of_the_sentences_does_not_matter() -> None:
    assert Vocabulary.build([text.split() for text in reversed(SENTENCES)], 6) == build(6)


def test_encoding_and_decoding() -> None:
    vocabulary = build(5)
    assert vocabulary.encode(["the", "sat", "dog", "</s>", "<unk>"]) == [2, UNKNOWN, 4, UNKNOWN, UNKNOWN]
    assert vocabulary.encode([]) == []
    assert vocabulary.decode([4, UNKNOWN, END]) == ["dog", "<unk>", "</s>"]


def test_a_vocabulary_too_small_for_a_word_is_refused() -> None:
    with pytest.raises(BadInput, match="a vocabulary of 2 holds no word"):
        build(2)


def test_repeated_words_are_an_error() -> None:
    for words in (["a", "a"], ["a", "</s>"]):
        with pytest.raises(ValueError, match="must differ"):
            Vocabulary(words)


def test_saving_and_loading(tmp_path: Path) -> None:
    vocabulary = Vocabulary.build([["é\u2028", '"', "a", "\\", "a"]], 100)
    vocabulary.save(tmp_path / "source.json")
    assert Vocabulary.load(tmp_path / "source.json") == vocabulary
    theirs = Tokenizer.from_file(str(tmp_path / "source.json"))
    tokens = ["a", "unseen", "é\u2028", "\\"]
    assert theirs.encode(tokens, is_pretokenized=True).ids == vocabulary.encode(tokens)


def test_the_file_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Vocabulary.build([[str(number) for number in range(500)]], 400).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_broken_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "source.json"
    build(5).save(path)
    whole = path.read_text()
    for text in (
        whole[:40],
        "{}",
        "[]",
        "",
        whole.replace("</s>", "<s>"),
        whole.replace('"dog":4', '"dog":9'),
    ):
        assert text != whole
        path.write_text(text)
        with pytest.raises(BadInput, match=r"source\.json is not a vocabulary"):
            Vocabulary.load(path)
    with pytest.raises(BadInput, match=r"absent\.json is not a vocabulary"):
        Vocabulary.load(tmp_path / "absent.json")
