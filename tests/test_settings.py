from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import pytest

from attnbench.errors import BadInput
from attnbench.settings import (
    DataSettings,
    ModelSettings,
    SearchSettings,
    Settings,
    TrainingSettings,
    digest,
    override,
    parse,
)
from attnbench.values import setting


@dataclass(frozen=True)
class _Data(DataSettings):
    names: tuple[str, ...] = ()
    sizes: tuple[int, ...] = (1,)
    limit: int | None = 5
    workers: int = setting(2, neutral=True)
    cased: bool = True
    share: float = 0.5
    name: str = "x"


@pytest.fixture
def settings() -> Settings:
    return Settings(_Data(), ModelSettings(), TrainingSettings(), SearchSettings())


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("data.names", "a", ("a",)),
        ("data.names", "europarl/train,b", ("europarl/train", "b")),
        ("data.names", ["a", "b"], ("a", "b")),
        ("data.names", (), ()),
        ("data.sizes", "3,40", (3, 40)),
        ("data.limit", "12", 12),
        ("data.limit", 12, 12),
        ("data.limit", "none", None),
        ("data.limit", "None", None),
        ("data.limit", None, None),
        ("data.cased", "false", False),
        ("data.cased", "True", True),
        ("data.cased", "0", False),
        ("data.cased", False, False),
        ("data.share", "1e-3", 0.001),
        ("data.share", "2", 2.0),
        ("data.name", "none", "none"),
        ("training.updates", "17", 17),
    ],
)
def test_text_is_read_as_the_field_s_type(key: str, text: object, value: object, settings: Settings) -> None:
    section, name = key.split(".")
    parsed = getattr(getattr(override(settings, {key: text}), section), name)
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("training.updates", "many", "training.updates='many' is not a whole number"),
        ("training.updates", "1.5", "training.updates='1.5' is not a whole number"),
        ("training.learning_rate", "fast", "training.learning_rate='fast' is not a number"),
        ("data.cased", "maybe", "data.cased='maybe' is not true or false"),
        ("data.limit", "some", "data.limit='some' is not a whole number"),
        ("data.sizes", "1,x", "data.sizes='x' is not a whole number"),
        ("training.updates", None, "training.updates=None is not a whole number"),
    ],
)
def test_another_type_is_refused(key: str, text: object, says: str, settings: Settings) -> None:
    with pytest.raises(BadInput) as caught:
        override(settings, {key: text})
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("training.update", "training.updates"),
        ("training.learningrate", "training.learning_rate"),
        ("beam", "decoding.beam"),
        ("decodign.beam", "decoding.beam"),
    ],
)
def test_an_unknown_key_suggests_the_nearest(key: str, nearest: str, settings: Settings) -> None:
    with pytest.raises(BadInput) as caught:
        override(settings, {key: "1"})
    message = str(caught.value)
    assert message.startswith(f"unknown setting '{key}'") and "\n" not in message
    assert nearest in message


def test_a_key_like_no_other_lists_them_all(settings: Settings) -> None:
    with pytest.raises(BadInput, match=r"choose from: data.cased, .*, training.weight_noise$"):
        override(settings, {"zzzzzz": "1"})


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("training.optimizer", "adan", "did you mean 'adam'?"),
        ("training.optimizer", "sdg", "did you mean 'sgd'?"),
        ("training.patience", "-1", "training.patience is -1; it must be at least 0 and at most 10000"),
        ("training.loss_per", "words", "did you mean 'word'?"),
        ("training.precision", "fp32", "did you mean 'fp16'?"),
        ("training.updates", "0", "training.updates is 0; it must be at least 1 and at most 1000000000000"),
        (
            "training.batch_size",
            "-3",
            "training.batch_size is -3; it must be at least 1 and at most 1000000000",
        ),
        ("decoding.beam", "0", "decoding.beam is 0; it must be at least 1 and at most 10000"),
    ],
)
def test_values_that_no_type_can_check(key: str, text: str, says: str, settings: Settings) -> None:
    with pytest.raises(BadInput) as caught:
        override(settings, {key: text})
    assert str(caught.value).endswith(says)


def test_override_changes_what_it_names_and_no_more(settings: Settings) -> None:
    changed = override(settings, {"training.updates": "9", "training.clip": "2", "decoding.beam": "3"})
    assert settings.training.updates == 1000
    assert isinstance(changed.decoding, SearchSettings)
    assert (changed.training.updates, changed.training.clip, changed.decoding.beam) == (9, 2.0, 3)
    same = [field.name for field in fields(TrainingSettings) if field.name not in ("updates", "clip")]
    assert all(getattr(changed.training, name) == getattr(settings.training, name) for name in same)
    assert changed.data is settings.data


def test_parse() -> None:
    assert parse(["a.b=c", "d.e=f=g", "h.i=", " j.k = l "]) == {
        "a.b": "c",
        "d.e": "f=g",
        "h.i": "",
        "j.k": "l",
    }
    for text in ("a.b", "=c", ""):
        with pytest.raises(BadInput, match="is not KEY=VALUE"):
            parse([text])


def test_the_digest_names_a_value() -> None:
    """It is the start of the SHA-256 of sorted JSON without blanks, so it stays the same everywhere."""
    expected = hashlib.sha256(b'{"a":[1,2],"b":{"c":null,"d":0.1}}').hexdigest()[:12]
    assert digest({"b": {"d": 0.1, "c": None}, "a": (1, 2)}) == expected
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})


def test_json_depends_on_every_setting_and_identity_on_those_that_matter(settings: Settings) -> None:
    plain = settings.json()
    assert plain["data"]["limit"] == 5 and plain["decoding"]["beam"] == 5
    assert override(settings, {"data.cased": "true"}).json() == plain
    for key in ("decoding.beam", "data.workers", "training.checkpoint_seconds", "decoding.batch_size"):
        changed = override(settings, {key: "7"})
        assert changed.json() != plain
        assert (changed.identity() == settings.identity()) is (key != "decoding.beam")
