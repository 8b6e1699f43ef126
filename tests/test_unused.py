"""Settings that change nothing: refused where the user set them, and not told of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch

from attnbench import harness, paper
from attnbench.errors import BadInput
from attnbench.harness import unused
from attnbench.harness.configure import Run, engine_of, settings_of
from attnbench.harness.memory import Unfilled
from attnbench.settings import least
from attnbench.values import Here, rule

PAPERS = paper.names()
FILES = {"data": "files:nowhere"}


def request(name: str, changes: dict[str, str], *systems: str, **said: Any) -> None:
    """Ask for runs; nothing is made."""
    asked: dict[str, Any] = {"scale": "smoke", "device": "cpu", "out": Path("out"), "work": Path("work")}
    harness.request(name, systems=systems, changes=changes, **(asked | said))


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"data.train": "a"}, "data from files or a hub", {}),
        ({"data.valid": "a"}, "data from files or a hub", {}),
        ({"data.test": "a"}, "data from files or a hub", {}),
        ({"data.languages": "en-de"}, "data from files or a hub", {}),
        ({"data.tokenizer": "none"}, "data from files or a hub", {}),
        ({"data.links_from": "1"}, "data from files", {}),
        ({"data.links_from": "1"}, "data from files", {"data": "hub:a/b"}),
        ({"data.test_per_bin": "3"}, "embedded data", FILES),
        ({"training.rho": "0.9"}, "training.optimizer=adadelta or rmsprop", {}),
        (
            {"training.optimizer": "sgd", "training.epsilon": "0.1"},
            "training.optimizer=adam, adadelta or rmsprop",
            {},
        ),
        ({"training.decay_from": "1", "training.decay_to": "0.1"}, "training.decay_from below 1", {}),
        ({"training.decay_from": "1", "training.halve_every": "0.1"}, "training.decay_from below 1", {}),
        ({"training.halve_every": "0.1", "training.decay_to": "0.1"}, "training.halve_every=0", {}),
        (
            {"training.decay_to": "1", "training.decay_from": "0.1"},
            "training.decay_to below 1, or halvings",
            {},
        ),
        ({"training.equal_lengths": "1", "training.bucket_batches": "9"}, "batches of several lengths", {}),
        ({"training.patience": "0", "training.best_by": "likelihood"}, "a training.patience above 0", {}),
        (
            {"training.batch_size": "1", "training.weight_noise": "1", "training.loss_per": "example"},
            "outputs of several words, and no training.weight_noise",
            {},
        ),
        ({"decoding.beam": "1", "decoding.normalise": "false"}, "a decoding.beam above 1", {}),
        ({"model.layers": "2"}, "the system sutskever2014", {}),
        ({"model.reverse": "false"}, "the system sutskever2014", {}),
    ],
)
def test_what_changes_nothing_is_refused(
    changes: dict[str, str], where: str, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    key = list(changes)[-1]
    with pytest.raises(BadInput) as caught:
        request("bahdanau2015", changes, **said)
    message = str(caught.value)
    assert message.startswith(f"{key} changes nothing here: it is for ") and where in message
    assert message.endswith("; leave it out")
    del changes[key]
    request("bahdanau2015", changes, **said)
    assert list(tmp_path.iterdir()) == []


def test_a_loss_of_one_label_an_example_is_per_either() -> None:
    request("bahdanau2015", {"training.loss_per": "example"})
    with pytest.raises(
        BadInput, match=r"training\.loss_per changes nothing here: it is for outputs of sever"
    ):
        request("rocktaschel2016", {"training.loss_per": "example"})


@pytest.mark.parametrize(
    ("name", "changes", "systems", "said"),
    [
        ("bahdanau2015", {"data.train": "a", "data.links_from": "1", "data.tokenizer": "none"}, [], FILES),
        ("bahdanau2015", {"data.test_per_bin": "3", "data.limit": "5", "data.valid_limit": "5"}, [], {}),
        ("bahdanau2015", {"training.optimizer": "adadelta", "training.rho": "0.9"}, [], {}),
        ("bahdanau2015", {"training.optimizer": "rmsprop", "training.rho": "0.9"}, [], {}),
        ("bahdanau2015", {"training.decay_from": "0.5", "training.halve_every": "0.1"}, [], {}),
        ("bahdanau2015", {"model.layers": "2"}, ["rnnsearch-50", "sutskever2014"], {}),
        ("bahdanau2015", {"sutskever2014:model.layers": "2"}, ["all"], {}),
        ("rocktaschel2016", {"data.seed": "4"}, [], FILES),
        ("rocktaschel2016", {"model.fine_tune": "1", "data.least_count": "2"}, [], {}),
    ],
)
def test_what_some_run_looks_at_is_taken(
    name: str, changes: dict[str, str], systems: list[str], said: dict[str, Any]
) -> None:
    request(name, changes, *systems, **said)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"rnnsearch-30:training.updates": "5"},
            "for a system that is not run; .* add rnnsearch-30 to --systems",
        ),
        ({"rnnsearch-50:model.layers": "2"}, "it is for the system sutskever2014; leave it out"),
        (
            {"training.clip": "2", "rnnsearch-50:training.clip": "3"},
            "training.clip changes nothing here: each sys",
        ),
    ],
)
def test_what_is_for_no_system_that_runs_is_refused(changes: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        request("bahdanau2015", changes, "rnnsearch-50")


def test_the_system_that_the_message_names_mends_it() -> None:
    request("bahdanau2015", {"rnnsearch-30:training.updates": "5"}, "rnnsearch-50", "rnnsearch-30")


@pytest.mark.parametrize(
    ("name", "key", "value", "said"),
    [
        ("bahdanau2015", "data.test_per_bin", "2", {}),
        ("bahdanau2015", "data.test", "a", FILES),
        ("bahdanau2015", "data.languages", "en-de", FILES),
        ("bahdanau2015", "data.tokenizer", "none", FILES),
        ("bahdanau2015", "data.links_from", "1", FILES),
        ("rocktaschel2016", "data.test_per_bin", "2", {}),
        ("rocktaschel2016", "data.seed", "3", {}),
        ("rocktaschel2016", "data.tokenizer", "none", FILES),
    ],
)
def test_systems_are_tested_on_the_same_examples(
    name: str, key: str, value: str, said: dict[str, Any]
) -> None:
    system, other = (one.name for one in paper.load(name).systems[:2])
    with pytest.raises(BadInput, match=f"{system} would be tested on other examples .* set {key} for all"):
        request(name, {f"{system}:{key}": value}, system, other, **said)
    request(name, {key: value}, system, other, **said)


def test_systems_may_be_trained_on_other_examples() -> None:
    changes = {"rnnsearch-50:data.limit": "5", "rnnsearch-50:data.vocabulary": "9"}
    request("bahdanau2015", changes, "rnnsearch-50", "rnnencdec-50")


def test_half_precision_needs_a_gpu() -> None:
    with pytest.raises(BadInput, match=r"training\.precision=fp16 needs a GPU; use bf16, or no"):
        request("bahdanau2015", {"training.precision": "fp16"})
    request("bahdanau2015", {"training.precision": "bf16"})


def test_a_rule_is_not_trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent / "outside"), *sys.path])
    request("tiles2026", {"training.updates": "3"})
    with pytest.raises(
        BadInput, match=r"training\.updates changes nothing here: it is for systems that are tr"
    ):
        request("tiles2026", {"training.updates": "3"}, "silent")


SEARCH = ("beam", "batch_size", "ending", "length", "repeats", "restore", "recombine")


@pytest.mark.parametrize(
    ("system", "counting"),
    [
        ("prefix", ()),
        ("lead", ("ending", "length")),
        ("ir", ()),
        ("kn-5", ()),
        ("nnlm", ("batch_size",)),
        ("bow", SEARCH),
        ("abs-plus", SEARCH),
    ],
)
def test_what_does_not_search_takes_no_settings_of_a_search(system: str, counting: tuple[str, ...]) -> None:
    values = {"beam": "3", "batch_size": "3", "ending": "model", "length": "3"}
    for name in SEARCH:
        changes = {f"decoding.{name}": values.get(name, "false" if name != "repeats" else "true")}
        request("rush2015", changes, system, "abs")
        if name in counting:
            request("rush2015", changes, system)
            continue
        with pytest.raises(
            BadInput, match=rf"decoding\.{name} changes nothing here: it is for systems that se"
        ):
            request("rush2015", changes, system)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"decoding.beam": "1", "decoding.recombine": "false"}, "a decoding.beam above 1"),
        ({"decoding.normalise": "false"}, "decoding.ending=model and a decoding.beam above 1"),
        (
            {"decoding.ending": "model", "decoding.beam": "1", "decoding.normalise": "false"},
            "decoding.ending=model and a decoding.beam above 1",
        ),
    ],
)
def test_one_hypothesis_is_neither_joined_nor_ranked(changes: dict[str, str], where: str) -> None:
    with pytest.raises(BadInput, match=f"{list(changes)[-1]} changes nothing here: it is for {where}; leave"):
        request("rush2015", changes, "abs")
    request("rush2015", {"decoding.ending": "model", "decoding.normalise": "false"}, "abs")


class Reading:
    """The ``model`` settings, and which of them a builder looks at."""

    def __init__(self, settings: Any) -> None:
        self._settings, self._seen = settings, set[str]()

    def __getattr__(self, name: str) -> Any:
        self._seen.add(name)
        return getattr(self._settings, name)


def systems() -> Iterator[tuple[str, str]]:
    for name in PAPERS:
        yield from ((name, system.name) for system in paper.load(name).systems)


@pytest.mark.parametrize(("name", "system"), list(systems()))
def test_a_builder_reads_what_counts_for_its_system_and_no_more(name: str, system: str) -> None:
    declared = paper.load(name)
    one = declared.system(system)
    settings = settings_of(declared, declared.scale("smoke"), one, embedded=True, changes={})
    reading = Reading(settings.model)
    with torch.device("meta"), Unfilled():
        paper.resolve(one.build)(reading, engine_of(declared).features(least(settings.data)))
    here = Here("files", system, settings)
    for field in fields(settings.model):
        only = rule(field).only
        if only is None or only.where.startswith("the system"):
            assert (field.name in reading._seen) is (only is None or only.holds(here)), field.name


def test_a_run_tells_what_it_used_and_no_more() -> None:
    declared = paper.load("bahdanau2015")
    kept: dict[str, dict[str, set[str]]] = {}
    for system in ("rnnsearch-50", "sutskever2014"):
        for kind, slug in (("embedded", "embedded"), ("files", "files-multi30k")):
            one = settings_of(
                declared,
                declared.scale("smoke"),
                declared.system(system),
                embedded=kind == "embedded",
                changes={},
            )
            run = Run(
                paper="bahdanau2015", system=system, scale="smoke", data=slug, seed=0, device="cpu",
                settings=one, stages={"fit": one}, corpus=Path("c"), fingerprint="0", root=Path("r"),
            )  # fmt: skip
            told = unused.told(run)
            kept[f"{system} {kind}"] = {section: set(values) for section, values in told.items()}
            assert all(one.json()[name][key] == value for name in told for key, value in told[name].items())
    made, given = kept["rnnsearch-50 embedded"], kept["rnnsearch-50 files"]
    assert made["data"] == {
        "limit",
        "valid_limit",
        "test_per_bin",
        "vocabulary",
        "source_vocabulary",
        "max_length",
    }
    assert given["data"] - made["data"] == {"train", "valid", "test", "languages", "links_from", "tokenizer"}
    assert made["data"] - given["data"] == {"test_per_bin"}
    assert {"layers", "reverse"} == kept["sutskever2014 files"]["model"] - given["model"]
    assert {"alignment", "maxout", "attention_implementation"} == given["model"] - kept[
        "sutskever2014 files"
    ]["model"]
    assert {"rho", "halve_every"} & made["training"] == {"halve_every"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"training.updates": "5"}, "a corpus is read with data.* alone; leave it out"),
        ({"rnnsearch-50:data.max_length": "5"}, "a corpus is read with data.* alone; leave it out"),
        ({"data.test": "a"}, "data.test changes nothing here: it is for data from files or a hub"),
        ({"data.tests": "a"}, "unknown setting 'data.tests'"),
    ],
)
def test_a_check_of_data_takes_what_it_looks_at(changes: dict[str, str], says: str) -> None:
    declared = paper.load("bahdanau2015")
    with pytest.raises(BadInput) as caught:
        unused.of_data(declared, "embedded", changes)
    assert says in str(caught.value)
    assert unused.of_data(declared, "files", {"data.test": "a,b"}).test == ("a", "b")
