"""The numbers that Xu et al. (2015) print, for the comparison. None of them is ours.

BLEU without a brevity penalty, on the test sets of three data sets. METEOR, which is not measured here, and
the rows of other people's systems stand in README.md.
"""

from __future__ import annotations

from attnbench.paper import Printed

_TABLE_1 = {
    # data set, its test pictures, system: BLEU-1 to BLEU-4
    ("Flickr8k", "1,000", "soft"): (67.0, 44.8, 29.9, 19.5),
    ("Flickr8k", "1,000", "hard"): (67.0, 45.7, 31.4, 21.3),
    ("Flickr30k", "1,000", "soft"): (66.7, 43.4, 28.8, 19.1),
    ("Flickr30k", "1,000", "hard"): (66.9, 43.9, 29.6, 19.9),
    ("COCO", "5,000", "soft"): (70.7, 49.2, 34.4, 24.3),
    ("COCO", "5,000", "hard"): (71.8, 50.4, 35.7, 25.0),
}

PRINTED: tuple[Printed, ...] = tuple(
    Printed(system, "test", f"bleu-{order}", value, f"Table 1, {data}", decoding="beam",
            note=f"{data}, {pictures} pictures; VGG-19; the beam is not said")
    for (data, pictures, system), values in _TABLE_1.items()
    for order, value in enumerate(values, start=1)
)  # fmt: skip
