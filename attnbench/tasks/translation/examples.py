"""Sentence pairs as word ids, and as padded batches.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from attnbench.corpora.text import UNKNOWN
from attnbench.tasks.columns import Ids
from attnbench.tasks.split import Split
from attnbench.zoo.padded import Padded


class Batch(NamedTuple):
    """Sentence pairs."""

    source: Padded
    """(b, s), word ids, each sentence closed by the end symbol."""
    target: Padded
    """(b, t)."""


def pairs(table: pa.Table) -> Split[Batch]:
    """Return numbered pairs as a split; batches are sorted by the longer side."""
    columns = {side: Ids(table[f"{side}_ids"], closed=True) for side in Batch._fields}
    return Split(table, Batch, columns, np.maximum(*(column.lengths for column in columns.values())))


def known_words_only(split: Split[Batch]) -> Split[Batch]:
    """Return the pairs without an unknown word on either side."""
    sides = zip(split["source_ids"], split["target_ids"], strict=True)
    known = [all(UNKNOWN not in ids for ids in both) for both in sides]
    return split.select(np.flatnonzero(known))
