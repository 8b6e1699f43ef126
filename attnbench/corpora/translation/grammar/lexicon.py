"""The lexicon: words of both languages with all their forms, as the grammar uses them."""

from __future__ import annotations

from typing import NamedTuple

from attnbench.corpora.translation.grammar import nouns, verbs
from attnbench.corpora.translation.grammar.morphology import (
    add_ed,
    add_s,
    agreeing,
    french_plural,
    participle,
    present,
)


class FrenchNoun(NamedTuple):
    """One French noun; ``forms`` are singular and plural."""

    forms: tuple[str, str]
    feminine: bool


class Noun(NamedTuple):
    """An English noun and its French ones."""

    forms: tuple[str, str]
    french: FrenchNoun
    synonym: FrenchNoun | None
    """A free variant: no reader can tell which one a translator takes."""
    second: FrenchNoun | None
    """A second sense; the verb decides where the noun is its object."""
    person: bool


class Adjective(NamedTuple):
    """An adjective; French forms are masculine, feminine, masculine plural, feminine plural."""

    english: str
    forms: tuple[str, str, str, str]
    precedes: bool
    """It stands before the French noun."""
    liaison: str
    """Masculine singular before a vowel, such as bel."""


class Verb(NamedTuple):
    """A verb; ``english`` is base, third person, past; ``present`` is for je, il, nous, ils."""

    english: tuple[str, str, str]
    particle: str
    present: tuple[str, str, str, str]
    participle: tuple[str, str, str, str]
    moves: bool
    """The perfect takes être, and the participle agrees with the subject."""
    second: bool
    """It picks the second sense of its object."""


class Determiner(NamedTuple):
    """A determiner; ``english`` is singular and plural, None where there is none."""

    english: tuple[str | None, str | None]
    french: tuple[str, str, str]
    """Masculine, feminine, plural; several tokens have blanks between them."""
    liaison: tuple[str, str]
    """Masculine and feminine singular before a vowel."""


class Preposition(NamedTuple):
    """A preposition; each French token names the English words it translates, by position."""

    english: tuple[str, ...]
    french: tuple[tuple[str, tuple[int, ...]], ...]


class Name(NamedTuple):
    """A first name in both languages."""

    english: str
    french: str
    feminine: bool


class Pronoun(NamedTuple):
    """A personal pronoun: subject and object in both languages."""

    english: tuple[str, str]
    french: tuple[str, str]
    feminine: bool
    plural: bool
    person: int


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in text.split(",")]


def _french_noun(text: str) -> FrenchNoun:
    form, _, gender = text.partition(":")
    return FrenchNoun((form, french_plural(form)), gender == "f")


def _noun(entry: str, person: bool) -> Noun:
    english, french = entry.split()
    singular, _, plural = english.partition("/")
    first, mark, other = french, "", ""
    for sign in "~+":
        if sign in french:
            first, mark, other = french.partition(sign)
    alternative = _french_noun(other) if other else None
    return Noun(
        (singular, plural or add_s(singular)),
        _french_noun(first),
        alternative if mark == "~" else None,
        alternative if mark == "+" else None,
        person,
    )


def _verb(entry: str) -> Verb:
    english, french = entry.split(maxsplit=1)
    english, _, particle = english.partition("_")
    base, _, past = english.partition("/")
    words = french.rstrip("*+").split()
    if len(words) == 1:
        infinitive, _, stressed = words[0].partition("-")
        forms, done = present(infinitive, stressed), agreeing(participle(infinitive))
    else:
        forms, done = (words[0], words[1], words[2], words[3]), agreeing(*words[4].split("/"))
    return Verb(
        (base, add_s(base), past or add_ed(base)), particle, forms, done, "*" in french, "+" in french
    )


def _adjective(entry: str, precedes: bool) -> Adjective:
    english, french = entry.split()
    masculine, *rest = french.split("/")
    forms = agreeing(masculine, rest[0] if rest else "")
    return Adjective(english, forms, precedes, rest[1] if len(rest) > 1 else masculine)


