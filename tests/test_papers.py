"""The contract that every paper keeps: what it declares, and what a run of it writes."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, is_dataclass
from hashlib import sha256
from inspect import signature
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image
from smoke import reproduce

from attnbench import cli, comparison, harness, paper, records, rendering
from attnbench.harness.predict import predict_lines
from attnbench.results import Results

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
PAPERS = paper.names()

FILES = (
    "scores.csv",
    "lengths.csv",
    "speed.csv",
    "history.csv",
    "claims.csv",
    "measurements.csv",
    "report.md",
    "lengths.png",
    "run.json",
)
RUN = ["paper", "data", "scale", "system", "seed"]
SCORES = [*RUN, "decoding", "test", "metric", "signature", "value", "ci_low", "ci_high", "n"]
COLUMNS = {
    "scores.csv": SCORES,
    "lengths.csv": [*SCORES, "by", "bin_low", "bin_high"],
    "speed.csv": ["system", "seed", "device", "phase", "tokens_per_second", "examples_per_second",
                  "peak_memory_mib", "seconds"],
    "history.csv": ["system", "seed", "stage", "update", "tokens", "train_nll", "valid_nll", "valid_score"],
    "claims.csv": ["claim", "statement", "paper_location", "effect", "unit", "ci_low", "ci_high", "margin",
                   "verdict", "reason", "paper_effect", "seeds", "n", "needed", "p", "q", "margin_reason",
                   "margin_set", "after_results", "also_differs"],
    "measurements.csv": ["measurement", "part", "statement", "value", "unit", "ci_low", "ci_high", "seeds",
                         "n", "reason"],
}  # fmt: skip
"""What each table must have, as promised to those who read them."""

PROVENANCE = (
    "command",
    "configuration",
    "versions",
    "commit",
    "hardware",
    "threads",
    "seeds",
    "data",
    "started",
    "seconds",
)
VERDICTS = {"held once", "failed once", "undecided", "not run"}
"""Of one training."""
INPUT = {
    "attnbench.tasks.translation:TASK": "the man sees a dog .",
    "attnbench.tasks.entailment:TASK": "the man sees a dog .\tthe man sees an animal .",
    "attnbench.tasks.summarization:TASK": "the french president visited rome on monday for talks on trade .",
    "attnbench.tasks.recognition:TASK": "noise.wav",
    "attnbench.tasks.captioning:TASK": "noise.png",
}
"""A line of new input for each task; of recognition and captioning a file of sound, or a picture's."""


@dataclass(frozen=True)
class Smoke:
    """A paper's systems, trained and tested at the smallest scale in this process."""

    paper: paper.Paper
    work: Path
    folder: Path


