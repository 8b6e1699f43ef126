"""Which of Moses' rules a language's name chooses, token by token, and what is said where there are none."""

import pytest
from sacremoses import MosesTokenizer
from sacremoses.corpus import NonbreakingPrefixes

from attnbench.corpora import languages
from attnbench.corpora.text import detokenizer, tokenizer
from attnbench.errors import BadInput
from attnbench.tasks.translation.settings import TranslationData


@pytest.mark.parametrize(
    ("name", "text", "tokens"),
    [
        *((name, "l'homme", "l' homme") for name in (
            "fr", "fr_FR", "FRA", "fra", "fre", "fr-CA", "fr-Latn-CA", "FR", "french", "fr_FR.UTF-8")),
        *((name, "the king's", "the king 's") for name in (
            "en", "en-GB", "en_US", "eng", "eng_Latn", "English")),
        *((name, "dell'acqua", "dell' acqua") for name in ("it", "ita", "it-CH")),
        *((name, "z. B. heute", "z. B. heute") for name in ("de", "de-AT", "deu", "ger", "deu_Latn")),
        ("en", "z. B. heute", "z . B. heute"),
        *((name, "l'aigua", "l ' aigua") for name in ("ca", "cat", "ca-valencia")),
        *((name, "d'ól", "d ' ól") for name in ("ga", "gle")),
        *((name, "la'aan", "la ' aan") for name in ("so", "som")),
        *((name, "EU:ssa", "EU : ssa") for name in ("fi", "fin", "fi-FI")),
        *((name, "今天天气很好。", "今天天气很好。") for name in ("zh", "zh-CN", "zh_TW", "zho_Hans", "cmn")),
        *((name, "오늘은 좋다.", "오늘은 좋다 .") for name in ("ko", "kor_Hang", "ko-KR")),
        ("yue", "很好。", "很 好 。"),
        ("en", "很好。", "很 好 。"),
        ("x-private", "Mr. X l'homme", "Mr. X l ' homme"),
    ],
)  # fmt: skip
def test_the_first_subtag_chooses_the_rules(name: str, text: str, tokens: str) -> None:
    assert tokenizer("moses", name)(text) == tokens.split(" ")


@pytest.mark.parametrize(
    ("name", "tokens", "text"),
    [
        ("fr_FR", ["L'", "homme", "dort", "!"], "L'homme dort !"),
        ("ITA", ["dell'", "acqua", "!"], "dell'acqua!"),
        ("eng-GB", ["the", "king", "'s", "!"], "the king's!"),
        ("zh-Hans", ["今天", "很好"], "今天很好"),
        ("kor", ["오늘은", "좋다", "."], "오늘은 좋다."),
    ],
)
def test_the_detokeniser_follows_the_same_rules(name: str, tokens: list[str], text: str) -> None:
    assert detokenizer("moses", name)(tokens) == text


def test_japanese_has_its_own_rules_by_each_of_its_names() -> None:
    assert {languages.rules(name) for name in ("ja", "jpn", "ja-JP", "JA_jp", "japanese")} == {"ja"}


def test_every_language_that_sacremoses_knows_is_reached_by_each_of_its_names() -> None:
    known = NonbreakingPrefixes().available_langs
    text = "Mr. Hr. art. l'x d'y 3,5 U.S. "
    for name, code in known.items():
        assert languages.rules(name) == languages.rules(name.upper()) == languages.rules(f"{code}_XX") == code
        assert languages.notes(name) == [] or code in ("ca", "ga", "fi", "sv", "yue", "zh")
        assert tokenizer("moses", f"{code}-XX")(text) == MosesTokenizer(code).tokenize(text, escape=False)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("uk", "uk: Moses has no rules for it; abbreviations are those of English, apostrophes stand alone"),
        ("som", "som: Moses has no rules for it"),
        ("tok.en", "tok.en: Moses has no rules for it"),
        ("ko", "ko: Moses has no rules for it"),
        (
            "th",
            "apostrophes stand alone; words without blanks between them are not cut; cut them first, and set",
        ),
        (
            "zh_TW",
            "zh_TW: characters without blanks between them are one word; cut them first, and set data.",
        ),
        ("jpn", "jpn: characters without blanks between them are one word"),
        ("yue", "yue: each Chinese character is a word"),
        ("cat", "cat: apostrophes stand alone, l ' aigua"),
        ("fi", "fi: a colon inside a word stands alone, EU : ssa"),
    ],
)
def test_what_the_rules_lack_is_said(name: str, said: str) -> None:
    (note,) = languages.notes("en", name, "fr-CA")
    assert said in note
    settings = TranslationData(languages=f"en:{name}")
    assert settings.notes == [note]
    assert TranslationData(languages=f"en:{name}", tokenizer="none").notes == []


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("en-fr", ("en", "fr")),
        ("en:fr", ("en", "fr")),
        ("en-fr_FR", ("en", "fr_FR")),
        ("eng-FRA", ("eng", "FRA")),
        ("en:zh-CN", ("en", "zh-CN")),
        ("zh-Hans:en-GB", ("zh-Hans", "en-GB")),
        ("en-GB:en-US", ("en-GB", "en-US")),
        ("en - fr", ("en", "fr")),
        ("en-**", ("en", "**")),
        ("tok.en-tok.fr", ("tok.en", "tok.fr")),
    ],
)
def test_two_names_are_read(text: str, pair: tuple[str, str]) -> None:
    assert TranslationData(languages=text).pair == pair


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((text, "is not SOURCE-TARGET, such as en-fr, or SOURCE:TARGET where a name has a hyphen, such as")
          for text in (
            "", "-", ":", "en", "en-", ":en", "en-zh-CN", "zh-Hans-en", "en:fr:de", "en--fr", ".-en")),
        *((text, "as both sides; name two") for text in ("en-en", "en-EN", "en_GB:en-gb", "fr:fr")),
        *((text, "cannot be the ending of a language's files")
          for text in ("../x-en", "en:a/b", "en-align", "gz-en", "en.gz:en", "en:a\nb", "en:\udcff")),
    ],
)  # fmt: skip
def test_what_does_not_name_two_languages_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        TranslationData(languages=text)
    assert said in str(caught.value) and "\n" not in str(caught.value)