def _preposition(entry: str) -> Preposition:
    english, french = entry.split(" = ")
    tokens = [token.split(":") for token in french.split()]
    return Preposition(
        tuple(english.split()), tuple((form, tuple(int(i) for i in where)) for form, where in tokens)
    )


PEOPLE = [_noun(entry, True) for entry in _entries(nouns.PEOPLE)]
ANIMALS = [_noun(entry, False) for entry in _entries(nouns.ANIMALS)]
THINGS = [_noun(entry, False) for entry in _entries(nouns.THINGS)]
INTRANSITIVE = [_verb(entry) for entry in _entries(verbs.INTRANSITIVE)]
TRANSITIVE = [_verb(entry) for entry in _entries(verbs.TRANSITIVE)]
CLAUSAL = [_verb(entry) for entry in _entries(verbs.CLAUSAL)]

_PRECEDING = """big grand, small petit, old vieux/vieille/vieil, new nouveau/nouvelle/nouvel, good bon,
beautiful beau/belle/bel, young jeune, bad mauvais, long long/longue, pretty joli, large gros/grosse,
high haut, true vrai, first premier"""

_FOLLOWING = """red rouge, black noir, white blanc/blanche, happy heureux, blue bleu, strong fort, sad triste,
green vert, poor pauvre, rich riche, dangerous dangereux, cold froid, famous célèbre, warm chaud,
french français, heavy lourd, tired fatigué, royal royal, light léger, empty vide, open ouvert, yellow jaune,
curious curieux, quiet calme, public public/publique, grey gris, dry sec/sèche, foreign étranger, dirty sale,
national national, soft doux/douce, clean propre, honest honnête, secret secret/secrète,
jealous jaloux/jalouse, modern moderne, active actif, round rond, european européen, useful utile,
hidden caché, lazy paresseux, narrow étroit, wild sauvage, deep profond, lost perdu"""

PRECEDING = [_adjective(entry, True) for entry in _entries(_PRECEDING)]
FOLLOWING = [_adjective(entry, False) for entry in _entries(_FOLLOWING)]

FREQUENCY = [
    ("often", "souvent"), ("always", "toujours"), ("sometimes", "parfois"), ("already", "déjà"),
    ("also", "aussi"), ("really", "vraiment"), ("rarely", "rarement"), ("finally", "enfin"),
]  # fmt: skip
MANNER = [
    ("slowly", "lentement"), ("quickly", "rapidement"), ("quietly", "tranquillement"),
    ("gently", "doucement"), ("carefully", "prudemment"), ("happily", "joyeusement"),
    ("sadly", "tristement"), ("easily", "facilement"), ("secretly", "secrètement"),
    ("patiently", "patiemment"), ("calmly", "calmement"), ("proudly", "fièrement"),
]  # fmt: skip
DEGREE = [("very", "très"), ("too", "trop"), ("almost", "presque")]

DEFINITE = Determiner(("the", "the"), ("le", "la", "les"), ("le", "la"))
INDEFINITE = Determiner(("a", ""), ("un", "une", "des"), ("un", "une"))
_MY = Determiner(("my", "my"), ("mon", "ma", "mes"), ("mon", "mon"))
_HIS = Determiner(("his", "his"), ("son", "sa", "ses"), ("son", "son"))
_HER = _HIS._replace(english=("her", "her"))
_THIS = Determiner(("this", "these"), ("ce", "cette", "ces"), ("cet", "cette"))
_OUR = Determiner(("our", "our"), ("notre", "notre", "nos"), ("notre", "notre"))
_THEIR = Determiner(("their", "their"), ("leur", "leur", "leurs"), ("leur", "leur"))
_EVERY = Determiner(("every", None), ("chaque", "chaque", ""), ("chaque", "chaque"))


