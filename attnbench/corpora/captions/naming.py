"""Which words of a caption name which regions, by what COCO calls the objects that are outlined.

This is a list of words, not an understanding of captions: where a picture has a region of a category, every
word that can mean the category is linked to every region of it. So it links more than was meant, and misses
what the list does not have. It does not know:

- which of several was meant: ``a man`` is linked to all persons that are outlined, women and children too;
- words of more than one meaning, where the other stands in the same picture: ``orange`` the colour beside
  the fruit, ``glasses`` that are worn beside those on the table;
- nouns that describe another noun, but for those in ``_OTHERS``: in ``a dog bed`` the dog is linked;
- pronouns, parts (``wheel``, ``head``), groups (``couple``, ``team``, ``family``, ``traffic``, ``food``,
  ``furniture``), names of kinds beyond the usual ones (``dalmatian``), misspelt words, other languages;
- objects that nobody outlined: what a caption names beside the 80 categories has no link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from attnbench.corpora.captions.words import words

Link = tuple[int, int, int]
"""Caption, word and region, all from 0."""

_NAMES = {
    "person": "person, people, man, woman, boy, girl, child, kid, baby, toddler, infant, lady, guy, "
    "gentleman, male, female, adult, teenager, teen, someone, player, baseball player, tennis player, "
    "soccer player, batter, pitcher, baseball pitcher, catcher, umpire, referee, athlete, skier, "
    "snowboarder, skateboarder, surfer, rider, cyclist, bicyclist, biker, motorcyclist, swimmer, climber, "
    "hiker, runner, jogger, dancer, pedestrian, passenger, spectator, worker, officer, policeman, "
    "policewoman, police officer, fireman, firefighter, soldier, driver, chef, waiter, waitress, student, "
    "teacher, bride, groom, mother, father, mom, dad, son, daughter, brother, sister, husband, wife, "
    "friend, cowboy, farmer, businessman, fisherman, crowd",
    "bicycle": "bicycle, bike, cycle",
    "car": "car, suv, sedan, taxi, cab, automobile, minivan, van, vehicle, jeep",
    "motorcycle": "motorcycle, motorbike, bike, motor bike, motor cycle, scooter, moped, dirt bike",
    "airplane": "airplane, plane, aeroplane, aircraft, jet, jetliner, airliner, biplane",
    "bus": "bus, double decker, vehicle",
    "train": "train, locomotive, subway, tram, trolley",
    "truck": "truck, pickup, fire truck, firetruck, pickup truck, tow truck, lorry, semi, van, vehicle",
    "boat": "boat, ship, canoe, kayak, sailboat, yacht, ferry, rowboat, raft, motorboat, vessel, speedboat",
    "traffic light": "traffic light, stoplight, traffic signal, stop light, light, signal",
    "fire hydrant": "fire hydrant, hydrant",
    "stop sign": "stop sign, sign",
    "parking meter": "parking meter, meter",
    "bench": "bench, park bench",
    "bird": "bird, duck, goose, seagull, gull, pigeon, parrot, swan, owl, eagle, hawk, chicken, rooster, "
    "crow, pelican, flamingo, penguin, ostrich, sparrow, heron",
    "cat": "cat, kitten, kitty",
    "dog": "dog, puppy, pup, retriever, labrador, poodle, terrier, bulldog, greyhound, dachshund, beagle",
    "horse": "horse, pony, foal, mare, stallion",
    "sheep": "sheep, lamb, ram, ewe",
    "cow": "cow, cattle, bull, calf, ox, steer, heifer",
    "elephant": "elephant",
    "bear": "bear, polar bear, grizzly, cub",
    "zebra": "zebra",
    "giraffe": "giraffe",
    "backpack": "backpack, back pack, bag, rucksack, bookbag, knapsack",
    "umbrella": "umbrella, parasol",
    "handbag": "handbag, hand bag, purse, bag, tote",
    "tie": "tie, necktie, bow tie, bowtie",
    "suitcase": "suitcase, luggage, baggage, bag, briefcase, trunk",
    "frisbee": "frisbee, disc, disk, flying disc",
    "skis": "skis, ski",
    "snowboard": "snowboard, board, snow board",
    "sports ball": "ball, sports ball, baseball, basketball, football, soccer ball, tennis ball, "
    "volleyball, soccerball",
    "kite": "kite, parasail",
    "baseball bat": "baseball bat, bat",
    "baseball glove": "baseball glove, glove, mitt, catcher's mitt, baseball mitt",
    "skateboard": "skateboard, board, skate board",
    "surfboard": "surfboard, board, surf board, boogie board, paddle board",
    "tennis racket": "tennis racket, racket, racquet, tennis racquet",
    "bottle": "bottle, water bottle, wine bottle, beer bottle",
    "wine glass": "wine glass, glass, wineglass, champagne glass",
    "cup": "cup, mug, glass, coffee cup, coffee mug, tea cup",
    "fork": "fork, utensil, silverware",
    "knife": "knife, utensil, silverware",
    "spoon": "spoon, utensil, silverware, ladle",
    "bowl": "bowl, dish",
    "banana": "banana, fruit",
    "apple": "apple, fruit",
    "sandwich": "sandwich, burger, hamburger, sub, cheeseburger, panini",
    "orange": "orange, fruit, tangerine, mandarin",
    "broccoli": "broccoli, vegetable, veggie",
    "carrot": "carrot, vegetable, veggie",
    "hot dog": "hot dog, hotdog, sausage, chili dog",
    "pizza": "pizza",
    "donut": "donut, doughnut, pastry",
    "cake": "cake, cupcake, birthday cake, wedding cake, dessert, cheesecake",
    "chair": "chair, seat, armchair, stool, arm chair, lawn chair, recliner",
    "couch": "couch, sofa, loveseat, love seat, futon",
    "potted plant": "potted plant, plant, houseplant, house plant, flower pot",
    "bed": "bed, bunk, mattress",
    "dining table": "dining table, table, dining room table, kitchen table, desk",
    "toilet": "toilet, toilet bowl, urinal",
    "tv": "tv, television, television set, tv screen, screen, flat screen, monitor, computer screen, "
    "computer monitor",
    "laptop": "laptop, lap top, laptop computer, notebook, computer, macbook",
    "mouse": "mouse, computer mouse",
    "remote": "remote, remote control, controller, wii remote, wii controller, game controller, control",
    "keyboard": "keyboard, computer keyboard",
    "cell phone": "cell phone, phone, cellphone, smartphone, smart phone, mobile phone, iphone, telephone",
    "microwave": "microwave, microwave oven",
    "oven": "oven, stove, stovetop, stove top, stove top oven",
    "toaster": "toaster, toaster oven",
    "sink": "sink, basin",
    "refrigerator": "refrigerator, fridge, freezer",
    "book": "book, novel, magazine, textbook",
    "clock": "clock, alarm clock, wall clock",
    "vase": "vase, urn",
    "scissors": "scissors, shears",
    "teddy bear": "teddy bear, teddy, stuffed bear, stuffed animal, stuffed toy, plush",
    "hair drier": "hair drier, hair dryer, blow dryer, hairdryer, dryer",
    "toothbrush": "toothbrush, tooth brush",
}
"""What captions call the objects of COCO's 80 categories, beside their plurals."""

