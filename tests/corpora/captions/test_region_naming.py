"""Which words of captions are linked to which regions."""

import pytest

from attnbench.corpora.captions.naming import links, plural
from attnbench.corpora.captions.words import words


def linked(caption: str, *categories: str) -> dict[str, set[str]]:
    """Return the categories that each linked word names; the words of a caption must differ."""
    said = words(caption)
    found: dict[str, set[str]] = {}
    for number, place, region in links([caption], categories):
        assert number == 0
        found.setdefault(said[place], set()).add(categories[region])
    return found


@pytest.mark.parametrize(
    ("caption", "categories", "expected"),
    [
        ("A man rides a horse.", ["person", "horse"], {"man": {"person"}, "horse": {"horse"}}),
        ("Two women with knives", ["knife", "person"], {"women": {"person"}, "knives": {"knife"}}),
        ("a hot dog on a table", ["dog", "hot dog", "dining table"],
         {"dog": {"hot dog"}, "table": {"dining table"}}),
        ("a hotdog, hot-dog", ["hot dog"], {"hotdog": {"hot dog"}, "hot-dog": {"hot dog"}}),
        ("a bike", ["bicycle", "motorcycle"], {"bike": {"bicycle", "motorcycle"}}),
        ("a bike", ["bicycle", "car"], {"bike": {"bicycle"}}),
        ("a train station", ["train"], {}),
        ("a teddy bear and a bear", ["bear"], {"bear": {"bear"}}),
        ("the bus driver", ["person", "bus"], {"driver": {"person"}}),
        ("a man's hat", ["person"], {"man's": {"person"}}),
        ("a man 's hat", ["person"], {"man": {"person"}}),
        ("a tree", ["person"], {}),
        ("two tree houses and a tree", ["tree"], {"tree": {"tree"}}),
        ("two wine glasses and glasses", ["wine glass", "cup"], {"glasses": {"wine glass", "cup"}}),
        ("two wine glasses", ["wine glass", "cup"], {"glasses": {"wine glass"}}),
    ],
)  # fmt: skip
def test_words_name_what_is_outlined(
    caption: str, categories: list[str], expected: dict[str, set[str]]
) -> None:
    assert linked(caption, *categories) == expected


def test_a_word_has_a_link_to_each_region_it_may_mean_and_captions_are_numbered() -> None:
    found = links(["A sheep", "", "people, a dog"], ["person", "dog", "person"])
    assert found == [(2, 0, 0), (2, 0, 2), (2, 3, 1)]
    assert links(["a dog"], []) == [] and links([], ["dog"]) == []


def test_words_of_a_phrase_mean_nothing_else() -> None:
    assert linked("the baseball player swings a baseball bat", "sports ball", "person", "baseball bat") == {
        "player": {"person"}, "bat": {"baseball bat"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("bus", "buses"), ("box", "boxes"), ("bench", "benches"), ("toothbrush", "toothbrushes"),
        ("puppy", "puppies"), ("toy", "toys"), ("fireman", "firemen"), ("child", "children"),
        ("computer mouse", "computer mice"), ("scissors", "scissors"), ("people", "people"),
    ],
)  # fmt: skip
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many
