"""A sweep: every case in a process of its own, each finished row in the file at once."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attnbench.errors import BadInput, RunFailed
from attnbench.machine.files import read_json, write_csv, write_json
from attnbench.machine.provenance import load_average, provenance
from attnbench.machine.room import size
from attnbench.profiling import ceilings, counts, isolation, machine
from attnbench.profiling.cases import DIRECTIONS, KEY, OFFERED, Case
from attnbench.profiling.ceilings import Ceilings
from attnbench.profiling.isolation import OutOfMemory, Unavailable
from attnbench.profiling.machine import Machine
from attnbench.profiling.trial import measured

FOUND = ["ms_median", "ms_p25", "ms_p75", "peak_mib"]
COLUMNS = [*KEY, *FOUND, "gflop", "gbyte", "share_of_limit", "status", "reason"]

OK, OOM, SKIPPED = "ok", "oom", "skipped"

INDUCTOR = "torch._inductor.compile_fx"
"""What torch.compile takes seconds to import; it may look for a GPU, which no server of children should."""

SECONDS = 0.5
"""How long a case is repeated at least, after its warm-up."""
SHARE = 0.8
"""Of the memory that is free, what a case may take where no limit is given."""

BUSY = 0.5
"""Load by core from which times are not to be trusted."""

Row = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What ``attnbench profile`` was asked for, checked."""

    cases: Sequence[Case]
    out: Path
    """The csv file; its neighbours have its name and another suffix."""
    threads: int | None = None
    limit: int | None = None
    """Bytes that a case may take."""
    force: bool = False


class Swept(NamedTuple):
    """What came of a sweep."""

    rows: pd.DataFrame
    """All that the file holds, with the columns of ``COLUMNS``."""
    machine: Machine
    limit: int
    """Bytes that a case might take."""
    ceilings: dict[str, Ceilings]
    """For each data type."""


def run(request: Request, say: Say) -> Swept:
    """Measure what the file does not hold yet.

    Cases go from cheap to dear. Rows that are ``ok`` are kept; what was skipped or out of memory is tried
    again. Raises ``BadInput`` for a file from elsewhere, and ``RunFailed`` for a case that breaks.
    """
    compiles = any(case.implementation == "compiled" and case.device == "cpu" for case in request.cases)
    isolation.prepare(measured.__module__, *([INDUCTOR] if compiles else []))
    here: Machine = isolation.call(machine.look, request.cases[0].device, request.threads)
    limit = request.limit or int(SHARE * here.free)
    if request.force:
        request.out.unlink(missing_ok=True)
    kept, best = _kept(request.out, here)
    rows = {_key(row): row for row in kept}
    load = load_average()
    if here.device == "cpu" and load > BUSY * (os.cpu_count() or 1):
        say(f"this machine is busy (a load of {load:.1f}): the times will be too long")
    best = _ceilings(request, here, best, say)
    _describe(request.out, here, limit, best)
    missing = [case for case in request.cases if rows.get(_key(asdict(case)), {}).get("status") != OK]
    missing.sort(key=lambda case: best[case.dtype].least_seconds(*counts.work(case)))
    for place, case in enumerate(missing, start=1):
        row = _row(case, here.threads, limit, best[case.dtype])
        rows[_key(row)] = row
        write_csv(request.out, _frame(rows))
        say(f"{place}/{len(missing)} {case}: {_found(row)}")
    return Swept(_frame(rows), here, limit, best)


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in KEY)


def _frame(rows: dict[tuple[str, ...], Row]) -> pd.DataFrame:
    """Return the rows as a table, in the order in which things are offered."""
    ordered: list[Row] = sorted(rows.values(), key=_order)
    return pd.DataFrame(ordered, columns=COLUMNS)


def _order(row: Row) -> tuple[Any, ...]:
    offered = OFFERED[row["mechanism"]]
    line = list(OFFERED).index(row["mechanism"]), list(offered).index(row["implementation"]), not row["align"]
    sizes = (row[name] for name in ("dtype", "dim", "batch", "keys"))
    return *line, DIRECTIONS.index(row["direction"]), *sizes


