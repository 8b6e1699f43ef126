"""The commit that stands beside numbers is that of the checkout they were made with."""

import shutil
import subprocess
from pathlib import Path

import pytest

from attnbench.machine import provenance


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_of_this_checkout_even_where_a_hook_of_another_calls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """git tells its hooks by GIT_DIR which repository they are of, and asks no folder then."""
    commits = {name: _repository(tmp_path / name) for name in ("ours", "another")}
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "ours/attnbench/machine/provenance.py"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another/.git"))
    assert provenance.provenance()["commit"] == commits["ours"] != commits["another"]


def _repository(folder: Path) -> str:
    (folder / "attnbench" / "machine").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(folder.name)
    own = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*own, *words], check=True)
    told = subprocess.run([*own, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return told.stdout[:12]