_OTHERS = (
    "train station, train track, train car, train yard, bus stop, bus station, bus driver, train conductor, "
    "car park, parking lot, boat house, boat dock, clock tower, table cloth, table top, dog house, dog bed, "
    "dog food, cat food, bird house, bird cage, bird bath, bird feeder, horse carriage, baseball field, "
    "baseball game, baseball uniform, baseball cap, baseball diamond, baseball team, football field, "
    "football game, basketball court, basketball game, soccer game, ball game, book shelf, book case, pizza "
    "box, pizza cutter, pizza oven, cake pan, toilet paper, toilet seat, toilet lid, bed room, bed spread, "
    "bath tub, chair lift, ski lift, ski slope, ski resort, ski pole, ski jump, bike rack, bike path, bike "
    "lane, skate park, couch cushion, phone booth, phone call, tv stand, tv show, knife block, wine cooler, "
    "sink faucet, kitchen sink cabinet, computer desk, orange juice, apple juice, apple tree, banana tree, "
    "banana leaf, banana bread, carrot cake, coffee table, coffee maker, coffee pot, coffee shop, giraffe "
    "print, zebra crossing, zebra print, light house, sign post, cow boy, stuffed dog, stuffed cat"
)
"""Phrases that hold one of the words above and name something else; ``_THEIRS`` has what a few do name."""

