"""Sentence pairs as word ids, and as padded batches.

b batch   s premise length   t hypothesis length
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
from torch import Tensor

from attnbench.tasks.columns import Column, Ids, Values
from attnbench.tasks.split import Split
from attnbench.zoo.padded import Padded

SIDES = ("premise", "hypothesis")


class Batch(NamedTuple):
    """Sentence pairs and their labels."""

    premise: Padded
    """(b, s), word ids."""
    hypothesis: Padded
    """(b, t); a delimiter is the model's own."""
    label: Tensor
    """(b,), places in ``LABELS``."""


def pairs(table: pa.Table) -> Split[Batch]:
    """Return numbered pairs as a split; batches are sorted by the words of both sides."""
    premise, hypothesis = (Ids(table[f"{side}_ids"], closed=False) for side in SIDES)
    columns: dict[str, Column] = {
        "premise": premise,
        "hypothesis": hypothesis,
        "label": Values(table["label"]),
    }
    return Split(table, Batch, columns, premise.lengths + hypothesis.lengths)
