"""From a request to runs: which settings win, what names a run, and what happens around its training."""

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from attnbench import corpora, harness, records
from attnbench.errors import BadInput, RunFailed
from attnbench.harness import pool
from attnbench.harness.configure import Request, Run, default_work
from attnbench.harness.predict import find
from attnbench.harness.run import execute
from attnbench.machine import provenance
from attnbench.machine.files import seal, whole_folder, write_json
from attnbench.paper import Paper, Scale, System, load
from attnbench.results import SPEED_COLUMNS
from attnbench.settings import override

QUICK = {"data.limit": "40", "training.updates": "4", "training.evaluations": "1", "data.test_per_bin": "1"}
"""Settings with which a run takes a fraction of a second."""


def paper() -> Paper:
    return load("bahdanau2015")


def request(tmp_path: Path, **changed: Any) -> Request:
    asked = Request(
        paper=paper(), source=corpora.parse("embedded"), scale=paper().scale("smoke"),
        systems=paper().systems, seeds=range(1), device="cpu", out=tmp_path / "out", work=tmp_path / "work",
        changes={},
    )  # fmt: skip
    return replace(asked, **changed)


def run(**changed: Any) -> Run:
    """Return a run that was never trained."""
    asked, system = request(Path("nowhere")), paper().system("rnnsearch-50")
    one = Run(
        paper="bahdanau2015", system="rnnsearch-50", scale="smoke", data="embedded", seed=0, device="cpu",
        settings=asked.settings(system), stages={"fit": asked.settings(system)}, corpus=Path("corpus"),
        fingerprint="0123456789abcdef", root=Path("work/runs"),
    )  # fmt: skip
    return replace(one, **changed)


