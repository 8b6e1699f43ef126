"""Parallel text from the Hugging Face hub, through ``datasets``. No code of a data set is ever run.

Rows are ``{"translation": {"en": …, "fr": …}}``, as in the WMT sets, or have one column a language. Seen at
https://huggingface.co/datasets/wmt/wmt14/commit/fec8ed8e0d27e1677235b6051ecc898ea6d020ff and
https://huggingface.co/datasets/bentrevett/multi30k/blob/main/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import Dataset, DatasetDict, IterableDataset

from attnbench.corpora import HubReference, pairs, parse_hub
from attnbench.errors import BadInput

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TIMEOUT_SECONDS = 20
_BATCH = 10_000


def translation(
    reference: str,
    languages: tuple[str, str],
    names: Mapping[str, tuple[str, ...]],
    limit: int | None = None,
    scratch: Path | None = None,
) -> tuple[DatasetDict, str]:
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``. With a full commit as revision nothing is looked up, so
            that a set already in the cache loads without a network (``HF_HUB_OFFLINE=1``).
        languages: source and target.
        names: splits of the hub's set for ``train``, ``valid`` (joined), ``test`` (each a test set).
        limit: read at most so many training pairs, and stream, so that a large set is not downloaded.
        scratch: an existing folder for the splits' Arrow files; None: a temporary one, gone with the corpus.

    Pairs with a blank side are left out of ``train`` only. An example's id is ``SPLIT/ROW``, counted from 1.
    """
    hub = parse_hub(reference)
    revision = _commit(hub, reference)
    opened = _open(hub, revision, reference, streaming=limit is not None)
    return corpus(opened, languages, names, reference, limit, scratch), revision


def corpus(
    opened: Mapping[str, Dataset | IterableDataset],
    languages: tuple[str, str],
    names: Mapping[str, tuple[str, ...]],
    reference: str,
    limit: int | None = None,
    scratch: Path | None = None,
) -> DatasetDict:
    """Return opened splits of the hub's set as a corpus of ours; ``reference`` names it in errors."""
    where = f"hub:{reference}"
    chosen = pairs.choose(names, opened.keys(), where)

    def read(split: str) -> Iterator[pa.Table]:
        for name in chosen[split]:
            yield from _read(opened[name], name, languages, reference)

    writer = pairs.Writer(scratch)
    writer.add("train", pairs.first(read("train"), limit), f"{where}: training split", drop_blank=True)
    writer.add("valid", read("valid"), f"{where}: validation split", drop_blank=False)
    for name, key in pairs.keys_of_tests(chosen["test"]).items():
        test = _read(opened[name], name, languages, reference)
        writer.add(key, test, f"{where}: test set {name}", drop_blank=False)
    return writer.splits


def _read(
    dataset: Dataset | IterableDataset, name: str, languages: tuple[str, str], reference: str
) -> Iterator[pa.Table]:
    """Yield columns id, source, target batch by batch, from a downloaded or a streamed split."""
    start = 1
    for table in _batches(dataset, reference):
        yield _columns(table, name, start, languages, f"hub:{reference}")
        start += table.num_rows


def _batches(dataset: Dataset | IterableDataset, reference: str) -> Iterator[pa.Table]:
    with _refusing(reference):
        yield from dataset.with_format("arrow").iter(batch_size=_BATCH)


def _columns(table: pa.Table, name: str, start: int, languages: tuple[str, str], where: str) -> pa.Table:
    """Return columns id, source, target; a missing text is a blank one."""
    table = table.flatten()
    columns = {"id": pairs.ids(name, start, table.num_rows)}
    for ours, language in zip(("source", "target"), languages, strict=True):
        theirs = next((c for c in (f"translation.{language}", language) if c in table.column_names), None)
        if theirs is None:
            held = ", ".join(table.column_names)
            raise BadInput(
                f"{where} has no text in {language!r}, only {held}; set data.languages, such as en-fr"
            )
        columns[ours] = table[theirs].cast(pa.string()).fill_null("")
    return pa.table(columns)


def _commit(hub: HubReference, reference: str) -> str:
    """Return the commit that the reference's revision, or the main branch, stands at."""
    if hub.revision and _COMMIT.fullmatch(hub.revision):
        return hub.revision
    from huggingface_hub import HfApi

    with _refusing(reference):
        info = HfApi().dataset_info(hub.repository, revision=hub.revision, timeout=_TIMEOUT_SECONDS)
    return str(info.sha)


def _open(hub: HubReference, revision: str, reference: str, streaming: bool) -> Any:
    """Return the set's splits by name, opened lazily where they are streamed."""
    from datasets import load_dataset

    if Path(hub.repository).exists():
        raise BadInput(
            f"the folder {hub.repository} here would be read in place of hub:{reference}; use files:DIR"
        )
    with _refusing(reference):
        return load_dataset(hub.repository, hub.config, revision=revision, streaming=streaming)


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
