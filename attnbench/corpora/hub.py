"""The Hugging Face hub, through ``datasets``. No code of a data set is ever run."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset, DatasetDict, IterableDataset

from attnbench.corpora import HubReference, parse_hub, splits
from attnbench.corpora.splits import Names, RowFilters
from attnbench.errors import BadInput

Opened: TypeAlias = Dataset | IterableDataset
Splits = Mapping[str, Opened]

Columns = Callable[[pa.Table, Opened, str, int], dict[str, pa.Array | pa.ChunkedArray]]
"""A task's columns of some rows of a split; set and split, and the first row's number, are for errors."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TIMEOUT_SECONDS = 20
_BATCH = 10_000


def load(reference: str, streaming: bool) -> tuple[Splits, str]:
    """Return a set's splits by name, and the commit they were read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``. With a full commit as revision nothing is looked up, so
            that a set already in the cache loads without a network (``HF_HUB_OFFLINE=1``).
        streaming: open the splits lazily, so that a large set is not downloaded.
    """
    from datasets import load_dataset

    hub = parse_hub(reference)
    revision = _commit(hub, reference)
    if Path(hub.repository).exists():
        raise BadInput(
            f"the folder {hub.repository} here would be read in place of hub:{reference}; use files:DIR"
        )
    with _refusing(reference):
        return load_dataset(hub.repository, hub.config, revision=revision, streaming=streaming), revision


def corpus(
    opened: Splits, names: Names, reference: str, columns: Columns, *, unfit: RowFilters,
    never: RowFilters | None = None, limit: int | None = None, scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return opened splits of the hub's set as a corpus of ours.

    Args:
        opened: see ``load``; ``reference`` names the set in errors.
        columns: a task's columns.
        names, unfit, never, limit, scratch: see ``splits.gather``.
    """
    where = f"hub:{reference}"

    def read(_: str, name: str) -> Iterator[pa.Table]:
        first = 1
        for table in batches(opened[name], reference):
            yield pa.table(columns(table, opened[name], f"{where} {name}", first))
            first += len(table)

    return splits.gather(
        names, opened.keys(), where, read, unfit=unfit, never=never, limit=limit, scratch=scratch
    )


def no_text(*sides: str) -> RowFilters:
    """Return how rows are left out with a side that ``plain.texts`` could make no text of."""

    def filtered_out(table: pa.Table) -> pa.ChunkedArray:
        return functools.reduce(pc.or_, (pc.is_null(table[side]) for side in sides))

    return {"with a side that is null or holds NUL": filtered_out}


def batches(dataset: Opened, reference: str, rows: int | None = None) -> Iterator[pa.Table]:
    """Yield a downloaded or streamed split batch by batch, with so many rows in each, or 10,000."""
    with _refusing(reference):
        yield from dataset.with_format("arrow").iter(batch_size=rows or _BATCH)


def _commit(hub: HubReference, reference: str) -> str:
    """Return the commit that the reference's revision, or the main branch, stands at."""
    if hub.revision and _COMMIT.fullmatch(hub.revision):
        return hub.revision
    from huggingface_hub import HfApi

    with _refusing(reference):
        info = HfApi().dataset_info(hub.repository, revision=hub.revision, timeout=_TIMEOUT_SECONDS)
    return str(info.sha)


@contextmanager
def _refusing(reference: str) -> Iterator[None]:
    """Turn any error of the hub's clients, each with its own family of them, into ``BadInput``."""
    try:
        yield
    except Exception as error:
        raise _refused(reference, error) from error


def _refused(reference: str, error: Exception) -> BadInput:
    text = " ".join(str(error).split())[:300]
    if "scripts are no longer supported" in text:
        base = reference.partition("@")[0]
        return BadInput(
            f"hub:{reference} is a script, which is never run; try hub:{base}@refs/convert/parquet"
        )
    return BadInput(
        f"hub:{reference} does not load ({type(error).__name__}: {text}); "
        "if there is no network, use --data embedded or --data files:DIR"
    )
