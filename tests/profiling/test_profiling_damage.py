"""A sweep's file that somebody or something has changed is one line, and ``--force`` measures anew."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attnbench.errors import BadInput
from attnbench.profiling import sweep
from attnbench.profiling.cases import Case
from attnbench.profiling.ceilings import Ceilings
from attnbench.profiling.machine import Machine
from attnbench.profiling.sweep import OK, _frame, _kept, _key

HERE = Machine("cpu", "a processor", 1, 1 << 30)
CASE = Case("additive", "blocked", True, "cpu", "float32", 1, 16, 16, 16, "forward")

Change = Callable[[str], str]


def rates(value: object) -> Change:
    return lambda about: json.dumps(
        json.loads(about) | {"ceilings": {"float32": dict.fromkeys(Ceilings.__annotations__, value)}}
    )


def written(folder: Path) -> Path:
    """Write a sweep of one case."""
    row = {**vars(CASE), **dict.fromkeys(sweep.FOUND, 0.125), "status": OK, "reason": ""}
    row |= {"gflop": 1.0, "gbyte": 1.0, "share_of_limit": 0.5}
    out = folder / "a.csv"
    sweep.write_csv(out, _frame({_key(row): row}))
    sweep._describe(out, HERE, 1 << 30, {"float32": Ceilings(1.0, 2.0, 3.0)})
    return out


def test_an_unchanged_file_is_read(tmp_path: Path) -> None:
    rows, best = _kept(written(tmp_path), HERE)
    assert rows[0]["ms_median"] == 0.125 and best == {"float32": Ceilings(1.0, 2.0, 3.0)}


@pytest.mark.parametrize(
    ("suffix", "change"),
    [
        (".csv", lambda text: text.replace(",ok,", ",fine,")),
        (".csv", lambda text: text.replace("True", "maybe")),
        (".csv", lambda text: text.replace("float32", "float33")),
        (".csv", lambda text: text.replace(",16,", ",-16,")),
        (".csv", lambda text: text.replace("0.125", "")),
        (".csv", lambda text: text.replace("0.125", "inf")),
        (".json", rates("fast")),
        (".json", rates(0)),
        (".json", rates(None)),
        (".json", lambda text: "[" * 100_000),
    ],
)
def test_what_no_sweep_writes_is_refused(tmp_path: Path, suffix: str, change: Change) -> None:
    out = written(tmp_path)
    path = out.with_suffix(suffix)
    path.write_text(change(path.read_text()))
    with pytest.raises(BadInput, match=r"cannot be read .*--force"):
        _kept(out, HERE)
