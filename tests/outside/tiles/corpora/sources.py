"""Where tiles can be had."""

from attnbench.corpora.catalogue import Entry, words

LENGTHS = {
    "objects": words("caption"),
    "density": lambda rows: [len(text.split()) / 6 for text in rows["caption"]],
    "words": words("caption"),
}
LABELS = ()
GOLD = "none"
ENTRIES = (
    Entry("tiles", "tiles", "embedded", "", "none", "as many as are asked for", "tests/outside", "made here"),
)
FORMAT = "Tiles are never files.\n"
