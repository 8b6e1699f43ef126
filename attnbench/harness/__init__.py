"""The one pipeline, the same for every paper: corpora, runs, records, tables."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from attnbench import corpora
from attnbench.errors import BadInput, printable
from attnbench.harness import configure, readiness, results, unused
from attnbench.harness.configure import Request, Run
from attnbench.harness.results import Standing
from attnbench.harness.work import discard
from attnbench.machine.files import alone_in, sweep
from attnbench.machine.places import writable
from attnbench.machine.provenance import load_average
from attnbench.paper import Paper, System, load
from attnbench.results import Results
from attnbench.values import SEED, shown

ALL = "all"
"""In the place of systems: those too that are run only when named."""

MOST_SEEDS = 1000
"""The most seeds of one command."""

QUIET_LOAD = 0.5
"""A machine with a lower load average than this before the runs start is called quiet."""


def request(
    paper: str,
    *,
    data: str | None = None,
    scale: str = "small",
    systems: Sequence[str] = (),
    seeds: str | int | None = None,
    device: str = "auto",
    out: Path = Path("results"),
    work: Path | None = None,
    changes: dict[str, str] | None = None,
    label: str = "",
) -> Request:
    """Return a checked request; raise ``BadInput`` for a name, number, key, device or folder that is not."""
    declared = load(paper)
    chosen = _systems(declared, systems)
    if not re.fullmatch(r"[\w-]*", label) or re.fullmatch("[0-9a-f]{6}", label):
        raise BadInput(f"--label {label}: letters, digits, - and _ only, and not six that --set might give")
    asked = Request(
        paper=declared,
        source=corpora.parse(data or declared.data[0]),
        scale=declared.scale(scale),
        systems=tuple(declared.scale(scale).cut(system) for system in chosen),
        seeds=_seeds(declared.scale(scale).seeds if seeds is None else seeds),
        device=configure.pick_device(device),
        out=out,
        work=work or configure.default_work(),
        changes=changes or {},
        label=label,
    )
    for system in declared.systems:
        if system in chosen or any(key.startswith(f"{system.name}:") for key in asked.changes):
            asked.settings(system)
    _sound(asked)
    writable(asked.folder, "--out")
    writable(asked.work, "--work")
    return asked


def _sound(asked: Request) -> None:
    """Raise ``BadInput`` for settings that change nothing, tests apart, and what this machine cannot do."""
    from attnbench.harness import memory

    unused.refuse(asked)
    unused.apart(asked)
    for system in asked.systems:
        if asked.device == "cpu" and asked.settings(system).training.precision == "fp16":
            raise BadInput("training.precision=fp16 needs a GPU; use bf16, or no")
    memory.before(asked)


def _seeds(asked: str | int) -> range:
    """Return the seeds from 0 to below a number, or those from A to B for ``A-B``."""
    named = re.fullmatch(r"(-?[0-9]{1,20})|([0-9]{1,20})-([0-9]{1,20})", str(asked))
    if not named:
        text = shown(str(asked))[1:-1]
        raise BadInput(f"--seeds {text}: neither a number, such as 3, nor seeds, such as 1-2")
    count, first, last = named.groups()
    found = range(int(count)) if count else range(int(first), int(last) + 1)
    if not found:
        raise BadInput(f"--seeds {asked}: at least one seed is needed")
    if found.stop - found.start > MOST_SEEDS or found[-1] > SEED:
        raise BadInput(f"--seeds {asked}: at most {MOST_SEEDS} seeds at a time, from 0 to {SEED}")
    return found


def _systems(paper: Paper, names: Sequence[str]) -> tuple[System, ...]:
    """Return the named systems once each; all of them for ``all``, and the main ones for no name."""
    named = tuple(paper.system(name) for name in dict.fromkeys(names) if name != ALL)
    if ALL in names:
        return paper.systems
    return named or tuple(system for system in paper.systems if not system.extra)


def reproduce(asked: Request, *, jobs: int | None, force: bool, console: Console) -> Results:
    """Train and test what is not finished, then write every table; return the results.

    ``jobs`` runs go side by side on a CPU (default: one a core); on a GPU one after the other.
    """
    from attnbench.harness import memory
    from attnbench.harness.pool import execute_all

    now: dict[str, Any] = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_before": round(load_average(), 2),
    }
    _tell(console, f"{asked.paper.name}: {asked.source.text}, scale {asked.scale.name}")
    for root in (asked.work, asked.folder):
        sweep(root)
    with readiness.told(console) as tell:
        runs = configure.runs(asked, tell)
    for note in asked.notes:
        _tell(console, note, style="yellow")
    _tell_revision(runs, console)
    standing = results.standing(asked, runs, force=force)
    for path, other in standing.goes.items():
        _tell(console, f"{path} is of {other} and goes")
    if force:
        for run in runs:
            discard(run.folder)
    pending = [run for run in runs if not run.finished]
    limit = asked.side_by_side(jobs)
    if pending:
        memory.together(pending, limit)
        now["jobs"] = min(limit, len(pending))
        try:
            execute_all([replace(run, circumstances=now) for run in pending], limit, console)
        finally:
            sweep(asked.work)
    with alone_in(asked.folder):
        standing = results.standing(asked, runs, force=force)  # others may have written while these trained
        told = _provenance(asked, runs, standing) | _earlier(runs, standing)
        return results.write(asked, runs, standing, told)


def _tell(console: Console, text: str, style: str = "") -> None:
    """Print a line in which names may stand: they are text, never markup."""
    console.print(printable(text), style=style, markup=False, highlight=False, soft_wrap=True)


def _tell_revision(runs: Sequence[Run], console: Console) -> None:
    """Say from which state of a hub's set the corpora were made, which may be an earlier one."""
    for corpus in dict.fromkeys(run.corpus for run in runs):
        if revision := corpora.about(corpus)["revision"]:
            forget = "`attnbench work clean --all` forgets it, @REVISION asks for another"
            _tell(console, f"read from revision {revision}; {forget}")


