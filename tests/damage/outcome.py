"""What a command leaves in its folders: a hash of every file, times and speed apart."""

from __future__ import annotations

import json
import os
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

TIMED = {"run.json", "speed.csv", "speed.json", "report.md", "state.json", "profile.csv", "profile.json"}
"""Files that hold times: a manifest's entries for them are not compared, but what else they hold is."""

CIRCUMSTANCES = {
    "command",
    "commit",
    "started",
    "seconds",
    "load_before",
    "quiet",
    "jobs",
    "circumstances",
    "free_bytes",
    "ceilings",
}
"""What a JSON file holds of how a run came about."""

RATES = ["tokens_per_second", "examples_per_second", "peak_memory_mib", "seconds"]
MEASURED = ["ms_median", "ms_p25", "ms_p75", "peak_mib", "share_of_limit", "memory_limit_bytes"]


LOCK = "lock"
"""Stands in a run's folder from when it is first at work, and says nothing."""


def outcome(folder: Path) -> dict[str, str]:
    """Return the name of every file below a folder, and a hash of it; locks and hidden ones apart."""
    names = {path.relative_to(folder): path for path in folder.rglob("*")}
    return {
        str(name): sha256(_content(path)).hexdigest()[:16]
        for name, path in sorted(names.items())
        if (path.is_symlink() or not path.is_dir()) and path.name != LOCK and not _is_hidden(name)
    }


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def hidden(folder: Path) -> list[str]:
    """Return the hidden files and folders below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".*"))


def renewed(whole: Path, folder: Path) -> None:
    """Let ``folder`` be a copy of ``whole``."""
    for above, names, _ in os.walk(folder):
        for name in names:
            if not (path := Path(above, name)).is_symlink():
                path.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder, symlinks=True)


def differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """Return in which files two outcomes differ, and how."""
    names = sorted(found.keys() | expected.keys())
    how = {
        name: "more" if name not in expected else "missing" if name not in found else "other"
        for name in names
    }
    return [f"{name} ({how[name]})" for name in names if found.get(name) != expected.get(name)]


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    try:
        if path.suffix == ".json":
            return json.dumps(_timeless(json.loads(path.read_bytes())), sort_keys=True).encode()
        if path.name in TIMED and path.suffix == ".csv":
            return pd.read_csv(path).drop(columns=[*RATES, *MEASURED], errors="ignore").to_csv().encode()
    except ValueError:
        pass
    if path.suffix == ".md":
        return _without_speed(path.read_text(encoding="utf-8", errors="replace")).encode()
    if path.name == "profile.png":
        return b"a picture of times"
    return path.read_bytes()


def _timeless(value: Any) -> Any:
    """Return a JSON value without its times; of files that hold some, without sizes and hashes."""
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name not in CIRCUMSTANCES | {*RATES}}
        return {name: None if Path(name).name in TIMED else _timeless(one) for name, one in kept.items()}
    if isinstance(value, list):
        return [_timeless(one) for one in value]
    return value


def _without_speed(page: str) -> str:
    """Return a page but for speed, command and commit; nothing of a page of times alone."""
    if page.startswith("# What attention costs"):
        return ""
    before, _, after = page.partition("\n## Speed\n")
    return re.sub("^- (command|commit): .*", "", before + after.partition("\n## ")[2], flags=re.MULTILINE)