def _plural(english: str, french: str) -> Determiner:
    return Determiner((None, english), ("", "", french), ("", ""))


DETERMINERS = [
    DEFINITE, INDEFINITE, _HIS, _THIS, _MY, _HER, _plural("two", "deux"), _plural("many", "beaucoup de"),
    _THEIR, _EVERY, _OUR, _plural("some", "quelques"), _plural("three", "trois"),
    _plural("several", "plusieurs"), _plural("four", "quatre"), _plural("eight", "huit"),
]  # fmt: skip

PREPOSITIONS = [
    _preposition(entry)
    for entry in _entries(
        """in = dans:0, with = avec:0, on = sur:0, near = près:0 de:0, for = pour:0, at = à:0, under = sous:0,
        behind = derrière:0, in front of = devant:012, far from = loin:0 de:1, towards = vers:0,
        next to = à:0 côté:0 de:1"""
    )
]

NAMES = [
    Name(english, french, gender == "f")
    for english, french, gender in (
        entry.split()
        for entry in _entries(
            """Mary Marie f, John Jean m, Anne Anne f, Paul Paul m, Peter Pierre m, Alice Alice f,
            Henry Henri m, Claire Claire f, Mark Marc m, Emma Emma f, Luke Luc m, Julia Julie f,
            Andrew André m, Sophie Sophie f, Oscar Oscar m, Lucy Lucie f, Eric Éric m, Helen Hélène f,
            Philip Philippe m, Irene Irène f"""
        )
    )
]

I = Pronoun(("I", "me"), ("je", "me"), False, False, 1)  # noqa: E741
WE = Pronoun(("we", "us"), ("nous", "nous"), False, True, 1)
HE = Pronoun(("he", "him"), ("il", "le"), False, False, 3)
SHE = Pronoun(("she", "her"), ("elle", "la"), True, False, 3)
IT = tuple(Pronoun(("it", "it"), p.french, p.feminine, False, 3) for p in (HE, SHE))
THEY = tuple(Pronoun(("they", "them"), (form, "les"), form == "elles", True, 3) for form in ("ils", "elles"))
"""``IT`` and ``THEY`` are masculine first, feminine second: the antecedent decides."""

CONJUNCTIONS = [
    ("and", "et"), ("but", "mais"), ("because", "parce que"), ("when", "quand"),
    ("while", "pendant que"), ("so", "donc"), ("since", "puisque"), ("or", "ou"),
    ("if", "si"),
]  # fmt: skip


def forms() -> tuple[set[str], set[str]]:
    """Return the forms of both languages that a sentence can show, relative pronouns and the like aside."""
    english: set[str] = set()
    french: set[str] = set()
    for noun in PEOPLE + ANIMALS + THINGS:
        english.update(noun.forms)
        for meaning in (noun.french, noun.synonym, noun.second):
            french.update(meaning.forms if meaning else ())
    for verb in INTRANSITIVE + TRANSITIVE + CLAUSAL:
        english.update(verb.english)
        agrees = verb.moves or verb in TRANSITIVE
        french.update(verb.present, verb.participle if agrees else verb.participle[:1])
    for adjective in PRECEDING + FOLLOWING:
        english.add(adjective.english)
        french.update(adjective.forms, [adjective.liaison])
    for determiner in DETERMINERS:
        english.update(form for form in determiner.english if form)
        french.update(" ".join(determiner.french + determiner.liaison).split())
    for preposition in PREPOSITIONS:
        english.update(preposition.english)
        french.update(form for form, _ in preposition.french)
    for name in NAMES:
        english.add(name.english)
        french.add(name.french)
    for pronoun in (I, WE, HE, SHE, *IT, *THEY):
        english.update(pronoun.english)
        french.update(pronoun.french)
    for one, autre in FREQUENCY + MANNER + DEGREE + CONJUNCTIONS:
        english.add(one)
        french.update(autre.split())
    return english, french