def _provenance(asked: Request, runs: Sequence[Run], standing: Standing) -> dict[str, Any]:
    """Return what run.json says."""
    return {
        "command": _command(),
        "paper": asked.paper.name,
        "scale": asked.scale.name,
        "data": corpora.about(runs[0].corpus),
        "seeds": sorted({run.seed for run in runs} | {seed for _, seed in standing.stays}),
        "device": asked.device,
        "threads": 1 if asked.device == "cpu" else None,
        "configuration": {run.system: unused.told(run) for run in runs},
        **_circumstances(runs),
    }


def _command() -> str:
    """Return the command that was given, as it can be typed again."""
    return shlex.join(["attnbench", *sys.argv[1:]])


def _earlier(runs: Sequence[Run], standing: Standing) -> dict[str, Any]:
    """Return what run.json keeps of earlier commands whose runs stay in the results folder."""
    before, systems = standing.run, {system for system, _ in standing.stays}
    if not before:
        return {}
    configuration = {system: one for system, one in before["configuration"].items() if system in systems}
    commands = [*before.get("earlier_commands", []), before["command"]]
    both = _joined(before, _circumstances(runs), again=_command() in commands)
    commands = [command for command in commands if command != _command()]
    now = {run.system: unused.told(run) for run in runs}
    return both | {"earlier_commands": list(dict.fromkeys(commands)), "configuration": configuration | now}


def _joined(before: Mapping[str, Any], now: dict[str, Any], *, again: bool) -> dict[str, Any]:
    """Return in what circumstances the runs of an earlier command and of this one were trained.

    The seconds of a command that is given ``again`` are there already.
    """
    load = max(before["load_before"], now["load_before"])
    return {
        "started": min(before["started"], now["started"]),
        "seconds": before["seconds"] if again else round(before["seconds"] + now["seconds"], 1),
        "jobs": max(before["jobs"], now["jobs"]),
        "load_before": load,
        "quiet": bool(before["quiet"] and load < QUIET_LOAD),
        "commit": _commits(before["commit"], now["commit"]),
    }


def _circumstances(runs: Sequence[Run]) -> dict[str, Any]:
    """Return when, with what and how quietly the runs were trained, whenever that was."""
    known = [run.speed["circumstances"] for run in runs]
    load = max(one["load_before"] for one in known)
    return {
        "started": min(one["started"] for one in known),
        "seconds": round(sum(one["seconds"] for one in known), 1),
        "jobs": max(one["jobs"] for one in known),
        "load_before": load,
        "quiet": load < QUIET_LOAD,
        "commit": _commits(*(one["commit"] for one in known)),
        "versions": known[0]["versions"],
        "hardware": known[0]["hardware"],
    }


def _commits(*told: str | None) -> str | None:
    """Return the commits that are told, each once; None where none is known, as outside a checkout."""
    names = {name for one in told if one for name in one.split(", ")}
    return ", ".join(sorted(names)) or None
