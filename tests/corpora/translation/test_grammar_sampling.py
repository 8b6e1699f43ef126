"""Random derivations: exact lengths, the same bytes everywhere, sound links, ambiguity as described."""

from __future__ import annotations

import hashlib
import random

import pytest

from attnbench.corpora.translation.grammar import SHORTEST, lexicon, sentence
from attnbench.corpora.translation.grammar.sampling import Sampler, pronoun
from attnbench.corpora.translation.grammar.syntax import NounPhrase
from attnbench.corpora.weighted import Weighted


@pytest.mark.parametrize("length", range(SHORTEST, 81))
def test_length_is_exact_and_links_are_sound(length: int) -> None:
    rng = random.Random(length)
    for _ in range(30):
        source, target, links = sentence(rng, length)
        assert len(source) == length
        assert all(0 <= s < length and 0 <= t < len(target) for s, t in links)
        assert len(set(links)) == len(links)
        assert {s for s, _ in links} == set(range(length))
        unlinked = {target[t] for t in set(range(len(target))) - {t for _, t in links}}
        assert unlinked <= {"le", "la", "l'", "les", "des", "de", "d'"}


def test_bytes() -> None:
    rng = random.Random(0)
    text = "".join(repr(tuple(sentence(rng, 3 + number % 60))) for number in range(300))
    assert (
        hashlib.sha256(text.encode()).hexdigest()
        == "1f5bd3d69b14ab69f84223c36f954a224af20d12dc4165add456da7cc6797f8e"
    )


def test_the_verb_decides_the_sense_of_its_object() -> None:
    bank = next(noun for noun in lexicon.THINGS if noun.forms[0] == "bank")
    verbs = {verb.english[0]: verb for verb in lexicon.TRANSITIVE}
    sampler = Sampler(random.Random(0))
    assert {sampler.french(bank, verbs["see"]).forms[0] for _ in range(50)} == {"banque"}
    assert {sampler.french(bank, verbs["find"]).forms[0] for _ in range(50)} == {"rive"}
    elsewhere = [sampler.french(bank, None).forms[0] for _ in range(4000)]
    assert elsewhere.count("rive") / 4000 == pytest.approx(0.25, abs=0.03)


def test_a_synonym_is_free() -> None:
    house = next(noun for noun in lexicon.THINGS if noun.forms[0] == "house")
    sampler = Sampler(random.Random(0))
    drawn = [sampler.french(house, lexicon.TRANSITIVE[0]).forms[0] for _ in range(4000)]
    assert drawn.count("demeure") / 4000 == pytest.approx(0.25, abs=0.03)


def test_pronoun_takes_the_gender_of_the_french_noun() -> None:
    nouns = {noun.forms[0]: noun for noun in lexicon.PEOPLE + lexicon.THINGS}
    road, woman = nouns["road"], nouns["woman"]
    assert road.synonym is not None
    for noun, french, plural, english, subject in (
        (road, road.french, False, "it", "elle"),
        (road, road.synonym, False, "it", "il"),
        (road, road.french, True, "they", "elles"),
        (woman, woman.french, False, "she", "elle"),
    ):
        found = pronoun(NounPhrase(noun, french, lexicon.DEFINITE, plural))
        assert (found.english[0], found.french[0]) == (english, subject)


def test_weighted_follows_its_bounds() -> None:
    items = Weighted("abc", [2, 1, 1])
    assert [items.draw(number) for number in (0.0, 0.49, 0.5, 0.74, 0.75, 0.99)] == list("aabbcc")
    zipf = Weighted("ab")
    share = (1 / 3.7) / (1 / 3.7 + 1 / 4.7)
    assert [zipf.draw(share - 1e-9), zipf.draw(share + 1e-9)] == ["a", "b"]


def test_too_short() -> None:
    with pytest.raises(ValueError, match="shortest has 3"):
        sentence(random.Random(0), 2)


def test_no_one_sees_himself_in_the_first_person() -> None:
    """I never meets me or us: French would need a reflexive verb."""
    rng = random.Random(0)
    sources = [" ".join(sentence(rng, 4).source) for _ in range(5000)]
    assert any(source.endswith(" me .") for source in sources)
    assert not any(
        source.startswith(("I ", "we ")) and source.endswith((" me .", " us .")) for source in sources
    )
