"""Captions of a scene, as people give them: in varied order and detail, with what strikes the eye first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attnbench.corpora.captions.scenes import relations
from attnbench.corpora.captions.scenes.chance import Chance
from attnbench.corpora.captions.scenes.layout import GROUNDS, Scene
from attnbench.corpora.captions.scenes.phrases import Phrase, others, phrase

SHORTEST, LONGEST = 4, 25
"""Words of a caption."""
SALIENT = 0.8
"""How often what strikes the eye comes first; else the order is by chance."""
WHOLE = 0.5
"""How often all there is is named."""
RELATED = 0.6
"""How often a thing is told by how it stands to the next one."""
PLACED = 0.2
"""How often it is told where in the picture a thing is."""
GROUND = 0.08
"""How often the ground is named."""
REPEATED = 50
"""How often a caption is drawn anew for being there already."""

OPENINGS = (
    "a picture of", "a picture of", "an image of", "a drawing of", "this picture shows", "the image shows",
)  # fmt: skip

TWO = (", and", "and", "and", "and", "with")
"""What joins two parts; the first one only where there is more than a phrase before it."""

Link = tuple[int, int]


class Caption(NamedTuple):
    """A caption, and which regions its nouns name: (word, region)."""

    words: tuple[str, ...]
    links: tuple[Link, ...]


class Part(NamedTuple):
    """A phrase, or two that stand in a relation, with what is said of it: 'a star' 'above' 'a ring'."""

    first: Phrase
    said: str
    second: Phrase | None

    def clause(self, verb: bool) -> list[str | Phrase]:
        """Return its words and phrases, with a verb if that is wanted."""
        verbs = ["are" if self.first.plural else "is"] if verb else []
        return [self.first, *verbs, *self.said.split(), *([self.second] if self.second else [])]


def tell(scene: Scene, number: int, chance: Chance) -> list[Caption]:
    """Return some captions of a scene; they differ, unless there are hardly more."""
    made: list[Caption] = []
    for _ in range(number):
        for _ in range(REPEATED):
            new = _caption(scene, chance)
            if all(new.words != old.words for old in made):
                break
        made.append(new)
    return made


def _caption(scene: Scene, chance: Chance) -> Caption:
    while True:
        phrases = _phrases(scene, chance)
        if phrases is None:
            continue
        caption = _spoken(_sentence(scene, phrases, chance))
        if SHORTEST <= len(caption.words) <= LONGEST:
            return caption


def _phrases(scene: Scene, chance: Chance) -> list[Phrase] | None:
    """Return what is named, in order; None where a group has no name of its own or two names fit the same."""
    groups = _groups(scene, chance)
    if chance.often(SALIENT):
        groups.sort(key=lambda group: max(map(scene.salience, group)), reverse=True)
    else:
        groups = chance.shuffled(groups)
    number = len(groups) if chance.often(WHOLE) else chance.between((len(groups) + 1) // 2, len(groups))
    named, left = groups[:number], [thing for group in groups[number:] for thing in group]
    phrases = [phrase(scene, group, number, chance) for group in named]
    known = [one for one in phrases if one is not None]
    if len(known) < number or len({one.fitting for one in known}) < number:
        return None
    if len(left) > 1 and chance.often(0.25):
        known.append(others(left, chance))
    return known


def _groups(scene: Scene, chance: Chance) -> list[list[int]]:
    """Return things of one shape together, or of one shape and colour, or only those that are the same."""
    kinds = chance.any_of((1, 2, 2, 2, 4))
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, thing in enumerate(scene.things):
        groups.setdefault(thing[:kinds], []).append(place)
    return list(groups.values())


def _sentence(scene: Scene, phrases: Sequence[Phrase], chance: Chance) -> list[str | Phrase]:
    parts = _parts(scene, phrases, chance)
    end = _ground(scene, chance)
    told = all(part.said for part in parts) and len(parts) <= 2 and not end
    if told and chance.often(0.35):
        joint = chance.any_of((", and", "and", "while"))
        return _joined([part.clause(verb=True) for part in parts], [joint])
    clauses = [part.clause(verb=False) for part in parts]
    joints = [",", "and"] if len(parts) > 2 else [chance.any_of(TWO if parts[0].said else TWO[1:])]
    begin = ""
    if chance.often(0.25):
        begin = "there are" if parts[0].first.plural else "there is"
    elif chance.often(0.25):
        begin = chance.any_of(OPENINGS)
    return [*begin.split(), *_joined(clauses, joints), *end.split()]


def _parts(scene: Scene, phrases: Sequence[Phrase], chance: Chance) -> list[Part]:
    """Return the phrases in order, some of them joined to the next one by how they stand to it."""
    parts, rest = [], list(phrases)
    while rest:
        first = rest.pop(0)
        ways = list(relations.true(scene, first.members, rest[0].members)) if rest else []
        places = relations.place(scene, first.members)
        if ways and chance.often(RELATED):
            parts.append(Part(first, chance.any_of(relations.WORDS[chance.any_of(ways)]), rest.pop(0)))
        elif places and chance.often(PLACED):
            parts.append(Part(first, chance.any_of(places), None))
        else:
            parts.append(Part(first, "", None))
    return parts


def _joined(clauses: Sequence[list[str | Phrase]], joints: Sequence[str]) -> list[str | Phrase]:
    """Return the clauses, the last joint before the last one and the first before the others."""
    words = list(clauses[0])
    for place, clause in enumerate(clauses[1:], start=2):
        joint = joints[-1] if place == len(clauses) else joints[0]
        words += [*joint.split(), *clause]
    return words


def _ground(scene: Scene, chance: Chance) -> str:
    if not chance.often(GROUND):
        return ""
    if scene.table:
        return "on a table"
    return f"on a {GROUNDS[scene.ground]} background"


def _spoken(sentence: Sequence[str | Phrase]) -> Caption:
    """Return the words, with a link from each noun to what it names.

    Where a phrase fits more than is meant, its noun is linked to that too, unless another phrase means it.
    """
    meant = {member for one in sentence if isinstance(one, Phrase) for member in one.members}
    words: list[str] = []
    links: list[Link] = []
    for one in sentence:
        words += [one] if isinstance(one, str) else one.words
        if isinstance(one, Phrase):
            also = {thing for thing in one.fitting if thing not in meant}
            links += [(len(words) - 1, thing) for thing in sorted({*one.members, *also})]
    return Caption(tuple(words), tuple(links))
