"""The sentence pairs that are left out: those without a label, and blank ones."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from attnbench.corpora.entailment.labels import NONE
from attnbench.corpora.splits import RowFilters, blank


def _unlabelled(table: pa.Table) -> pa.ChunkedArray:
    return pc.equal(table["label"], NONE)


UNLABELLED: RowFilters = {"without a label": _unlabelled}
"""Left out of every split; see ``splits.gather``."""

UNFIT: RowFilters = {**UNLABELLED, **blank("premise", "hypothesis")}
"""Left out of the training split."""