_THEIRS = {
    "bus driver": "person", "train conductor": "person", "cow boy": "person", "train car": "train",
    "carrot cake": "cake", "coffee table": "dining table", "computer desk": "dining table",
    "pizza oven": "oven", "table top": "dining table",
}  # fmt: skip

_IRREGULAR = {
    "person": "persons", "people": "", "man": "men", "woman": "women", "child": "children", "mouse": "mice",
    "goose": "geese", "knife": "knives", "calf": "calves", "ox": "oxen", "wife": "wives", "leaf": "leaves",
    "sheep": "", "cattle": "", "skis": "", "scissors": "", "shears": "", "luggage": "", "baggage": "",
    "silverware": "", "broccoli": "", "aircraft": "", "someone": "",
}  # fmt: skip
"""Plurals that do not follow the rules; empty: none, or one that means something else."""

_Lexicon = Mapping[tuple[str, ...], frozenset[str]]


def links(captions: Sequence[str], categories: Sequence[str]) -> list[Link]:
    """Return which words of captions name which regions, as far as a list of words can tell; see above.

    Args:
        captions: as written; their words are those of ``words.words``.
        categories: of each region, as COCO names them, such as ``dining table``. Others than COCO's are found
            by their own names.

    Of a phrase such as ``hot dog`` the last word is linked, and no word of it means anything else.
    """
    regions: defaultdict[str, list[int]] = defaultdict(list)
    for region, category in enumerate(categories):
        regions[category].append(region)
    lexicon = _lexicon(frozenset(regions.keys() - _NAMES.keys()))
    found = []
    for number, caption in enumerate(captions):
        for place, named in _named(words(caption), lexicon):
            meant = sorted(region for category in named for region in regions.get(category, ()))
            found += [(number, place, region) for region in meant]
    return found


def _named(caption: Sequence[str], lexicon: _Lexicon) -> list[tuple[int, frozenset[str]]]:
    """Return the places of the words that name something, and the categories that they may name."""
    heads = [word.removesuffix("'s") if word != "'s" else word for word in caption]
    longest, found, place = max(map(len, lexicon)), [], 0
    while place < len(heads):
        for size in range(min(longest, len(heads) - place), 0, -1):
            named = lexicon.get(tuple(heads[place : place + size]))
            if named is not None:
                place += size
                found.append((place - 1, named))
                break
        else:
            place += 1
    return found


@lru_cache
def _lexicon(others: frozenset[str]) -> _Lexicon:
    """Return the categories that each phrase may name, none for a phrase that names something else.

    Args:
        others: categories beside COCO's.
    """
    found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    listed = {category: _listed(names) for category, names in _NAMES.items()}
    for category, names in (listed | {one: [one] for one in others}).items():
        for spelt in _spelt(names):
            found[spelt].add(category)
    for name in _listed(_OTHERS):
        for spelt in _spelt([name]):
            found[spelt] |= {_THEIRS[name]} if name in _THEIRS else set()
    return {phrase: frozenset(categories) for phrase, categories in found.items()}


def _listed(names: str) -> list[str]:
    return names.split(", ")


def _spelt(names: Collection[str]) -> set[tuple[str, ...]]:
    """Return names and their plurals as words, and those of several words also as one, or with hyphens."""
    both = {one for name in names for one in (name, plural(name))}
    cut = [words(one) for one in both]
    return {tuple(one) for one in cut} | {(mark.join(one),) for one in cut for mark in ("", "-")}


def plural(name: str) -> str:
    """Return the plural of a noun, or of a phrase that ends in one; the noun itself where it has none.

    >>> [plural(name) for name in ("dining table", "bus", "puppy", "boy", "policeman", "sheep")]
    ['dining tables', 'buses', 'puppies', 'boys', 'policemen', 'sheep']
    """
    start, space, noun = name.rpartition(" ")
    if noun in _IRREGULAR:
        many = _IRREGULAR[noun] or noun
    elif noun.endswith("man"):
        many = noun.removesuffix("man") + "men"
    elif noun.endswith(("s", "x", "ch", "sh")):
        many = f"{noun}es"
    elif noun.endswith("y") and noun[-2:-1] not in "aeiou":
        many = f"{noun[:-1]}ies"
    else:
        many = f"{noun}s"
    return start + space + many