def with_changes(one: Run, changes: dict[str, Any]) -> Run:
    """Return a run whose settings, those of its stages too, are changed."""
    stages = {name: override(settings, changes) for name, settings in one.stages.items()}
    return replace(one, settings=override(one.settings, changes), stages=stages)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the harness train in this process; return the list that the names of runs are added to."""
    trained: list[str] = []

    def execute_all(runs: Sequence[Run], jobs: int, console: Console) -> None:
        for one in runs:
            trained.append(one.name)
            execute(one, lambda *said: None)

    monkeypatch.setattr(pool, "execute_all", execute_all)
    return trained


def describe(one: Run) -> Run:
    """Write down what a run is and when it was begun, beside where its records would lie."""
    with whole_folder(one.decoded) as folder:
        write_json(folder / "run.json", one.description)
        write_json(folder / "speed.json", {"circumstances": {"started": "2020-01-01T00:00:00+00:00"}})
    return one


def quick(tmp_path: Path, systems: Sequence[str] = ("rnnsearch-50",), **said: Any) -> Request:
    asked = {"scale": "smoke", "device": "cpu", "out": tmp_path / "out", "work": tmp_path / "work"}
    return harness.request("bahdanau2015", systems=systems, **(asked | {"changes": QUICK} | said))


def reproduce(asked: Request, force: bool = False, command: str = "") -> Path:
    """Give a command, of its own for each systems and seeds, and return the results folder."""
    named = ",".join(system.name for system in asked.systems)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["attnbench", command or f"{named}.{list(asked.seeds)}"])
        return harness.reproduce(asked, jobs=1, force=force, console=Console(file=io.StringIO())).folder


def test_the_last_layer_of_settings_wins(tmp_path: Path) -> None:
    keys = ["training.updates", "training.clip", "training.l2", "training.warmup", "training.batch_size"]
    layers = [dict.fromkeys(keys[place:], 10 * (place + 1)) for place in range(5)]
    system = System("s", "", "m:f", layers[2])
    asked = request(
        tmp_path,
        scale=Scale("x", "", layers[0], embedded=layers[1], systems={"s": layers[3]}),
        systems=(system,),
        changes=layers[4],
    )
    training = asked.settings(system).training
    won = [training.updates, training.clip, training.l2, training.warmup, training.batch_size]
    assert won == [10, 20, 30, 40, 50]
    assert training.bucket_batches == 20, "what no layer names stays as the paper has it"


def test_settings_for_embedded_data_are_for_embedded_data_alone(tmp_path: Path) -> None:
    scale = Scale("x", "", {"data.limit": 5}, embedded={"data.limit": 7})
    system = paper().systems[0]
    assert request(tmp_path, scale=scale).settings(system).data.limit == 7
    files = replace(request(tmp_path, scale=scale), source=corpora.parse(f"files:{tmp_path}"))
    assert files.settings(system).data.limit == 5


def test_scales_settings_for_one_system_leave_the_others(tmp_path: Path) -> None:
    asked = request(tmp_path, scale=paper().scale("paper"))
    main = [one for one in paper().systems if not one.extra]
    updates = {one.name: asked.settings(one).training.updates for one in main}
    assert len(set(updates.values())) == 4
    caps = {one.name: asked.settings(one).data.max_length for one in main}
    assert caps == {"rnnencdec-30": 30, "rnnsearch-30": 30, "rnnencdec-50": 50, "rnnsearch-50": 50}


def test_a_change_for_one_system_leaves_the_others_and_comes_last(tmp_path: Path) -> None:
    changes = {"rnnsearch-50:training.updates": "7", "training.updates": "5", "training.clip": "3"}
    for order in (changes, dict(reversed(changes.items()))):
        asked = quick(tmp_path, (), changes=order)
        training = {one.name: asked.settings(one).training for one in asked.systems}
        assert {name: one.updates for name, one in training.items()} == {
            "rnnencdec-30": 5, "rnnsearch-30": 5, "rnnencdec-50": 5, "rnnsearch-50": 7,
        }  # fmt: skip
        assert {one.clip for one in training.values()} == {3.0}
    star = quick(tmp_path, ("rnnsearch-50-star", "rnnsearch-50"), changes=changes)
    assert star.settings(star.systems[0]).training.updates == 5, "a name that starts alike is another"


def test_a_change_for_one_system_is_in_the_folder_s_name(tmp_path: Path) -> None:
    plain, own, other = (
        quick(tmp_path, ("rnnsearch-30", "rnnsearch-50"), changes={key: "5"}).folder
        for key in ("training.updates", "rnnsearch-50:training.updates", "rnnsearch-30:training.updates")
    )
    assert len({plain, own, other}) == 3


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("rnnserch-50:training.updates", r"unknown system .*did you mean 'rnnsearch-50'\?"),
        ("zzz:training.updates", r"unknown system .*choose from: cho2014-grconv, rnnencdec-30, "),
        ("rnnsearch-50:training.update", r"unknown setting .*'training.updates'"),
        ("rnnsearch-50:", r"unknown setting ''"),
    ],
)
def test_a_change_for_no_system_or_setting_is_refused(tmp_path: Path, key: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        quick(tmp_path, ["rnnsearch-50"], changes={key: "5"})
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_main_systems_are_run_where_none_is_named(tmp_path: Path) -> None:
    every = [one.name for one in paper().systems]
    main = [one.name for one in paper().systems if not one.extra]
    assert 0 < len(main) < len(every)
    for names, expected in (
        ((), main),
        (("all",), every),
        (("sutskever2014",), ["sutskever2014"]),
        (("rnnsearch-50-star", "rnnsearch-30"), ["rnnsearch-50-star", "rnnsearch-30"]),
    ):
        assert [one.name for one in quick(tmp_path, names).systems] == expected
    with pytest.raises(BadInput, match="did you mean 'sutskever2014'"):
        quick(tmp_path, ["sutskever14"])


def test_predict_takes_the_last_main_system(tmp_path: Path) -> None:
    names = [one.name for one in paper().systems]
    assert names[-1] != "rnnsearch-50"
    for name in names:
        describe(run(system=name, root=tmp_path / "runs", corpus=tmp_path / "corpora" / "0"))
    assert find("bahdanau2015", tmp_path).system == "rnnsearch-50"
    for name in names:
        assert find(f"bahdanau2015/{name}", tmp_path).system == name


@pytest.mark.parametrize(
    "changes",
    [
        {"training.updates": 13},
        {"training.patience": 3},
        {"training.halve_every": 0.25},
        {"training.learning_rate": 0.5},
        {"training.evaluations": 3},
        {"training.precision": "bf16"},
        {"model.hidden": 17},
        {"data.max_length": 49},
        {"data.vocabulary": 999},
    ],
)
def test_what_can_change_the_weights_changes_the_key(changes: dict[str, Any]) -> None:
    other = with_changes(run(), changes)
    assert other.key != run().key
    assert other.folder != run().folder


@pytest.mark.parametrize("field", ["seed", "device", "system", "fingerprint"])
def test_what_a_run_is_changes_the_key(field: str) -> None:
    other = {"seed": 1, "device": "cuda", "system": "rnnsearch-30", "fingerprint": "fedcba9876543210"}
    assert run(**{field: other[field]}).key != run().key


def test_where_things_lie_does_not_change_the_key() -> None:
    assert run(corpus=Path("elsewhere"), root=Path("there")).key == run().key


def test_how_often_it_is_saved_changes_neither_key_nor_records() -> None:
    other = with_changes(run(), {"training.checkpoint_seconds": 99})
    assert (other.key, other.records) == (run().key, run().records)


def test_decoding_settings_keep_the_weights_and_make_other_records() -> None:
    other = with_changes(run(), {"decoding.beam": 7})
    assert other.key == run().key
    assert other.records != run().records
    batched = with_changes(run(), {"decoding.batch_size": 1})
    assert batched.records == run().records


def test_folders_are_named_for_paper_data_scale_and_changes(tmp_path: Path) -> None:
    asked = request(tmp_path)
    assert asked.folder == tmp_path / "out" / "bahdanau2015" / "embedded.smoke"
    hub = replace(asked, source=corpora.parse("hub:wmt/wmt14:fr-en"))
    assert hub.folder.name == "hub-wmt-wmt14-fr-en.smoke"
    changed = replace(asked, changes={"training.updates": "5", "training.clip": "2"})
    swapped = replace(asked, changes={"training.clip": "2", "training.updates": "5"})
    other = replace(asked, changes={"training.updates": "6", "training.clip": "2"})
    assert changed.folder == swapped.folder != other.folder
    stem, _, digits = changed.folder.name.rpartition(".")
    assert stem == "embedded.smoke"
    assert len(digits) == 6 and int(digits, 16) >= 0
    one = run()
    assert one.folder == Path("work/runs/bahdanau2015/embedded.smoke") / f"rnnsearch-50.0.{one.key}"
    assert one.records.parent.parent == one.folder


def test_the_cache_folder_follows_the_users_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_work() == tmp_path / "attnbench"
    monkeypatch.setenv("HOME", "/home/somebody")
    for ignored in ("", "relative/cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert default_work() == Path("/home/somebody/.cache/attnbench")


def test_a_machine_that_does_not_tell_its_load_is_not_called_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> None:
        raise OSError("Load averages are unobtainable")

    monkeypatch.setattr("os.getloadavg", unknown)
    assert provenance.load_average() >= 1 > harness.QUIET_LOAD
    monkeypatch.setattr(Path, "read_text", lambda path, **_: unknown())
    assert isinstance(provenance._processor(), str)


@pytest.mark.parametrize("home", [None, "relative"])
def test_no_home_and_no_such_user_is_told(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME") if home is None else monkeypatch.setenv("HOME", home)
    with pytest.raises(BadInput, match=r"no home folder is known here .*--work"):
        default_work()


def test_a_run_is_found_again_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one = describe(run(root=tmp_path / "work" / "runs", corpus=tmp_path / "work" / "corpora" / "0"))
    assert Run.load(one.decoded) == one
    monkeypatch.chdir(one.decoded)
    assert Run.load(Path()).folder.resolve() == one.folder
    assert find(str(one.folder), tmp_path) == find("bahdanau2015", tmp_path / "work") == one


def test_a_system_named_twice_is_run_once(tmp_path: Path, in_process: list[str]) -> None:
    folder = reproduce(quick(tmp_path, ["rnnencdec-50", "rnnencdec-50"]))
    assert in_process == ["rnnencdec-50.0"]
    assert list(pd.read_csv(folder / "speed.csv")["phase"]) == ["train", "beam", "greedy", "forced"]


def test_a_finished_run_is_not_repeated_and_keeps_its_times(tmp_path: Path, in_process: list[str]) -> None:
    folder = reproduce(quick(tmp_path))
    assert in_process == ["rnnsearch-50.0"]
    then = json.loads((folder / "run.json").read_text())
    assert then["seconds"] > 0 and then["quiet"] is (then["load_before"] < harness.QUIET_LOAD)
    tables = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    assert len(tables) == 6
    reproduce(quick(tmp_path))
    again = json.loads((folder / "run.json").read_text())
    assert in_process == ["rnnsearch-50.0"], "nothing is left to train"
    assert again == then
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == tables
    reproduce(quick(tmp_path), force=True)
    assert in_process == ["rnnsearch-50.0"] * 2


def test_another_beam_decodes_anew_with_the_same_weights(tmp_path: Path, in_process: list[str]) -> None:
    reproduce(quick(tmp_path))
    (weights,) = tmp_path.rglob("model.safetensors")
    before = weights.stat()
    reproduce(quick(tmp_path, changes=QUICK | {"decoding.beam": "3"}))
    assert in_process == ["rnnsearch-50.0"] * 2
    assert list(tmp_path.rglob("model.safetensors")) == [weights]
    assert (weights.stat().st_ino, weights.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(list(tmp_path.rglob("decoded.*/records.parquet"))) == 2


def test_records_of_another_corpus_go_only_by_force_and_those_of_other_systems_stay(
    tmp_path: Path, in_process: list[str]
) -> None:
    asked = quick(tmp_path)
    folder = reproduce(asked)
    kept, about = records.read_file(folder / "records" / "rnnsearch-50.0.parquet")
    sister = about | {"system": "rnnsearch-30"}
    records.write(folder / "records" / "rnnsearch-30.0.parquet", kept, sister)
    records.write(
        folder / "records" / "rnnencdec-30.0.parquet", kept, about | {"system": "rnnencdec-30", "corpus": "0"}
    )
    stale = folder / "predictions" / "rnnencdec-30.0.beam.test.jsonl"
    shutil.copyfile(folder / "predictions" / "rnnsearch-50.0.beam.test.jsonl", stale)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match=r"another corpus .*rnnencdec-30.*--label NAME or --out DIR .*--force"):
        reproduce(asked)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert reproduce(replace(asked, label="own")).name == f"{folder.name}.own"
    reproduce(asked, force=True)
    names = sorted(path.name for path in (folder / "records").iterdir())
    assert names == ["rnnsearch-30.0.parquet", "rnnsearch-50.0.parquet"]
    assert sorted(pd.read_csv(folder / "scores.csv")["system"].unique()) == ["rnnsearch-30", "rnnsearch-50"]
    assert not stale.exists(), "predictions go with their records"


def test_other_seeds_of_a_system_stay_if_its_settings_are_theirs(
    tmp_path: Path, in_process: list[str]
) -> None:
    asked = quick(tmp_path, ["rnnsearch-50"], seeds="1-1")
    folder = reproduce(asked)
    kept, about = records.read_file(folder / "records" / "rnnsearch-50.1.parquet")
    older = {name: dict(section) for name, section in about["settings"].items()}
    del older["training"]["batch_tokens"]  # a setting that was not there yet: as it is by default
    other = about["settings"] | {"model": about["settings"]["model"] | {"hidden": 17}}
    for seed, settings in ((2, older), (3, other)):
        path = folder / "records" / f"rnnsearch-50.{seed}.parquet"
        records.write(path, kept, about | {"seed": seed, "settings": settings})
    reproduce(replace(asked, seeds=range(1)))
    names = sorted(path.name for path in (folder / "records").iterdir())
    assert names == [f"rnnsearch-50.{seed}.parquet" for seed in range(3)]
    told = json.loads((folder / "run.json").read_text())
    assert told["seeds"] == [0, 1, 2] and len(told["earlier_commands"]) == 1
    reproduce(replace(asked, seeds=range(1)))
    assert json.loads((folder / "run.json").read_text()) == told, "the same command again changes nothing"


def test_run_json_joins_the_circumstances_of_two_commands(tmp_path: Path, in_process: list[str]) -> None:
    path = reproduce(quick(tmp_path, seeds="1-1"), command="first") / "run.json"
    first = json.loads(path.read_text()) | {"commit": "zzz", "seconds": 1000.0, "started": "1999", "jobs": 9,
                                            "load_before": 77.0, "quiet": True}  # fmt: skip
    write_json(path, first)
    seal(path.parent)
    reproduce(quick(tmp_path), command="then")
    told = json.loads(path.read_text())
    assert (told["command"], told["earlier_commands"]) == ("attnbench then", ["attnbench first"])
    assert "zzz" in told["commit"].split(", ") and told["seconds"] > 1000
    assert (told["started"], told["jobs"], told["load_before"], told["quiet"]) == ("1999", 9, 77.0, False)


def test_a_label_gives_a_folder_beside(tmp_path: Path) -> None:
    plain, changed = quick(tmp_path, changes={}).folder, quick(tmp_path).folder
    assert quick(tmp_path, changes={}, label="three").folder == plain.with_name("embedded.smoke.three")
    assert quick(tmp_path, label="three").folder == changed.with_name(f"{changed.name}.three")


def test_speed_of_other_systems_stays(tmp_path: Path, in_process: list[str]) -> None:
    reproduce(quick(tmp_path, ["rnnencdec-50"]))
    speed = pd.read_csv(reproduce(quick(tmp_path, ["rnnsearch-50"])) / "speed.csv")
    assert list(speed["system"]) == ["rnnencdec-50"] * 4 + ["rnnsearch-50"] * 4
    assert list(speed.columns) == SPEED_COLUMNS


def test_run_json_keeps_the_settings_of_other_systems(tmp_path: Path, in_process: list[str]) -> None:
    first = json.loads((reproduce(quick(tmp_path, ["rnnencdec-50"])) / "run.json").read_text())
    assert "earlier_commands" not in first
    both = json.loads((reproduce(quick(tmp_path, ["rnnsearch-50"])) / "run.json").read_text())
    assert list(both["configuration"]) == ["rnnencdec-50", "rnnsearch-50"]
    assert both["configuration"]["rnnencdec-50"] == first["configuration"]["rnnencdec-50"]
    assert both["earlier_commands"] == [first["command"]]


@pytest.mark.parametrize(
    ("name", "text"), [("run.json", "{"), ("run.json", "{}"), ("run.json", "[]"), ("speed.csv", "a,b\n")]
)
def test_a_broken_file_of_an_earlier_command_is_named(
    tmp_path: Path, in_process: list[str], name: str, text: str
) -> None:
    asked = quick(tmp_path, ["rnnsearch-50"])
    folder = reproduce(asked)
    kept, about = records.read_file(folder / "records" / "rnnsearch-50.0.parquet")
    records.write(folder / "records" / "rnnsearch-30.0.parquet", kept, about | {"system": "rnnsearch-30"})
    (folder / name).write_text(text)
    for sealed in (False, True):  # changed since it was written, and written so
        with pytest.raises(BadInput, match=rf"{name} is not .*; delete it"):
            reproduce(asked)
        if not sealed:
            seal(folder)
    (folder / name).unlink()
    reproduce(asked)
    assert (folder / name).exists()


def test_a_locked_run_is_refused(tmp_path: Path) -> None:
    from filelock import FileLock

    one = run(root=tmp_path / "runs")
    one.folder.mkdir(parents=True)
    with FileLock(one.folder / "lock"), pytest.raises(BadInput, match="another process is at work"):
        execute(one, lambda *said: None)


def test_a_failed_run_does_not_stop_the_others(tmp_path: Path) -> None:
    asked = quick(tmp_path, ["rnnencdec-50", "rnnsearch-50"], seeds=1)
    bad, good = harness.configure.runs(asked)
    bad = with_changes(bad, {"training.learning_rate": 1e30, "training.warmup": 0})
    with pytest.raises(RunFailed, match=r"^run rnnencdec-50.0: the .* is (nan|inf) at update \d+"):
        pool.execute_all([bad, good], 2, Console(file=io.StringIO()))
    assert good.records.exists() and not bad.records.exists()
    assert records.read_file(good.records)[1]["system"] == "rnnsearch-50"