@pytest.fixture(scope="module", params=PAPERS)
def smoke(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Smoke:
    folder = tmp_path_factory.mktemp("smoke")
    return Smoke(
        paper.load(request.param),
        folder / "work",
        reproduce(request.param, folder / "out", folder / "work", ["all"]),
    )


def test_no_paper_is_missing() -> None:
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    entries = declared["project"]["entry-points"]["attnbench.papers"]
    assert len(PAPERS) == len(entries) >= 1
    assert sorted(entries) == PAPERS
    folders = (PYPROJECT.parent / "reproductions").glob("*/__init__.py")
    assert sorted(path.parent.name for path in folders) == PAPERS, (
        "a folder without an entry point, or the reverse"
    )


@pytest.mark.parametrize("name", PAPERS)
def test_its_names_are_unique_and_fit_for_folders(name: str) -> None:
    one = paper.load(name)
    assert one.name == name
    for group in (one.systems, one.scales, one.claims):
        names = [item.name for item in group]
        assert len(set(names)) == len(names) > 0
        assert [said for said in names if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", said)] == []
    assert [scale.name for scale in one.scales] == ["smoke", "small", "medium", "paper"]
    assert one.data[0] == "embedded"
    for said in (
        one.title,
        one.authors,
        one.venue,
        one.deviations,
        *(s.summary for s in (*one.systems, *one.scales)),
    ):
        assert said.strip()
    assert one.url.startswith("https://")


@pytest.mark.parametrize("name", PAPERS)
def test_everything_it_names_is_there(name: str) -> None:
    one = paper.load(name)
    task = paper.resolve(one.task)
    assert is_dataclass(paper.resolve(one.model)) and is_dataclass(task.data) and is_dataclass(task.decoding)
    for system in one.systems:
        assert list(signature(paper.resolve(system.build)).parameters) == ["settings", "features"]
    for claim in one.claims:
        assert list(signature(paper.resolve(claim.check)).parameters) == ["evidence"]
    assert task.metric(one.headline) and task.metric(task.validation)
    assert all(task.signatures(task.data()).values())
    assert {task.length(name) for name in (*one.views, *task.tokens)} <= set(task.lengths)


@pytest.mark.parametrize("name", PAPERS)
def test_its_readme_says_when_margins_were_set_and_what_else_differs(name: str) -> None:
    one = paper.load(name)
    text = (Path(__file__).parents[1] / "reproductions" / name / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| claim | margin set |") :].splitlines()[2:]
    late = {True: ", after results", False: ""}
    assert [line for line in table if line.startswith("|")] == [
        f"| `{c.name}` | {c.margin_set}{late[c.after_results]} | {c.also_differs} |" for c in one.claims
    ]


@pytest.mark.parametrize("name", PAPERS)
def test_every_scale_gives_every_system_valid_settings(name: str, tmp_path: Path) -> None:
    one = paper.load(name)
    for scale in one.scales:
        asked = harness.request(name, scale=scale.name, device="cpu", out=tmp_path, work=tmp_path)
        assert asked.seeds == range(scale.seeds)
        assert scale.seeds == 1 or scale.name != "smoke"
        for system in one.systems:
            assert asked.settings(system).training.updates > 0
        assert set(scale.systems) <= {system.name for system in one.systems}
    assert one.scale("paper").embedded == {}, "the paper's sizes, exactly, whatever the data"


@pytest.mark.parametrize("name", PAPERS)
def test_claims_say_where_how_much_and_why(name: str) -> None:
    for claim in paper.load(name).claims:
        assert re.search(r"(Tables?|Figure|[Ss]ection|Appendix) [A-Z]?\.?\d|^Text on \w", claim.location), (
            claim.name
        )
        assert claim.statement.endswith(".") and len(claim.statement) > 40
        assert isinstance(claim.margin, float) and claim.unit
        assert claim.margin_reason.strip(), claim.name


@pytest.mark.parametrize("name", PAPERS)
def test_printed_numbers_say_where_they_stand(name: str) -> None:
    one = paper.load(name)
    known = {system.name for system in one.systems}
    metrics = {metric.name for metric in paper.resolve(one.task).metrics}
    seen = set()
    for number in one.printed:
        assert re.search(r"(Table|Figure|[Ss]ection|Appendix) [A-Z]?\.?\d", number.location)
        assert number.system in known
        assert number.metric in metrics
        assert isinstance(number.value, float | int)
        if "Figure" in number.location:
            assert "read off" in number.note
        place = (number.system, number.test, number.metric, number.length, number.location)
        assert place not in seen
        seen.add(place)
    assert len(one.printed) > 0


def test_a_run_writes_every_file_with_its_columns(smoke: Smoke) -> None:
    names = sorted(path.name for path in smoke.folder.iterdir())
    figures = [f"{one.name}.{ending}" for one in smoke.paper.figures for ending in ("csv", "png")]
    assert names == sorted([*FILES, *figures, "manifest.json", "records", "predictions"])
    for name, columns in COLUMNS.items():
        table = pd.read_csv(smoke.folder / name)
        assert list(table.columns) == columns
        assert len(table) > 0
    assert (smoke.folder / "lengths.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert smoke.folder.parts[-2:] == (smoke.paper.name, "embedded.smoke")


def test_scores_cover_every_system_and_decoding(smoke: Smoke) -> None:
    scores = pd.read_csv(smoke.folder / "scores.csv")
    systems = {system.name for system in smoke.paper.systems}
    there = set(scores["test"])
    for decoding in smoke.paper.decodings:
        own = {name for name in systems if decoding in smoke.paper.decodings_of(name)}
        expected = own if not decoding.tests or there & set(decoding.tests) else set()
        assert set(scores.loc[scores["decoding"] == decoding.name, "system"]) == expected
    assert set(scores["seed"].astype(str)) == {"0", "all"}
    assert scores["signature"].notna().all()
    bounds = scores[["ci_low", "ci_high"]].dropna(how="all")
    assert len(bounds) > 0 and (bounds["ci_low"] <= bounds["ci_high"]).all()
    headline = scores[
        (scores["metric"] == smoke.paper.headline) & (scores["decoding"] == smoke.paper.decodings[0].name)
    ]
    lead = smoke.paper.decodings[0]
    assert set(headline["system"]) == {name for name in systems if lead in smoke.paper.decodings_of(name)}
    lengths = pd.read_csv(smoke.folder / "lengths.csv")
    keys = [*RUN, "decoding", "test", "metric"]
    whole, binned = scores.groupby(keys)["n"].sum(), lengths.groupby(keys)["n"].sum()
    assert (binned == whole).all(), "the default bins hold every test example once"


def test_history_and_speed_cover_every_run(smoke: Smoke) -> None:
    history = pd.read_csv(smoke.folder / "history.csv")
    asked = harness.request(smoke.paper.name, scale="smoke", device="cpu", out=smoke.work, work=smoke.work)
    for system, rows in history.groupby("system"):
        training = asked.settings(smoke.paper.system(str(system))).training
        assert training.patience == 0 or training.patience >= training.evaluations, "smoke never stops early"
        assert len(rows) == training.evaluations
        assert rows["update"].is_monotonic_increasing and rows["update"].iloc[-1] == training.updates
        assert rows["tokens"].is_monotonic_increasing
    speed = pd.read_csv(smoke.folder / "speed.csv")
    trained = {system.name for system in smoke.paper.systems if system.stages}
    assert set(history["system"]) == trained
    assert set(speed["system"]) == {system.name for system in smoke.paper.systems}
    there = set(pd.read_csv(smoke.folder / "scores.csv")["test"])
    for system, rows in speed.groupby("system"):
        done = [one for one in smoke.paper.decodings_of(str(system)) if not one.tests or there & {*one.tests}]
        assert list(rows["phase"]) == ["train"] * (system in trained) + [one.name for one in done]
    assert (speed[["tokens_per_second", "examples_per_second", "peak_memory_mib", "seconds"]] > 0).all(
        axis=None
    )


def test_verdicts_and_report(smoke: Smoke) -> None:
    verdicts = pd.read_csv(smoke.folder / "claims.csv")
    assert list(verdicts["claim"]) == [claim.name for claim in smoke.paper.claims]
    assert set(verdicts["verdict"]) <= VERDICTS
    assert verdicts["reason"].notna().all()
    report = (smoke.folder / "report.md").read_text(encoding="utf-8")
    for said in (smoke.paper.title, smoke.paper.url, *verdicts["statement"]):
        assert said in report


def test_run_json_says_where_the_numbers_came_from(smoke: Smoke) -> None:
    said = json.loads((smoke.folder / "run.json").read_text(encoding="utf-8"))
    assert set(PROVENANCE) <= set(said)
    assert set(said["configuration"]) == {system.name for system in smoke.paper.systems}
    assert re.fullmatch(r"[0-9a-f]{16}", said["data"]["fingerprint"])
    assert said["seeds"] == [0] and said["threads"] == 1
    assert said["versions"]["torch"] and said["hardware"]["cores"]


def test_records_hold_no_text(smoke: Smoke) -> None:
    task = paper.resolve(smoke.paper.task)
    paths = sorted((smoke.folder / "records").iterdir())
    assert [path.name for path in paths] == sorted(
        f"{system.name}.0.parquet" for system in smoke.paper.systems
    )
    for path in paths:
        frame, metadata = records.read_file(path)
        lengths = [length.column for length in task.lengths]
        assert list(frame.columns[: 3 + len(lengths)]) == ["decoding", "test", "id", *lengths]
        statistics = frame.columns[3 + len(lengths) :]
        assert [name for name in statistics if frame[name].dtype != "float64"] == []
        assert set(statistics) <= {column for metric in task.metrics for column in metric.columns}
        assert metadata["system"] in path.name


def test_predictions_are_there_for_every_search(smoke: Smoke) -> None:
    frame, _ = records.read_file(next((smoke.folder / "records").iterdir()))
    counts = frame.groupby(["decoding", "test"]).size()
    written = sorted((smoke.folder / "predictions").iterdir())
    assert len(written) >= len(smoke.paper.systems)
    for path in written:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        decoding, test = path.name.removesuffix(".jsonl").split(".0.", 1)[1].split(".", 1)
        same = frame[(frame["decoding"] == decoding) & (frame["test"] == test)]
        assert len(lines) == counts[decoding, test]
        assert [line["id"] for line in lines] == list(same["id"])
        assert all(isinstance(line["output"], str) for line in lines)


def test_predict_works_on_a_line(
    smoke: Smoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    soundfile.write("noise.wav", rng.normal(0, 0.1, 8000), 16_000)
    Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save("noise.png")
    line = INPUT[smoke.paper.task]
    lead = smoke.paper.decodings[0]
    for system in (one for one in smoke.paper.systems if lead in smoke.paper.decodings_of(one.name)):
        (output,) = predict_lines(f"{smoke.paper.name}/{system.name}", [line], smoke.work)
        assert output and "\n" not in output


def test_tables_are_rebuilt_from_the_records_alone(smoke: Smoke, tmp_path: Path) -> None:
    shutil.copytree(smoke.folder / "records", tmp_path / "records")
    results = Results(tmp_path)
    for name, table in (("scores", results.table()), ("lengths", results.table("length"))):
        written = (smoke.folder / f"{name}.csv").read_text(encoding="utf-8")
        assert rendering.render(table, "csv") == written


@pytest.mark.parametrize(("table", "by"), [("scores.csv", None), ("lengths.csv", "length")])
def test_compare_shows_the_same_rows(smoke: Smoke, tmp_path: Path, table: str, by: str | None) -> None:
    shutil.copytree(smoke.folder / "records", tmp_path / "records")
    head, *rows = (smoke.folder / table).read_text(encoding="utf-8").splitlines()
    shown, results = [], Results(tmp_path)
    written = pd.read_csv(smoke.folder / table)
    for metric, decoding in sorted(set(zip(written["metric"], written["decoding"], strict=True))):
        view = comparison.View(by=by, metric=metric, decoding=decoding, form="csv")
        first, *rest = comparison.show([results], view).splitlines()
        assert first == head
        shown += rest
    assert sorted(shown) == sorted(rows)


def contents(folder: Path) -> dict[str, str]:
    """Return a hash of each table, record, prediction and figure in a results folder, speed apart."""
    paths = [path for path in folder.rglob("*") if path.suffix in (".csv", ".parquet", ".jsonl", ".png")]
    kept = [path for path in paths if path.name != "speed.csv"]
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in kept}


def test_rebuilding_gives_the_same_bytes(
    smoke: Smoke, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results" / smoke.paper.name / smoke.folder.name
    shutil.copytree(smoke.folder, folder)
    for path in [*folder.glob("*.png"), folder / "report.md", folder / "claims.csv", folder / "scores.csv"]:
        path.unlink()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(
            sys, "argv", ["attnbench", "rebuild", smoke.paper.name, "--out", str(tmp_path / "results")]
        )
        cli.main()
    assert ended.value.code == 0 and str(folder) in capsys.readouterr().out
    for path in smoke.folder.glob("*.*"):
        assert (folder / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_command_writes_the_same_bytes_elsewhere(smoke: Smoke, tmp_path: Path) -> None:
    """In processes of its own and side by side, the first system and the last come out as they did here."""
    names = [smoke.paper.systems[0].name, smoke.paper.systems[-1].name]
    words = ["reproduce", smoke.paper.name, "--scale", "smoke", "--device", "cpu"]
    command = [Path(sys.executable).with_name("attnbench"), *words, "--systems", ",".join(names)]
    run = subprocess.run(
        [*command, "--out", "out", "--work", "work"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    after = contents(tmp_path / "out" / smoke.paper.name / "embedded.smoke")
    of_runs = {name: digest for name, digest in after.items() if "/" in name}
    assert of_runs.items() <= contents(smoke.folder).items()
    assert {name.split("/")[1].split(".")[0] for name in of_runs} == set(names)
    assert len(of_runs) > len(names)


def test_another_seed_leaves_the_first_as_it_was(smoke: Smoke, tmp_path: Path) -> None:
    out, last = tmp_path / "out", smoke.paper.systems[-1].name
    folder = out / smoke.paper.name / "embedded.smoke"
    shutil.copytree(smoke.folder, folder)
    assert reproduce(smoke.paper.name, out, smoke.work, [last], seeds=2) == folder
    names = {path.name for path in (folder / "records").iterdir()}
    assert names == {f"{system.name}.0.parquet" for system in smoke.paper.systems} | {f"{last}.1.parquet"}
    for name in sorted(names - {f"{last}.1.parquet"}):
        assert (folder / "records" / name).read_bytes() == (smoke.folder / "records" / name).read_bytes()
    before, after = (pd.read_csv(place / "scores.csv", dtype=str) for place in (smoke.folder, folder))
    new = (after["system"] == last) & (after["seed"].isin(["1", "all"]))
    old = (before["system"] == last) & (before["seed"] == "all")
    assert set(after.loc[new, "seed"]) == {"1", "all"}
    kept = after[~new].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before[~old].reset_index(drop=True))
    seeds = after[(after["system"] == last) & (after["metric"] == "nll") & (after["seed"] != "all")]
    assert (seeds.groupby(["decoding", "test"])["value"].nunique() == 2).all(), (
        "another seed is another training"
    )
