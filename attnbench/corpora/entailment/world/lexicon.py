"""The words of the world: trees of meanings, opposites, synonyms and the forms of verbs.

A meaning is named by one of its words. ``PARENT`` holds every tree, of nouns (dog, pet, animal), verbs
(push, touch), colours (scarlet, red) and places (garden, outside); no word is in two of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

BEINGS = {
    "person": {
        "worker": "farmer baker nurse driver",
        "child": "boy girl toddler pupil",
        "relative": "uncle aunt cousin nephew",
        "artist": "singer painter dancer poet",
    },
    "animal": {
        "pet": "dog cat rabbit pony",
        "bird": "crow owl duck goose",
        "insect": "bee wasp moth beetle",
    },
}
THINGS = {
    "thing": {
        "fruit": "apple pear plum lemon",
        "tool": "hammer saw axe shovel",
        "toy": "ball doll kite puppet",
        "garment": "hat coat shirt scarf",
        "instrument": "drum flute violin guitar",
    }
}
DEEDS = {
    "touch": "push hug kick stroke",
    "address": "greet thank scold warn",
    "pursue": "chase follow track stalk",
}
"""What a being does to a being."""
WORKS = {"handle": "carry lift hold pull", "obtain": "buy find borrow win"}
"""What a being does to a thing."""
COUNTABLE = ("sell", "pack", "collect", "lose", "paint", "count")
"""What a being does to a number of things."""
ACTS = ("sleep", "laugh", "dance", "cry", "jump", "whistle", "cough", "sing")
"""What a being does without an object."""
COLOURS = {
    "red": "scarlet",
    "blue": "navy",
    "green": "olive",
    "white": "ivory",
    "yellow": "golden",
    "brown": "chestnut",
}
PLACES = {
    "inside": "kitchen school church museum hotel barn",
    "outside": "garden park forest field street desert",
}
MOODS = (
    ("happy", "sad"),
    ("rich", "poor"),
    ("tired", "rested"),
    ("healthy", "sick"),
    ("brave", "afraid"),
    ("calm", "angry"),
    ("strong", "weak"),
    ("old", "young"),
)
"""Opposites that beings can be: each is exactly one of the two."""
TRAITS = (("big", "small"), ("clean", "dirty"), ("wet", "dry"), ("cheap", "expensive"), ("heavy", "light"))
"""Opposites that things can be."""

SYNONYMS = {
    "happy": "glad",
    "rich": "wealthy",
    "sick": "ill",
    "afraid": "scared",
    "angry": "furious",
    "healthy": "fit",
    "big": "large",
    "small": "little",
    "chase": "hunt",
    "follow": "trail",
    "push": "shove",
    "hug": "embrace",
    "warn": "caution",
    "carry": "transport",
    "find": "discover",
    "buy": "purchase",
    "cry": "weep",
    "sleep": "doze",
    "pupil": "student",
    "toddler": "infant",
    "rabbit": "bunny",
    "scarf": "shawl",
    "street": "road",
    "forest": "wood",
}
"""Words of the same meaning; which one is said is chance."""
PREDICATIVE = frozenset({"afraid", "scared", "ill", "glad"})
"""Adjectives that do not stand before a noun."""

IRREGULAR = {
    "hold": "held",
    "buy": "bought",
    "find": "found",
    "win": "won",
    "sell": "sold",
    "lose": "lost",
    "sleep": "slept",
    "weep": "wept",
    "sing": "sang",
    "hug": "hugged",
}
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
FIRST_NUMBER, LAST_NUMBER = 2, 9
OPENERS = (("yesterday",), ("last", "night"), ("on", "monday"), ("in", "the", "end"))
"""When it was: all that is told of happened then, so they say nothing."""
CONNECTORS = ("and", "while", "but")


def _parents() -> dict[str, str]:
    parent = {}
    for tree in (BEINGS, THINGS):
        for top, kinds in tree.items():
            for kind, leaves in kinds.items():
                parent[kind] = top
                parent.update(dict.fromkeys(leaves.split(), kind))
    for forest in (DEEDS, WORKS, COLOURS, PLACES):
        for kind, leaves in forest.items():
            parent.update(dict.fromkeys(leaves.split(), kind))
    return parent


PARENT = _parents()
"""The next more general meaning, where there is one."""
OPPOSITE = {
    one: other for a, b in (*MOODS, *TRAITS, ("inside", "outside")) for one, other in ((a, b), (b, a))
}
"""What something is exactly when it is not the other."""


def _leaves(*forests: dict[str, str]) -> tuple[str, ...]:
    return tuple(leaf for forest in forests for leaves in forest.values() for leaf in leaves.split())


BEING_LEAVES = _leaves(*BEINGS.values())
THING_LEAVES = _leaves(*THINGS.values())
BEING_KINDS = tuple(kind for kinds in BEINGS.values() for kind in kinds)
THING_KINDS = tuple(THINGS["thing"])
MEMBERS = {kind: tuple(leaves.split()) for kinds in BEINGS.values() for kind, leaves in kinds.items()}
"""The beings of each kind: one of each noun."""
PERSONS = frozenset(_leaves(BEINGS["person"]))

CLASSES: dict[str, dict[str, tuple[str, ...]]] = {
    "being": {"L": BEING_LEAVES, "K": BEING_KINDS, "T": tuple(BEINGS)},
    "thing": {"L": THING_LEAVES, "K": THING_KINDS},
    "deed": {"L": _leaves(DEEDS), "K": tuple(DEEDS)},
    "work": {"L": _leaves(WORKS), "K": tuple(WORKS)},
    "colour": {"L": _leaves(COLOURS), "K": tuple(COLOURS)},
    "place": {"L": _leaves(PLACES), "K": tuple(PLACES)},
    "mood": {"K": tuple(mood for pair in MOODS for mood in pair)},
    "trait": {"K": tuple(trait for pair in TRAITS for trait in pair)},
}
"""The meanings of a class by level: L the leaves of its trees, K their kinds, T the tops above kinds."""
LEVEL = {word: level for levels in CLASSES.values() for level, words in levels.items() for word in words}
DIMENSION = {
    **{value: name for name in ("colour", "place") for level in CLASSES[name].values() for value in level},
    **{value: " ".join(pair) for pair in (*MOODS, *TRAITS) for value in pair},
}
"""What a value is a value of; each entity has one of each of its dimensions."""


def relation(one: str, other: str) -> str:
    """Return how ``one`` stands to ``other`` in the trees: same, below, above or apart."""
    if one == other:
        return "same"
    if _above(one, other):
        return "below"
    return "above" if _above(other, one) else "apart"


def _above(low: str, high: str) -> bool:
    above = PARENT.get(low)
    return above is not None and (above == high or PARENT.get(above) == high)


def _related() -> dict[tuple[str, str, str], Sequence[str]]:
    found = defaultdict(list)
    for levels in CLASSES.values():
        words = [word for level in levels.values() for word in level]
        for level, members in levels.items():
            for word in words:
                for member in members:
                    if DIMENSION.get(member) == DIMENSION.get(word):
                        found[word, level, relation(member, word)].append(member)
    return dict(found)


RELATED = _related()
"""For a meaning, a level and a relation: the meanings at that level that stand so to the first."""


def past(verb: str) -> str:
    """Return the past of a verb, which is its participle too."""
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb[-1] == "y" and verb[-2] not in "aeiou" else verb + "ed"


def plural(noun: str) -> str:
    """Return the plural of the name of a thing."""
    return noun + "s"


def article(noun: str) -> str:
    """Return ``a`` or ``an``."""
    return "an" if noun[0] in "aeiou" else "a"
