"""A set of the hub that lies in a folder: local parquet files with a card."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
Put = Callable[[Mapping[str, list[Any]]], None]


def stand_in(repository: str, folder: Path, patch: pytest.MonkeyPatch, **media: Any) -> Put:
    """Return what puts rows by their split in a folder, in place of a repository of the hub.

    ``media`` are columns of sound or pictures as the hub's files declare them; datasets would decode those.
    A column that holds no files is declared as what it is.
    """
    (folder / "hub" / "data").mkdir(parents=True)
    real: Callable[..., Any] = datasets.load_dataset

    def local(name: str, config: str | None, **options: Any) -> Any:
        assert (name, options.pop("revision")) == (repository, COMMIT)
        return real(str(folder / "hub"), config, cache_dir=tempfile.mkdtemp(dir=folder), **options)

    def write(rows: Mapping[str, list[Any]]) -> None:
        for split, values in rows.items():
            table = pa.Table.from_pylist(values)
            features = datasets.Features.from_arrow_schema(table.schema)
            files = (name for name in media if name in features and isinstance(features[name], dict))
            features.update({name: media[name] for name in files})
            pq.write_table(table.cast(features.arrow_schema), folder / "hub" / "data" / f"{split}-0.parquet")
        paths = "".join(f"  - split: {split}\n    path: data/{split}-*\n" for split in rows)
        card = f"---\nconfigs:\n- config_name: default\n  data_files:\n{paths}---\n"
        (folder / "hub" / "README.md").write_text(card)

    patch.setattr(datasets, "load_dataset", local)
    return write
