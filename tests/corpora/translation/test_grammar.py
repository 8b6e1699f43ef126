"""Derivations written by hand: exact English, French and links."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from attnbench.corpora.translation.grammar import lexicon
from attnbench.corpora.translation.grammar.clauses import realise
from attnbench.corpora.translation.grammar.morphology import (
    agreeing,
    elides,
    feminine,
    french_plural,
    present,
)
from attnbench.corpora.translation.grammar.syntax import (
    Chain,
    Clause,
    Coordination,
    NounPhrase,
    Predicate,
    Prepositional,
    Quality,
    Relative,
)

NOUNS = {noun.forms[0]: noun for noun in lexicon.PEOPLE + lexicon.ANIMALS + lexicon.THINGS}
VERBS = {" ".join([v.english[0], v.particle]).strip(): v
         for v in lexicon.INTRANSITIVE + lexicon.TRANSITIVE + lexicon.CLAUSAL}  # fmt: skip
ADJECTIVES = {a.english: a for a in lexicon.PRECEDING + lexicon.FOLLOWING}
PREPOSITIONS = {" ".join(p.english): p for p in lexicon.PREPOSITIONS}
DETERMINERS = {(d.english[0] or d.english[1]): d for d in lexicon.DETERMINERS}
NAMES = {name.english: name for name in lexicon.NAMES}


def the(text: str, plural: bool = False, determiner: str = "the", **parts: Any) -> NounPhrase:
    *adjectives, noun = text.split()
    found = NOUNS[noun]
    return NounPhrase(
        found,
        found.french,
        DETERMINERS[determiner],
        plural,
        tuple(ADJECTIVES[a] for a in adjectives),
        **parts,
    )


def at(preposition: str, phrase: NounPhrase) -> tuple[Prepositional]:
    return (Prepositional(PREPOSITIONS[preposition], phrase),)


class Case(NamedTuple):
    subject: Any
    predicate: Predicate
    english: str
    french: str
    links: str
    """``source-target`` pairs, in order of the target."""


MARY = NAMES["Mary"]
SEES = VERBS["see"]

CASES = {
    "inversion": Case(
        the("dog"),
        Predicate(SEES, object=the("big red house")),
        "the dog sees the big red house .",
        "le chien voit la grande maison rouge .",
        "0-0 1-1 2-2 3-3 4-4 6-5 5-6 7-7",
    ),
    "elision and an": Case(
        lexicon.I,
        Predicate(VERBS["love"], object=the("island", determiner="a", of=NAMES["Anne"])),
        "I love an island of Anne .",
        "j' aime une île d' Anne .",
        "0-0 1-1 2-2 3-3 4-4 5-5 6-6",
    ),
    "contraction": Case(
        the("friend", of=the("king")),
        Predicate(None, prepositional=at("at", the("hospital"))),
        "the friend of the king is at the hospital .",
        "l' ami du roi est à l' hôpital .",
        "0-0 1-1 2-2 3-2 4-3 5-4 6-5 7-6 8-7 9-8",
    ),
    "contraction of plurals": Case(
        the("garden", of=the("hero", plural=True)),
        Predicate(None, past=True, prepositional=at("at", the("window", plural=True))),
        "the garden of the heroes was at the windows .",
        "le jardin des héros était aux fenêtres .",
        "0-0 1-1 2-2 3-2 4-3 5-4 6-5 7-5 8-6 9-7",
    ),
    "de swallows des": Case(
        the("story", of=the("friend", plural=True, determiner="a")),
        Predicate(VERBS["stay"], past=True),
        "the story of friends stayed .",
        "l' histoire d' amis est restée .",
        "0-0 1-1 2-2 3-3 4-4 4-5 5-6",
    ),
    "aspirated h": Case(
        the("hero"),
        Predicate(VERBS["hide"], object=the("axe", determiner="this")),
        "the hero hides this axe .",
        "le héros cache cette hache .",
        "0-0 1-1 2-2 3-3 4-4 5-5",
    ),
    "negation around a clitic": Case(
        MARY,
        Predicate(SEES, negation="not", object=lexicon.IT[1]),
        "Mary does not see it .",
        "Marie ne la voit pas .",
        "0-0 2-1 4-2 1-3 3-3 2-4 5-5",
    ),
    "negation of a perfect, participle agrees with a clitic": Case(
        lexicon.HE,
        Predicate(SEES, past=True, negation="not", object=lexicon.THEY[1]),
        "he did not see them .",
        "il ne les a pas vues .",
        "0-0 2-1 4-2 1-3 2-4 3-5 5-6",
    ),
    "never, and de for a negated article": Case(
        lexicon.WE,
        Predicate(VERBS["buy"], negation="never", object=the("apple", determiner="a")),
        "we never buy an apple .",
        "nous n' achetons jamais de pomme .",
        "0-0 1-1 2-2 1-3 3-4 4-5 5-6",
    ),
    "no longer": Case(
        lexicon.SHE,
        Predicate(VERBS["sleep"], negation="no longer"),
        "she no longer sleeps .",
        "elle ne dort plus .",
        "0-0 1-1 3-2 2-3 4-4",
    ),
    "qui": Case(
        the("woman", relative=Relative(Predicate(VERBS["sing"]))),
        Predicate(VERBS["arrive"], past=True),
        "the woman who sings arrived .",
        "la femme qui chante est arrivée .",
        "0-0 1-1 2-2 3-3 4-4 4-5 5-6",
    ),
    "que, elided, participle agrees with the head": Case(
        the("key", plural=True, relative=Relative(Predicate(VERBS["lose"], past=True), NAMES["Alice"])),
        Predicate(None, quality=Quality(ADJECTIVES["black"], ("very", "très"))),
        "the keys that Alice lost are very black .",
        "les clés qu' Alice a perdues sont très noires .",
        "0-0 1-1 2-2 3-3 4-4 4-5 5-6 6-7 7-8 8-9",
    ),
    "feminine plural": Case(
        Coordination(the("queen"), MARY),
        Predicate(None, quality=Quality(ADJECTIVES["happy"])),
        "the queen and Mary are happy .",
        "la reine et Marie sont heureuses .",
        "0-0 1-1 2-2 3-3 4-4 5-5 6-6",
    ),
    "mixed plural is masculine": Case(
        Coordination(MARY, NAMES["Paul"]),
        Predicate(VERBS["leave"], past=True),
        "Mary and Paul left .",
        "Marie et Paul sont partis .",
        "0-0 1-1 2-2 3-3 3-4 4-5",
    ),
    "bel, and de before a preceding adjective": Case(
        the("beautiful tree", determiner="a"),
        Predicate(VERBS["hide"], object=the("royal new eye", plural=True, determiner="a")),
        "a beautiful tree hides royal new eyes .",
        "un bel arbre cache de nouveaux yeux royaux .",
        "0-0 1-1 2-2 3-3 5-5 6-6 4-7 7-8",
    ),
    "vieil, cet": Case(
        the("old hospital", determiner="this"),
        Predicate(VERBS["close"], object=the("old hotel", determiner="his")),
        "this old hospital closes his old hotel .",
        "ce vieil hôpital ferme son vieil hôtel .",
        "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7",
    ),
    "cet, and son before a feminine vowel": Case(
        the("tree", determiner="this"),
        Predicate(VERBS["break"], object=the("sword", determiner="her")),
        "this tree breaks her sword .",
        "cet arbre casse son épée .",
        "0-0 1-1 2-2 3-3 4-4 5-5",
    ),
    "possessor": Case(
        NounPhrase(
            NOUNS["house"],
            NOUNS["house"].french,
            None,
            adjectives=(ADJECTIVES["white"],),
            possessor=the("king"),
        ),
        Predicate(VERBS["fall"], past=True),
        "the king 's white house fell .",
        "la maison blanche du roi est tombée .",
        "4-1 3-2 2-3 0-3 1-4 5-5 5-6 6-7",
    ),
    "adverbs": Case(
        lexicon.SHE,
        Predicate(
            VERBS["look at"],
            past=True,
            frequency=("often", "souvent"),
            manner=("slowly", "lentement"),
            object=the("cat"),
        ),
        "she often looked at the cat slowly .",
        "elle a souvent regardé lentement le chat .",
        "0-0 2-1 1-2 2-3 3-3 6-4 4-5 5-6 7-7",
    ),
    "that-clause and a three-word preposition": Case(
        lexicon.I,
        Predicate(
            VERBS["know"],
            clause=Clause(lexicon.HE, Predicate(VERBS["work"], prepositional=at("next to", the("bridge")))),
        ),
        "I know that he works next to the bridge .",
        "je sais qu' il travaille à côté du pont .",
        "0-0 1-1 2-2 3-3 4-4 5-5 5-6 6-7 7-7 8-8 9-9",
    ),
}


def show(links: Iterable[tuple[int, int]]) -> str:
    return " ".join(f"{source}-{target}" for source, target in links)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_derivation(case: Case) -> None:
    sentence = realise(Chain(Clause(case.subject, case.predicate)))
    assert " ".join(sentence.source) == case.english
    assert " ".join(sentence.target) == case.french
    assert show(sentence.links) == case.links


def test_chain() -> None:
    first = Clause(lexicon.SHE, Predicate(VERBS["laugh"]))
    second = Clause(lexicon.HE, Predicate(VERBS["come"], past=True))
    third = Clause(lexicon.THEY[1], Predicate(None, past=True, negation="not", frequency=None,
                                              quality=Quality(ADJECTIVES["tired"])))  # fmt: skip
    rest = (
        (True, ("because", "parce que"), second),
        (False, ("if", "si"), second),
        (False, ("or", "ou"), third),
    )
    sentence = realise(Chain(first, rest))
    assert " ".join(sentence.source) == "she laughs , because he came if he came or they were not tired ."
    assert " ".join(sentence.target) == (
        "elle rit , parce qu' il est venu s' il est venu ou elles n' étaient pas fatiguées ."
    )
    assert show(sentence.links[3:6]) == "3-3 3-4 4-5"


@pytest.mark.parametrize(
    ("form", "elided"), [("homme", True), ("héros", False), ("école", True), ("Éric", True), ("huit", False),
                         ("Henri", True), ("œil", True), ("roi", False)]
)  # fmt: skip
def test_elides(form: str, elided: bool) -> None:
    assert elides(form) is elided


def test_plurals_and_feminines() -> None:
    plurals = {
        "hôpital": "hôpitaux",
        "œil": "yeux",
        "bal": "bals",
        "nez": "nez",
        "jeu": "jeux",
        "clou": "clous",
    }
    assert {form: french_plural(form) for form in plurals} == plurals
    feminines = {
        "léger": "légère",
        "actif": "active",
        "heureux": "heureuse",
        "bon": "bonne",
        "triste": "triste",
    }
    assert {form: feminine(form) for form in feminines} == feminines
    assert agreeing("national") == ("national", "nationale", "nationaux", "nationales")


def test_presents() -> None:
    assert present("manger") == ("mange", "mange", "mangeons", "mangent")
    assert present("lancer") == ("lance", "lance", "lançons", "lancent")
    assert present("appeler", "appell") == ("appelle", "appelle", "appelons", "appellent")
    assert present("choisir") == ("choisis", "choisit", "choisissons", "choisissent")
    assert present("vendre") == ("vends", "vend", "vendons", "vendent")
