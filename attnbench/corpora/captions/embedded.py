"""The captioned pictures that are made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import DatasetDict, Features, List, Value

from attnbench.corpora.captions import scenes as world
from attnbench.corpora.captions.regions import SIDE, packed
from attnbench.corpora.generated import Seen, attempts, require_room, write_splits

FEATURES = Features(
    {
        "id": Value("string"),
        "picture": Value("binary"),
        "captions": List(Value("string")),
        "objects": Value("int32"),
        "regions": List(Value("binary")),
        "links": List(List(Value("int32"), length=3)),
        "attributes": List(List(Value("int32"), length=4)),
    }
)

BYTES = 6_000
"""A scene on the disk, at the least."""

AT_ONCE = 500
"""Scenes that are held before they are written."""

Row = tuple[Any, ...]


def scenes(
    seed: int = 0, *, train: int = 3000, valid: int = 200, test: int = 400, objects: int = 6,
    references: int = 4, scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return pictures with captions, the regions of objects, and links from words to them.

    Args:
        seed: changes every scene and every caption.
        train, valid, test: scenes in these splits.
        objects: most objects of a scene; all numbers from 1 are as likely.
        references: captions of a scene.
        scratch: see ``generated.write_splits``.

    No scene of ``test`` or ``valid`` has the objects of another scene, in any split; ``train`` may repeat its
    own. The test set is the same whatever the sizes of the others, and ``valid`` whatever that of ``train``.
    Raises ``BadInput`` for more than there is room for, and where there are no more scenes.
    """
    require_room(train + valid + test, BYTES, valid + test, scratch, "data.test_count")
    seen = Seen()
    sizes = {"test": test, "valid": valid, "train": train}
    splits = {name: _rows(seed, name, number, objects, references, seen) for name, number in sizes.items()}
    return write_splits(splits, FEATURES, scratch, ("train", "valid", "test"), AT_ONCE)


def _rows(seed: int, split: str, number: int, objects: int, references: int, seen: Seen) -> Iterator[Row]:
    """Yield scenes; none has the objects of one in ``seen``. They are added to it, but for ``train``."""
    chance, look, speech = (world.Chance(f"{seed}/{split}/{what}") for what in ("scenes", "look", "speech"))
    for place in range(number):
        many = chance.between(1, objects)
        for _ in attempts("scenes", "data.test_count"):
            things = world.draw(chance, many)
            if world.described(things) not in seen:
                break
        if split != "train":
            seen.add(world.described(things))
        scene = world.laid(things, chance)
        told = world.tell(scene, references, speech)
        yield (
            f"{split}/{place}",
            world.png(scene, look),
            [" ".join(caption.words) for caption in told],
            len(things),
            [packed(region) for region in scene.regions],
            [(at, *link) for at, caption in enumerate(told) for link in caption.links],
            [tuple(thing) for thing in things],
        )


def description() -> str:
    """Return a few lines on the corpus."""
    return (
        "Drawn scenes with captions, regions of objects, and links from words to them; made from the seed.\n"
        f"Pictures of {SIDE} x {SIDE} pixels. Objects are a {', '.join(world.SHAPES[:-1])} or "
        f"{world.SHAPES[-1]}; {', '.join(world.COLOURS)}; {', '.join(world.TEXTURES)}; "
        f"{', '.join(world.SIZES)}.\n"
        f"A scene has from 1 to data.objects of them, and data.references captions of {world.SHORTEST} to "
        f"{world.LONGEST} words."
    )
