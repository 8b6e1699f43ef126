"""What a run keeps: per-example records, written whole or not at all, and where they came from."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnbench.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("decoding", "test", "id", "source_length", "target_length")
"""The columns of a record that are not statistics."""

RUN = ("paper", "data", "scale", "system", "seed")
"""The columns that name the run a record belongs to."""

HISTORY = ["system", "seed", "update", "tokens", "train_nll", "valid_nll", "valid_score"]
"""The columns of history.csv; losses in nats a target."""

_METADATA = b"attnbench"


def write_whole(path: Path, writer: Callable[[Path], object]) -> None:
    """Let ``writer`` fill a file beside ``path``, then rename it, so that ``path`` is whole or absent."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(beside)
        beside.replace(path)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}; choose another folder") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole."""
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table whole, numbers to six significant digits so that equal tables are equal bytes."""
    write_text(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside ``path`` that takes its place when the block ends without error."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.mkdir(parents=True)
        yield beside
        old = _set_aside(path)
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        beside.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}; choose another folder") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def settle(path: Path) -> None:
    """Bring back the folder that ``whole_folder`` had set aside when it was killed between two renames."""
    if not path.exists() and _set_aside(path).exists():
        _set_aside(path).rename(path)


def _set_aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


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
        {"system": about["system"], "seed": about["seed"], **row}
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


def provenance() -> dict[str, Any]:
    """Return versions, commit and hardware: where a number came from."""
    packages = (
        "attnbench",
        "torch",
        "accelerate",
        "numpy",
        "datasets",
        "tokenizers",
        "sacrebleu",
        "sacremoses",
    )
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in packages}},
        "commit": _commit(),
        "hardware": {"platform": platform.platform(), "processor": _processor(), "cores": os.cpu_count()},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the checkout's commit, with ``+`` where files differ from it; None outside a checkout."""
    here = Path(__file__).parent
    if not (here.parent / "pyproject.toml").exists():
        return None
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
            cwd=here, capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()


def _processor() -> str:
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