def _kept(out: Path, here: Machine) -> tuple[list[Row], dict[str, Ceilings]]:
    """Return the rows of the file and the ceilings they were compared with; raise if from elsewhere."""
    if not out.exists():
        return [], {}
    about = out.with_suffix(".json")
    try:
        frame = pd.read_csv(
            out, keep_default_na=False, na_values=dict.fromkeys([*FOUND, "share_of_limit"], "")
        )
        saved = read_json(about)
        found: list[Row] = frame[COLUMNS].to_dict("records")  # type: ignore[assignment]
        best: dict[str, Ceilings] = {dtype: Ceilings(**rates) for dtype, rates in saved["ceilings"].items()}
        then = saved["machine"]
        _require_sound(found, best)
        found.sort(key=_order)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(f"{out} or {about} cannot be read ({error}); use --force or another --out") from error
    now = here.identity()
    if then != now:
        other = next(name for name in now if then.get(name) != now[name])
        raise BadInput(
            f"{out} was measured elsewhere ({other}: {then.get(other)}, here {now[other]}); "
            "use another --out, or --force to measure all anew"
        )
    return found, best


def _require_sound(rows: Sequence[Row], best: dict[str, Ceilings]) -> None:
    """Raise ``ValueError`` for rows and ceilings that no sweep writes."""
    for row in rows:
        sizes = [row[name] for name in ("batch", "queries", "keys", "dim")]
        numbers = [row["ms_median"], row["ms_p25"], row["ms_p75"]] if row["status"] == OK else []
        if not (
            row["status"] in (OK, OOM, SKIPPED)
            and isinstance(row["align"], bool)
            and row["dtype"] in best
            and all(isinstance(size, int) and size > 0 for size in sizes)
            and all(0 < number < math.inf for number in numbers)
        ):
            raise ValueError(f"it holds {','.join(str(row[name]) for name in [*KEY, *FOUND, 'status'])}")
    if not all(0 < rate < math.inf for one in best.values() for rate in asdict(one).values()):
        raise ValueError("a ceiling is no number above 0")


def _ceilings(request: Request, here: Machine, known: dict[str, Ceilings], say: Say) -> dict[str, Ceilings]:
    """Return the ceilings for every data type asked for, measuring those that are not known."""
    best = dict(known)
    for dtype in dict.fromkeys(case.dtype for case in request.cases):
        if dtype not in best:
            best[dtype] = isolation.call(ceilings.measure, here.device, dtype, here.threads, SECONDS / 2)
            say(f"at best here, {dtype}: {best[dtype]}")
    return best


def _describe(out: Path, here: Machine, limit: int, best: dict[str, Ceilings]) -> None:
    """Write what the rows must be read with beside the csv file."""
    command = ["attnbench", *sys.argv[1:]]
    write_json(out.with_suffix(".json"), {
        "command": shlex.join(command),
        "machine": here.identity(),
        "free_bytes": here.free,
        "memory_limit_bytes": limit,
        "ceilings": {dtype: asdict(rates) for dtype, rates in best.items()},
        **provenance(),
    })  # fmt: skip


def _row(case: Case, threads: int, limit: int, best: Ceilings) -> Row:
    """Return the row of a case, measured if it can be."""
    work = counts.work(case)
    row: Row = {**asdict(case), "gflop": work.gflop, "gbyte": work.gbyte, "status": SKIPPED, "reason": ""}
    needed = counts.estimated_bytes(case)
    if needed > limit:
        return row | {"reason": f"needs about {size(needed)}, the limit is {size(limit)}"}
    try:
        held = limit if case.device == "cpu" else None
        found = isolation.call(measured, case, threads, limit, SECONDS, limit=held)
    except Unavailable as error:
        return row | {"reason": str(error)}
    except OutOfMemory as error:
        return row | {"status": OOM, "reason": str(error)}
    except RunFailed as error:
        raise RunFailed(f"{case}: {error}; finished rows are kept, the same command goes on") from error
    low, median, high = np.percentile(found.seconds, [25, 50, 75])
    return row | {
        "status": OK,
        **{"ms_median": 1e3 * median, "ms_p25": 1e3 * low, "ms_p75": 1e3 * high},
        "share_of_limit": best.least_seconds(*work) / median,
        "peak_mib": np.nan if found.peak is None else found.peak / 2**20,
        "reason": "memory is not measured on this system" if found.peak is None else "",
    }


def _found(row: Row) -> str:
    if row["status"] != OK:
        return f"{row['status']}: {row['reason']}"
    known = "" if np.isnan(row["peak_mib"]) else f", {size(row['peak_mib'] * 2**20)}"
    return f"{duration(row['ms_median'])}{known}"


def duration(ms: float) -> str:
    """Return milliseconds as a person reads them."""
    return f"{ms / 1000:.3g} s" if ms >= 1000 else f"{ms:.3g} ms"
