"""Speech as the hub has it: local parquet files in the schema of timit_asr, and in a plain one, made ours."""

import io
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import soundfile
from of_the_hub import COMMIT, Put, stand_in

from attnbench.corpora import splits
from attnbench.corpora.speech import hub
from attnbench.errors import BadInput

REFERENCE = f"some/speech@{COMMIT}"


def audio(value: int, size: int = 1600, kind: str = "WAV") -> dict[str, Any]:
    held = io.BytesIO()
    soundfile.write(held, np.full(size, value, np.int16), 16_000, format=kind)
    return {"bytes": held.getvalue(), "path": "x.wav"}


def detail(*phones: tuple[int, int, str]) -> dict[str, list[Any]]:
    return dict(zip(("start", "stop", "utterance"), map(list, zip(*phones, strict=True)), strict=True))


PHONES = detail((0, 500, "h#"), (500, 900, "q"), (900, 1600, "ix"))


def timit(value: int, kind: str = "SX", **changes: Any) -> dict[str, Any]:
    row = {"file": "x", "audio": audio(value), "text": "She had.", "phonetic_detail": PHONES}
    return row | {"sentence_type": kind, "speaker_id": "fcjf0"} | changes


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    return stand_in("some/speech", tmp_path, monkeypatch, audio=datasets.Audio())


@pytest.mark.parametrize("limit", [None, 2])  # downloaded, streamed
def test_the_schema_of_timit_becomes_ours(put: Put, limit: int | None) -> None:
    train = [timit(1, "SA"), timit(2), timit(3, "SI"), timit(4)]
    put({"train": train, "test": [timit(5, audio={"bytes": None, "path": "/etc/passwd"}), timit(6)]})
    corpus, revision = hub.speech(REFERENCE, {"valid": ("test",)}, limit=limit)
    assert revision == COMMIT
    assert corpus["train"]["id"][:] == ["train/2", "train/3", "train/4"][: limit or 3]
    assert corpus["test"].to_list() == corpus["valid"].to_list() == [
        {"id": "test/2", "sound": b"\6\0" * 1600, "labels": "h# q ix", "ends": [500, 900, 1600], "pieces": 1}
    ]  # fmt: skip
    where = f"hub:{REFERENCE}"
    assert splits.left_out(corpus)[0] == (
        "train: 1 recordings of the sentences sa1 and sa2, which every speaker reads, left out, "
        f"the first {where} train row 1"
    )
    assert splits.left_out(corpus)[1] == (
        f"valid: 1 recordings with unreadable audio left out, the first {where} test row 1 "
        "(the row has no bytes)"
    )


def test_words_and_folded_phones(put: Put) -> None:
    put({name: [timit(1)] for name in ("train", "dev", "test")})
    words, _ = hub.speech(REFERENCE, {}, labels="words")
    assert words["valid"].to_list() == [
        {"id": "dev/1", "sound": b"\1\0" * 1600, "labels": "she had", "pieces": 1}
    ]
    folded, _ = hub.speech(REFERENCE, {}, phones="spoken")
    assert (folded["test"][0]["labels"], folded["test"][0]["ends"]) == ("ih", [1600])


@pytest.mark.parametrize("phones", ["AH0 | B", ["AH0", "b"]])
def test_phones_as_text_or_as_lists_have_no_times(put: Put, phones: Any) -> None:
    rows = [{"audio": audio(1, kind="FLAC"), "phones": phones}, {"audio": audio(2), "phones": None}]
    put(dict.fromkeys(("train", "dev", "test"), rows))
    corpus, _ = hub.speech(REFERENCE, {})
    for split in corpus.values():
        assert split["labels"][:] == ["ah b"] and "ends" not in split.column_names
        assert "1 recordings without labels left out" in split.info.description


def test_times_as_a_list_of_objects_are_the_same(put: Put) -> None:
    objects = [dict(zip(PHONES, one, strict=True)) for one in zip(*PHONES.values(), strict=True)]
    put({name: [timit(1, phonetic_detail=objects)] for name in ("train", "dev", "test")})
    assert hub.speech(REFERENCE, {})[0]["test"][0]["ends"] == [500, 900, 1600]


def test_missing_columns_and_broken_times_are_refused(put: Put) -> None:
    put({name: [{"sound": "x", "phones": "a"}] for name in ("train", "dev", "test")})
    with pytest.raises(BadInput, match="train has no column audio and text, only sound, phones"):
        hub.speech(REFERENCE, {}, labels="words")
    wrong = detail((0, 500, "h#"), (400, 900, "q"))
    put({name: [timit(1, phonetic_detail=wrong)] for name in ("train", "dev", "test")})
    with pytest.raises(BadInput, match="train row 1: q from 400 to 900 does not follow what ends at 500"):
        hub.speech(REFERENCE, {})


@pytest.mark.parametrize(
    "held",
    [
        {"start": [0, 500], "stop": [500], "utterance": ["h#", "q"]},
        {"start": None, "stop": None, "utterance": None},
        {"start": [0]},
        [{"start": None, "stop": 5, "utterance": "q"}],
        [{"start": 0, "stop": "x", "utterance": "q"}],
        [{"start": 0, "stop": 5}],
        [None],
        "0 5 q",
    ],
)
def test_times_of_another_shape_are_refused(put: Put, held: Any) -> None:
    put({name: [timit(1, phonetic_detail=held)] for name in ("train", "dev", "test")})
    with pytest.raises(BadInput, match="row 1: phonetic_detail has not a start, a stop and an utterance of"):
        hub.speech(REFERENCE, {})


@pytest.mark.parametrize("phones", [["a", None], [["a"]], [{"start": 0, "stop": 5, "utterance": None}]])
def test_phones_that_are_no_texts_are_refused(put: Put, phones: Any) -> None:
    column = "phonetic_detail" if isinstance(phones[0], dict) else "phones"
    kept = timit(1, **{column: phones})
    dropped = set() if column == "phonetic_detail" else {"phonetic_detail"}
    put({name: [{key: kept[key] for key in kept if key not in dropped}] for name in ("train", "dev", "test")})
    with pytest.raises(BadInput, match=f"row 1: {column} is (null|a list); it must be a text"):
        hub.speech(REFERENCE, {})
