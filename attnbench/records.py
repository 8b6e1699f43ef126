"""What a run keeps: per-example records, and what is said about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnbench.errors import BadInput
from attnbench.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

RUN = ("paper", "data", "scale", "system", "seed")
"""The columns that name the run a record belongs to."""

HISTORY = ["system", "seed", "stage", "update", "tokens", "train_nll", "valid_nll", "valid_score"]
"""The columns of history.csv; losses in nats a target."""

_METADATA = b"attnbench"


def write(path: Path, frame: pd.DataFrame, about: dict[str, Any]) -> None:
    """Write one run's records as parquet; ``about`` names the run and the metrics' signatures.

    Statistics are kept in single precision, and fractions byte by byte, which halves the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = frame.select_dtypes("float64")
    fractions = [name for name in numbers if (numbers[name] % 1).any()]
    table = pa.Table.from_pandas(frame.astype(dict.fromkeys(numbers, "float32")), preserve_index=False)
    table = table.replace_schema_metadata({_METADATA: json.dumps(about, sort_keys=True).encode()})
    packed = {
        "compression": "zstd",
        "use_byte_stream_split": fractions,
        "use_dictionary": [name for name in table.column_names if name not in fractions],
    }
    write_whole(path, lambda beside: pq.write_table(table, beside, **packed))


def read_file(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return one run's records and what is said about them; raise ``BadInput`` for another file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[_METADATA])
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"{path} is not a file of records: {error}; run `attnbench reproduce --force`"
        ) from error
    frame = table.to_pandas()
    return frame.astype(dict.fromkeys(frame.select_dtypes("float32"), "float64")), about


def read(folder: Path) -> pd.DataFrame:
    """Return all records of a results folder, the columns of ``RUN`` in front, sorted by system and seed.

    ``frame.attrs["about"]`` lists what each file says about itself.
    """
    import pandas as pd

    paths = sorted((folder / "records").glob("*.parquet"))
    if not paths:
        raise BadInput(f"no records in {folder / 'records'}; run `attnbench reproduce` first")
    frames, about = [], []
    for path in paths:
        frame, said = read_file(path)
        for place, key in enumerate(RUN):
            frame.insert(place, key, said[key])
        frames.append(frame)
        about.append(said)
    records = pd.concat(frames, ignore_index=True)
    records = records.sort_values(["system", "seed"], kind="stable", ignore_index=True)
    records.attrs["about"] = about
    return records


def history(records: pd.DataFrame) -> pd.DataFrame:
    """Return the table of history.csv from what the records say about their runs."""
    import pandas as pd

    rows = [
        {"system": about["system"], "seed": about["seed"], "stage": "fit", **row}
        for about in records.attrs["about"]
        for row in about["history"]
    ]
    return pd.DataFrame(rows, columns=HISTORY).sort_values(["system", "seed", "update"], ignore_index=True)


def main_test(records: pd.DataFrame, column: str) -> str | None:
    """Return the test set that leads: ``test``, or else the first that has values in ``column``."""
    if column not in records.columns:
        return None
    tests = list(dict.fromkeys(records.loc[records[column].notna(), "test"]))
    return "test" if "test" in tests else next(iter(tests), None)
