"""A small world of scenes: things on a ground, their picture, and what people say of them.

Which things there are is drawn first (``things``). Each becomes a stamp, its shape and pattern in whole
numbers (``outlines``), and gets a place among the others, which may cover a part of it (``layout``). The
scene is then painted (``painting``) and told: noun phrases (``phrases``), how things stand to each other
(``relations``), and sentences of these (``captions``).
"""

from attnbench.corpora.captions.scenes.captions import LONGEST, SHORTEST, Caption, tell
from attnbench.corpora.captions.scenes.chance import Chance
from attnbench.corpora.captions.scenes.layout import Scene, laid
from attnbench.corpora.captions.scenes.painting import png
from attnbench.corpora.captions.scenes.things import COLOURS, SHAPES, SIZES, TEXTURES, Thing, described, draw

__all__ = [
    "COLOURS", "LONGEST", "SHAPES", "SHORTEST", "SIZES", "TEXTURES", "Caption", "Chance", "Scene", "Thing",
    "described", "draw", "laid", "png", "tell",
]  # fmt: skip
