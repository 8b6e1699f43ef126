"""The labels of sentence pairs, and the pairs that are left out: those without one, and blank ones."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from attnbench.corpora.splits import RowFilter, blank

LABELS = ("entailment", "neutral", "contradiction")
"""In the order of SNLI's numbers."""

NONE = "-"
"""The label of a pair that has none."""


def _unlabelled(table: pa.Table) -> pa.ChunkedArray:
    return pc.equal(table["label"], NONE)


UNLABELLED: dict[str, RowFilter] = {"without a label": _unlabelled}
"""Left out of every split; see ``splits.Writer.add``."""

UNFIT: dict[str, RowFilter] = UNLABELLED | blank("premise", "hypothesis")
"""Left out of the training split."""
