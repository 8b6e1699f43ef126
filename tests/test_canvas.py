"""Figures whatever the environment holds for matplotlib."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attnbench.canvas import canvas

SCRIPT = """
import os, sys
from pathlib import Path
from attnbench.canvas import canvas
for name in sys.argv[1:]:
    with canvas(Path(name), 2, 1) as figure:
        figure.add_subplot().plot([1, 2], label="$x_{$")
        figure.text(0.1, 0.1, "\\u6f22")
assert os.environ.get("MPLBACKEND") == "no-such-backend"
"""


def test_no_setting_of_the_user_stops_or_changes_a_figure(tmp_path: Path) -> None:
    """An unknown backend, settings in the current folder, no home and no folder for the cache."""
    (tmp_path / "file").touch()
    (tmp_path / "matplotlibrc").write_text("savefig.dpi: 7\nbackend: odd\nlines.linewidth: 9\nno.such: 1\n")
    env = os.environ | {"MPLBACKEND": "no-such-backend", "MPLCONFIGDIR": str(tmp_path / "file" / "below")}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, "odd.png"], capture_output=True, text=True, cwd=tmp_path, env=env
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    with canvas(tmp_path / "usual.png", 2, 1) as figure:
        figure.add_subplot().plot([1, 2], label="$x_{$")
        figure.text(0.1, 0.1, "\u6f22")
    assert (tmp_path / "odd.png").read_bytes() == (tmp_path / "usual.png").read_bytes()
    assert (tmp_path / "usual.png").read_bytes().startswith(b"\x89PNG")


def test_settings_of_this_process_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib

    monkeypatch.setitem(matplotlib.rcParams, "lines.linewidth", 9.0)
    with canvas(tmp_path / "a.png", 2, 1) as figure:
        (line,) = figure.add_subplot().plot([1, 2])
        assert line.get_linewidth() == matplotlib.rcParamsDefault["lines.linewidth"] != 9
    assert matplotlib.rcParams["lines.linewidth"] == 9
