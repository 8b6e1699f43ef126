"""The summarization corpus that is generated here. No file, no network; the same seed gives the same bytes.

A small world of news (``news``): articles of 8 to 80 words and their headlines.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datasets import DatasetDict, Features, List, Value

from attnbench.corpora.generated import Seen, attempts, require_room, write_splits
from attnbench.corpora.summarization import news

BINS = ((8, 10), *((low, low + 9) for low in range(11, 72, 10)))
"""Fewest and most words of an article in each bin of the test set."""

SHORT, LONG = (8, 24), (25, 50)
"""Fewest and most words of an article in either half of the training items; the test goes beyond."""

FEATURES = Features(
    {
        "id": Value("string"),
        "source": Value("string"),
        "target": Value("string"),
        "references": List(Value("string")),
        "links": List(List(Value("int32"))),
    }
)


BYTES = 300
"""An item on the disk, at the least."""

Row = tuple[Any, ...]
Span = tuple[int, int]


def summarization(
    seed: int = 0, train: int = 60_000, valid: int = 1000, test_per_bin: int = 100,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return articles with their headlines and gold links.

    Args:
        seed: changes every item; the lexicon stays.
        train, valid: items in these splits, half of each of ``SHORT`` and ``LONG``, but for chance.
        test_per_bin: items in each of ``BINS`` for the test set ``test``, sorted by bin.
        scratch: see ``generated.write_splits``.

    No article is in two splits, and none is twice in ``test`` or in ``valid``; ``train`` may repeat its own.
    A test set is the same whatever the sizes of the others. Raises ``BadInput`` for more than there is room
    for, and where a bin has no more articles.
    """
    test = len(BINS) * test_per_bin
    require_room(train + valid + test, BYTES, valid + test, scratch)
    seen = Seen()
    bins = (span for span in BINS for _ in range(test_per_bin))
    splits = {"test": _items(f"{seed}/test", bins, seen, "test")}
    for name, number in (("valid", valid), ("train", train)):
        splits[name] = _items(f"{seed}/{name}", _halves(f"{seed}/{name}/lengths", number), seen, name)
    return write_splits(splits, FEATURES, scratch, ("train", "valid", "test"))


def _halves(seed: str, number: int) -> Iterator[Span]:
    """Yield a span of lengths for each item."""
    rng = random.Random(seed)
    for _ in range(number):
        yield SHORT if rng.random() < 0.5 else LONG


def _items(seed: str, spans: Iterable[Span], seen: Seen, split: str) -> Iterator[Row]:
    """Yield an item for each span of lengths; none has an article in ``seen``.

    Articles are added to ``seen``, but for ``train``.
    """
    rng = random.Random(seed)
    for place, span in enumerate(spans):
        for _ in attempts(f"articles of {span[0]} to {span[1]} words"):
            item = news.item(rng, *span)
            source = " ".join(item.source)
            if source not in seen:
                break
        if split != "train":
            seen.add(source)
        target = " ".join(item.target)
        yield f"{split}/{place}", source, target, (target,), item.links


def description() -> str:
    """Return a few lines on the corpus, counted from the lexicon."""
    return ""
