"""Commands that are killed, and files that are damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from forking import Forks


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Return the server of commands."""
    if not hasattr(os, "fork") or not Path("/proc/self/fd").exists():
        pytest.skip("forks, and reads the names of open folders in /proc")
    server = Forks(tmp_path_factory.mktemp("forks"))
    yield server
    server.close()
