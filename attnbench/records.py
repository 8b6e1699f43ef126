"""What a run keeps: per-example records, and what its file says of the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from attnbench.errors import BadInput, reason
from attnbench.machine.files import write_whole
from attnbench.paper import FIT

if TYPE_CHECKING:
    import pandas as pd

RUN = ("paper", "data", "scale", "system", "seed")
"""The columns that name the run a record belongs to."""

HISTORY = ["system", "seed", "stage", "update", "tokens", "train_nll", "valid_nll", "valid_score"]
"""The columns of history.csv; losses in nats a target."""

FOLDER = "records"
"""Where in a results folder they lie."""

_METADATA = b"attnbench"


def write(path: Path, frame: pd.DataFrame, metadata: dict[str, Any]) -> None:
    """Write one run's records as parquet; ``metadata`` names the run, its settings and history.

    Statistics are kept in single precision, and fractions byte by byte, which halves the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = frame.select_dtypes("float64")
    fractions = [name for name in numbers if (numbers[name] % 1).any()]
    table = pa.Table.from_pandas(frame.astype(dict.fromkeys(numbers, "float32")), preserve_index=False)
    table = table.replace_schema_metadata({_METADATA: json.dumps(metadata, sort_keys=True).encode()})
    packed = {
        "compression": "zstd",
        "use_byte_stream_split": fractions,
        "use_dictionary": [name for name in table.column_names if name not in fractions],
    }

    def write_table(beside: Path) -> None:
        with beside.open("wb") as file:  # a path alone would be read as an address where it holds a colon
            pq.write_table(table, file, **packed)

    write_whole(path, write_table)


@dataclass(frozen=True)
class Records:
    """All records of a results folder."""

    frame: pd.DataFrame
    """A row an example, system, seed, decoding and test set, sorted by system and seed; the columns of
    ``RUN`` in front."""
    metadata: Sequence[Mapping[str, Any]] = ()
    """What each run's file says of the run."""

    def settings(self, system: str) -> Mapping[str, Any]:
        """Return the settings that a system was run with; empty where its records do not say."""
        settings: Mapping[str, Any] = self._of(system).get("settings", {})
        return settings

    def signature(self, system: str, metric: str) -> str:
        """Return a metric's signature; empty where the records do not say."""
        return str(self._of(system).get("signatures", {}).get(metric, ""))

    def _of(self, system: str) -> Mapping[str, Any]:
        return next((one for one in self.metadata if one["system"] == system), {})

    @cached_property
    def history(self) -> pd.DataFrame:
        """The table of history.csv; a system without training has no row in it."""
        import pandas as pd

        rows = [
            {"system": run["system"], "seed": run["seed"], "stage": FIT.name, **row}
            for run in self.metadata
            for row in run.get("history", ())
        ]
        history = pd.DataFrame(rows, columns=HISTORY)
        return history.sort_values(["system", "seed"], kind="stable", ignore_index=True)


def metadata(path: Path) -> dict[str, Any]:
    """Return what a file of records says of its run, its rows unread; raise ``BadInput`` for another file."""
    import pyarrow.parquet as pq

    return _read(path, pq.read_schema)[1]


def read_file(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return one run's records and its metadata; raise ``BadInput`` for another file."""
    import pyarrow.parquet as pq

    table, found = _read(path, pq.read_table)
    frame = table.to_pandas()
    return frame.astype(dict.fromkeys(frame.select_dtypes("float32"), "float64")), found


def _read(path: Path, reader: Callable[[BinaryIO], Any]) -> tuple[Any, dict[str, Any]]:
    """Return what the reader returns, a table or its schema, and the metadata in it."""
    import pyarrow as pa

    try:
        with path.open("rb") as file:  # a path alone would be read for what its folders say, as in seed=3/
            found = reader(file)
        run = json.loads(getattr(found, "schema", found).metadata[_METADATA])
        if missing := [name for name in RUN if name not in run]:
            raise ValueError(f"it does not say its {missing[0]}")
        return found, run
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"{path} is not a file of records ({error}); delete it and run the `attnbench reproduce` "
            "command that wrote it again"
        ) from error


def require_named(path: Path, run: Mapping[str, Any]) -> None:
    """Raise ``BadInput`` for a file without the name of its run, such as a copy, which would count twice."""
    if path.stem != (name := f"{run['system']}.{run['seed']}"):
        raise BadInput(f"{path} holds the records of {name}, not of what it is called; delete it")


def paths(folder: Path) -> list[Path]:
    """Return a results folder's files of records, sorted; raise ``BadInput`` if they cannot be listed."""
    place = folder / FOLDER
    try:
        found = (path for path in place.iterdir() if path.suffix == ".parquet")
        return sorted(path for path in found if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadInput(f"{place} cannot be read ({reason(error)}); mend that, or delete it") from error


def read(folder: Path) -> Records:
    """Return all records of a results folder; raise ``BadInput`` where there are none."""
    import pandas as pd

    found_paths = paths(folder)
    if not found_paths:
        raise BadInput(f"no records in {folder / FOLDER}; run `attnbench reproduce` first")
    frames: list[pd.DataFrame] = []
    found: list[dict[str, Any]] = []
    for path in found_paths:
        frame, run = read_file(path)
        require_named(path, run)
        for key in ("paper", "data", "scale"):
            if found and run[key] != found[0][key]:
                raise BadInput(
                    f"{folder} mixes records of {key} {found[0][key]!r} and {run[key]!r} ({path.name}); "
                    "give each a folder of its own"
                )
        frames.append(frame.assign(**{key: run[key] for key in RUN}))
        found.append(run)
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.sort_values(["system", "seed"], kind="stable", ignore_index=True)
    return Records(frame[[*RUN, *(name for name in frame.columns if name not in RUN)]], found)
