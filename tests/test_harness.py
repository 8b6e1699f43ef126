"""From a request to runs: which settings win, what names a run, and where it lies."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from smoke import quick, with_changes

from attnbench import corpora, harness
from attnbench.errors import BadInput
from attnbench.harness.configure import Request, Run, default_work
from attnbench.harness.predict import find
from attnbench.harness.run import execute
from attnbench.machine import provenance
from attnbench.machine.files import whole_folder, write_json
from attnbench.paper import Paper, Scale, System, load


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


def describe(one: Run) -> Run:
    """Write down what a run is and when it was begun, beside where its records would lie."""
    with whole_folder(one.decoded) as folder:
        write_json(folder / "run.json", one.description)
        write_json(folder / "speed.json", {"circumstances": {"started": "2020-01-01T00:00:00+00:00"}})
    return one


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


def test_a_label_gives_a_folder_beside(tmp_path: Path) -> None:
    plain, changed = quick(tmp_path, changes={}).folder, quick(tmp_path).folder
    assert quick(tmp_path, changes={}, label="three").folder == plain.with_name("embedded.smoke.three")
    assert quick(tmp_path, label="three").folder == changed.with_name(f"{changed.name}.three")


def test_a_locked_run_is_refused(tmp_path: Path) -> None:
    from filelock import FileLock

    one = run(root=tmp_path / "runs")
    one.folder.mkdir(parents=True)
    with FileLock(one.folder / "lock"), pytest.raises(BadInput, match="another process is at work"):
        execute(one, lambda *said: None)
