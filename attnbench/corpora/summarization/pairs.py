"""What a source and its summaries are called where they come from, and the pairs that are left out."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from attnbench.corpora.splits import RowFilters, blank
from attnbench.corpora.text import is_blank

SOURCE = ("sentence_raw", "document", "article", "sentence")
"""What a column of sources may be called; of those that are there the first is read."""

SUMMARY = ("compression_raw", "summary", "headlines", "headline", "compression")
"""The same for the summaries."""

REFERENCES = pa.list_(pa.string())
"""The type of the column of all summaries."""

UNFIT: RowFilters = blank("source", "target")
"""Left out of the training split; see ``splits.gather``."""

(_blank,) = blank("target").values()

UNSCORED: RowFilters = {"whose summaries are all blank": _blank}
"""Left out of the other splits, where there is nothing to score. A blank source stays."""


def references(summaries: Sequence[str]) -> list[str]:
    """Return the summaries that show something; the first where none does."""
    return [one for one in summaries if not is_blank(one)] or [*summaries[:1]]
