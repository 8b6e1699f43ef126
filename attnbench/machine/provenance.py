"""Where a number came from: versions, commit and hardware."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


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
        "versions": {"python": platform.python_version(), **{name: version_of(name) for name in packages}},
        "commit": _commit(),
        "hardware": {"platform": platform.platform(), "processor": _processor(), "cores": os.cpu_count()},
    }


def version_of(package: str) -> str | None:
    """Return the version of a package; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the checkout's commit, with ``+`` where files differ from it; None outside a checkout."""
    here = Path(__file__).parents[2]
    if not (here / "pyproject.toml").exists():
        return None
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    }  # a hook has some
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
            cwd=here, env=own, capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()


def _processor() -> str:
    with suppress(OSError):  # not everywhere is there a /proc
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def load_average() -> float:
    """Return the load of the last minute; where no system tells it, that of a machine that is busy."""
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return float(os.cpu_count() or 1)
