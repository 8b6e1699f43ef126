"""The pictures with captions that are made here. No file, no network.

Scenes, regions, captions and links are the same bytes for a seed on every machine: their decisions are in
whole numbers. Pictures are the same on one machine; elsewhere what rounds or packs may differ.

A *scene* has 1 to 6 objects, all numbers as likely: 8 shapes, 8 colours, 4 textures, 3 sizes (10 to 22 of 64
pixels wide). Four in ten take after another, so that there are groups to count. About one in four is partly
behind a nearer one; at least half of each is seen, and its region is what is seen. Ground, a table's edge,
specks, shadows, light and noise are painted, and never told but for the ground's name and the table.

*Captions* come from a grammar of 104 words (``scenes.captions``): 4 to 25 of them, 6.3 on average for one
object, then 8.7, 12.1, 14.4, 16.0 and 17.6. Things of one shape, or of one shape and colour, make a group
with a number, whose noun is linked to each (23 percent of the nouns are linked to several regions). Speakers
tell what is large and near the middle first in eight of ten captions, leave things out in half of them, tell
colours mostly, textures and sizes often. An adjective is added where a name would fit too much, but not
always.

What no model can know is how a speaker goes about it. One caption, scored against the other three of its
scene, has BLEU-1 to 4 of 76, 61, 47 and 35 (the test set of seed 0, no brevity penalty); that of another
scene 37, 21, 11 and 6; the training caption of the scene with most shapes and colours in common 58, 40, 26
and 16; and ``a red circle and a blue square`` always 50, 30, 15 and 6. Of the test captions 5 percent are
captions of training scenes too.

What is unseen: the objects of a test scene, taken together, are in no training scene. Each of the 64 pairs of
a shape and a colour is there 110 times or more in training, and each of the 768 kinds of object once or more,
so that nothing is asked about kinds that were never seen.

A decoder that attends before it reads the last word knows what it is about to name from all words but that
one. Of ``a small red star`` it has read two when ``star`` is due. Where no adjective comes before the noun,
only what was named before tells what is left.

What would make each claim fail here. Nothing below follows from how the corpus is made:

1. *Attention beats the mean vector*: fails if the mean of the cells tells what stands with what. Objects are
   six at the most, and a layer of 64 numbers or more may have one for a kind, so that a sum of cells lists
   the scene; positions are lost in it, but few words tell them. It fails too at a small budget, where both
   learn the language and neither the picture.
2. *Hard is as good as soft or better*: fails if one cell shows too little: an object covers three cells, and
   a group has several regions, of which one draw sees one.
3. *The doubly stochastic penalty helps*: fails since most cells show the ground, which no caption names, and
   captions leave things out: the penalty asks for a look at each.
4. *The gate is larger at nouns*: fails if adjectives need the picture as much (they are before the noun, and
   are as many), or if the state holds what was seen a word before.
5. *Batches of one length learn faster*: fails if lengths are told by the number of objects, so that each
   batch is of one kind of scene and the updates pull to and fro.
6. *Validation likelihood and BLEU part late in training*: fails if training ends before models overfit.
7. *Attention lies on the object that is named*: fails if the weights come a word early or late, at the
   adjectives, where the cell is needed as much, or if all is read from the state. Uniform weights point
   rightly at 7 percent of the nouns and the four middle cells at 14. The words shuffled in time look at
   objects too, which makes the third control the hardest, above all in scenes of one object, where each word
   is about it.
8. *Variance reduction matters*: fails if rewards differ more from caption to caption, as long as their
   lengths do, than a moving average tells.
9. *Soft is near the marginal*: fails if weights are spread over cells that call for other words.

Against photographs it is small, clean and regular: an effect seen here says that the mechanism works, not how
much it gains on real pictures.
"""

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
        f"Pictures of {SIDE} x {SIDE} pixels. Objects have\n"
        f"  a shape    {', '.join(world.SHAPES)}\n"
        f"  a colour   {', '.join(world.COLOURS)}\n"
        f"  a texture  {', '.join(world.TEXTURES)}\n"
        f"  a size     {', '.join(world.SIZES)}\n"
        f"A scene has from 1 to data.objects of them, and data.references captions of {world.SHORTEST} to "
        f"{world.LONGEST} words."
    )
