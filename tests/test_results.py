"""The committed results: tables that follow from their records, and a README that quotes them."""

import re
import shlex
from pathlib import Path

import pytest

from attnbench import comparison, records
from attnbench.results import Results

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path.parent for path in ROOT.glob("results/*/*/records"))
QUOTED = re.compile(
    r"^<!-- attnbench compare (\S+) --by length(?: --test (\S+))? -->\n\n(.*?)\n\n", re.MULTILINE | re.DOTALL
)


def test_there_are_results_of_generated_and_of_real_text() -> None:
    names = {folder.name.split(".")[0] for folder in FOLDERS}
    assert {"embedded", "files-multi30k", "files-translation"} <= names


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_the_tables_follow_from_the_records(folder: Path) -> None:
    results = Results(folder)
    rebuilt = {
        "scores": results.table(),
        "lengths": results.table("length"),
        "history": results.history,
        "claims": results.verdicts,
    }
    for name, frame in rebuilt.items():
        text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        assert (folder / f"{name}.csv").read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_the_results_say_where_they_came_from(folder: Path) -> None:
    run = Results(folder).run
    assert re.fullmatch(r"[0-9a-f]{12}", run["commit"]), "a clean checkout, one commit"
    for path in (folder / "records").iterdir():
        assert records.metadata(path)["corpus"] == run["data"]["fingerprint"]
    assert shlex.split(run["command"])[:3] == ["attnbench", "reproduce", folder.parent.name]
    if not run["data"]["data"].startswith("embedded"):
        assert not (folder / "predictions").exists(), "text of others is not ours to give"


def test_the_readme_quotes_the_committed_tables() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = QUOTED.findall(text)
    assert len(quoted) == text.count("<!-- ") >= 2
    for folder, test, table in quoted:
        shown = comparison.show([Results(ROOT / folder)], comparison.View(by="length", test=test or None))
        first = shown.split("\n\n")[1]
        assert table == first.rstrip("\n"), folder
