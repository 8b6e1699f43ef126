"""Records as files."""

from pathlib import Path

import pandas as pd
import pytest

from attnbench import records
from attnbench.errors import BadInput


def test_records_are_read_as_they_were_written_in_single_precision(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "length": [3, 70_000_001], "nats": [1 / 3, 16_777_215.0]})
    about = {"system": "x", "seed": 2}
    records.write(tmp_path / "x.2.parquet", frame, about)
    found, said = records.read_file(tmp_path / "x.2.parquet")
    assert said == about
    assert found.dtypes.to_dict() == frame.dtypes.to_dict()
    assert found.to_dict("list") == {
        "id": ["a", "b"], "length": [3, 70_000_001], "nats": [11184811 / 2**25, 16_777_215.0],
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["x.2.parquet"]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pd.DataFrame({"id": ["a"]}).to_parquet(path)
    with pytest.raises(BadInput, match="is not a file of records"):
        records.read_file(path)
