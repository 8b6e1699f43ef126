"""Records as files."""

from pathlib import Path

import pandas as pd
import pytest

from attnbench import records
from attnbench.errors import BadInput


def test_records_are_read_as_they_were_written_in_single_precision(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "length": [3, 70_000_001], "nats": [1 / 3, 16_777_215.0]})
    run = {"paper": "p", "data": "d", "scale": "s", "system": "x", "seed": 2}
    records.write(tmp_path / "x.2.parquet", frame, run)
    found, metadata = records.read_file(tmp_path / "x.2.parquet")
    assert metadata == run
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


def test_a_file_that_does_not_name_its_run_is_refused(tmp_path: Path) -> None:
    named = {"paper": "p", "data": "d", "scale": "s", "system": "x"}
    records.write(tmp_path / "records" / "x.0.parquet", pd.DataFrame({"id": ["a"]}), named)
    with pytest.raises(
        BadInput, match=r"x\.0\.parquet is not a file of records \(it does not say its seed\)"
    ):
        records.read(tmp_path)


def test_what_a_file_says_of_its_run_is_read_without_its_rows(tmp_path: Path) -> None:
    run = {"paper": "p", "data": "d", "scale": "s", "system": "x", "seed": 2}
    records.write(tmp_path / "x.parquet", pd.DataFrame({"id": ["a"]}), run)
    assert records.metadata(tmp_path / "x.parquet") == run
    (tmp_path / "y.parquet").write_bytes((tmp_path / "x.parquet").read_bytes()[:-9])
    with pytest.raises(BadInput, match=r"y\.parquet is not a file of records"):
        records.metadata(tmp_path / "y.parquet")


def test_runs_are_read_side_by_side_and_those_without_training_have_no_history(tmp_path: Path) -> None:
    run = {"paper": "p", "data": "d", "scale": "s"}
    update = {"update": 5, "tokens": 9, "train_nll": 1.0, "valid_nll": 2.0, "valid_score": 3.0}
    stages = [{**update, "stage": "then"}, {**update, "update": 2, "stage": "last"}]
    for system, seed, history in (("net", 1, [update]), ("net", 0, stages), ("rule", 0, [])):
        frame = pd.DataFrame({"id": ["a", "b"], "seconds": [0.5, 1.5], f"{system}/sum": 1.0})
        path = tmp_path / "records" / f"{system}.{seed}.parquet"
        records.write(path, frame, {**run, "system": system, "seed": seed, "history": history})
    found = records.read(tmp_path)
    assert list(found.frame.columns[:5]) == list(records.RUN)
    assert found.frame[["system", "seed"]].to_numpy().tolist() == [
        ["net", 0], ["net", 0], ["net", 1], ["net", 1], ["rule", 0], ["rule", 0],
    ]  # fmt: skip
    assert found.frame["rule/sum"].isna().tolist() == [True] * 4 + [False] * 2
    assert list(found.history.columns) == records.HISTORY
    assert found.history[["system", "seed", "stage", "update"]].to_numpy().tolist() == [
        ["net", 0, "then", 5], ["net", 0, "last", 2], ["net", 1, "fit", 5],
    ]  # fmt: skip
    with pytest.raises(BadInput, match="no records in"):
        records.read(tmp_path / "records")


def test_a_copy_of_records_is_refused_and_a_hidden_file_is_none(tmp_path: Path) -> None:
    """Counted twice, each example would make the intervals too narrow."""
    run = {"paper": "p", "data": "d", "scale": "s", "system": "x", "seed": 2}
    frame = pd.DataFrame({"id": ["a"]})
    for name in ("x.2", "._x.2"):
        records.write(tmp_path / f"records/{name}.parquet", frame, run)
    assert len(records.read(tmp_path).frame) == 1
    records.write(tmp_path / "records/x.2 (1).parquet", frame, run)
    with pytest.raises(BadInput, match=r"x\.2 \(1\)\.parquet holds the records of x\.2, .* delete it"):
        records.read(tmp_path)


def test_records_of_two_scales_in_one_folder_are_refused(tmp_path: Path) -> None:
    """Two seeds of one system, say, of which one was trained for longer."""
    run = {"paper": "p", "data": "d", "scale": "s", "system": "x"}
    for seed, scale in enumerate(("small", "medium")):
        told = run | {"seed": seed, "scale": scale}
        records.write(tmp_path / f"records/x.{seed}.parquet", pd.DataFrame({"id": ["a"]}), told)
    with pytest.raises(BadInput, match=r"mixes records of scale 'small' and 'medium' \(x\.1\.parquet\)"):
        records.read(tmp_path)
