"""Bad input: one line that says what, where and how to mend it, exit code 2, nothing written."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Refused = Callable[..., str]

SYSTEMS = ["cho2014-grconv", "rnnencdec-30", "rnnencdec-50", "rnnsearch-30", "rnnsearch-50"]
SYSTEMS += ["rnnsearch-50-star", "sutskever2014"]
TEXT = {
    f"{name}.{language}": "a b c\nd e\n" for name in ("train", "valid", "test") for language in ("en", "fr")
}


def written(folder: Path) -> list[str]:
    """Return every file under ``out`` and ``work``."""
    return [str(path) for name in ("out", "work") for path in (folder / name).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["bahdanu2015"], ["unknown paper 'bahdanu2015'", "did you mean 'bahdanau2015'?"]),
        (["--systems", "rnnsearch-5"], ["unknown system of bahdanau2015", "did you mean 'rnnsearch-50'?"]),
        (["--systems", "zzz"], ["choose from: " + ", ".join(SYSTEMS)]),
        (["--scale", "smal"], ["unknown scale 'smal'", "did you mean 'small'?"]),
        (["--data", "embeded"], ["unknown kind of data 'embeded'", "did you mean 'embedded'?"]),
        (["--data", "embedded:x"], ["embedded takes nothing after it"]),
        (["--data", "files"], ["names no folder", "--data files:DIR"]),
        (["--data", "hub:wmt14"], ["hub:OWNER/NAME[:CONFIG][@REVISION]", "hub:wmt/wmt14:fr-en"]),
        (["--set", "training.update=5"], ["unknown setting 'training.update'", "'training.updates'?"]),
        (["--set", "updates=5"], ["unknown setting 'updates'", "'training.updates'?"]),
        (["--set", "training.updates"], ["is not KEY=VALUE", "training.updates=500"]),
        (["--set", "=5"], ["is not KEY=VALUE"]),
        (["--set", "rnnserch-50:training.updates=5"], ["unknown system", "did you mean 'rnnsearch-50'?"]),
        (["--set", "rnnsearch-50:training.update=5"], ["unknown setting", "'training.updates'?"]),
        (["--set", "rnnsearch-50:training.updates=x"], ["training.updates='x' is not a whole number"]),
        (["--set", "training.patience=-1"], ["training.patience is -1; it must be at least 0"]),
        (["--set", "training.updates=many"], ["training.updates='many' is not a whole number"]),
        (["--set", "training.updates=1.5"], ["training.updates='1.5' is not a whole number"]),
        (["--set", "training.clip=none"], ["training.clip='none' is not a number"]),
        (["--set", "decoding.normalise=perhaps"], ["is not true or false"]),
        (["--set", "training.updates=0"], ["training.updates is 0; it must be at least 1"]),
        (["--set", "training.optimizer=adm"], ["did you mean 'adam'?"]),
        (["--set", "model.initialisation=papr"], ["did you mean 'paper'?"]),
        (["--set", "data.languages=enfr"], ["is not SOURCE-TARGET, such as en-fr"]),
        (["--seeds", "0"], ["--seeds 0: at least one seed"]),
        (["--seeds", "-3"], ["--seeds -3: at least one seed"]),
        (["--label", "a/b"], ["--label a/b: letters, digits, - and _ only"]),
        (["--seeds", "2-1"], ["--seeds 2-1: at least one seed"]),
        (["--seeds", "1,2"], ["--seeds 1,2: neither a number, such as 3, nor seeds, such as 1-2"]),
        (["--device", "gpu"], ["unknown device 'gpu'; choose from: auto, cpu, cuda"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith(("-", "bah")) else "",
)
def test_reproduce_refuses(
    attnbench: Run, places: list[str], tmp_path: Path, words: list[str], parts: list[str], refused: Refused
) -> None:
    name = [] if words[0].startswith("bah") else ["bahdanau2015"]
    refused(attnbench("reproduce", *name, *words, *places), *parts)
    assert list(tmp_path.iterdir()) == []


def test_cuda_without_a_device_is_refused(
    attnbench: Run, places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    refused(
        attnbench("reproduce", "bahdanau2015", "--device", "cuda", *places), "no CUDA device", "--device cpu"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--out", "--work"])
def test_a_file_in_the_place_of_a_folder_is_refused(
    attnbench: Run, places: list[str], tmp_path: Path, option: str, refused: Refused, tiny: list[str]
) -> None:
    (tmp_path / "file").write_text("kept")
    said = attnbench("reproduce", "bahdanau2015", *tiny, *places, option, tmp_path / "file")
    refused(said, f"cannot write in {tmp_path / 'file'}", "choose another")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        (None, ["no folder", "--data files:DIR"]),
        (dict.fromkeys(TEXT), ["holds no NAME.en[.gz] or NAME.fr[.gz]", "data.languages"]),
        ({"train.fr": "a\n"}, ["train.en has 2 lines", "train.fr has 1"]),
        ({"test.en": "a\nb\nc\n"}, ["test.en has 3 lines", "test.fr has 2"]),
        ({"train.en": "", "train.fr": ""}, ["train.en is empty"]),
        ({"train.en": "\n\n"}, ["training split", "2 pairs with a blank side left out"]),
        ({"train.fr": None}, ["train.fr[.gz] is missing"]),
        ({"train.en": None, "train.fr": None}, ["no 'train' for the train split", "data.train=NAME"]),
        ({"test.en": None, "test.fr": None}, ["no 'test' for the test split", "data.test=NAME"]),
        ({"valid.en": "a\ncaf\xe9\n".encode("latin-1")}, ["valid.en line 2 is not UTF-8", "iconv"]),
        ({"test.fr": None, "test.fr.gz": gzip.compress(b"a\nb\n" * 99, mtime=0)[:-9]}, ["is not whole gzip"]),
        ({"test.align": "0-0\n"}, ["test.align has 1 lines but test has 2"]),
        ({"test.align": "0-0\n0-9\n"}, ["test.align line 2: link '0-9' points past 2 source or 2 target"]),
        ({"test.align": "0-0\n0:1\n"}, ["line 2: '0:1' is not a link"]),
    ],
)
def test_a_broken_corpus_is_refused_before_anything_is_written(
    attnbench: Run,
    places: list[str],
    tmp_path: Path,
    changes: dict[str, Any] | None,
    parts: list[str],
    refused: Refused,
    tiny: list[str],
) -> None:
    folder = tmp_path / "text"
    if changes is not None:
        folder.mkdir()
        for name, text in (TEXT | changes).items():
            if text is not None:
                (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    words = ["bahdanau2015", "--data", f"files:{folder}"]
    refused(attnbench("data", "check", *words), *parts)
    refused(attnbench("reproduce", *words, *tiny[:4], *places), *parts)
    assert written(tmp_path) == []


def test_the_hub_without_a_network_says_how_to_go_on(
    attnbench: Run, places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    said = attnbench(
        "reproduce", "bahdanau2015", "--scale", "smoke", "--data", "hub:wmt/wmt14:fr-en", *places
    )
    refused(said, "hub:wmt/wmt14:fr-en does not load", "--data embedded or --data files:DIR")
    assert written(tmp_path) == []


def test_offline_set_in_the_environment(refused: Refused, installed: Run) -> None:
    run = installed("data", "check", "bahdanau2015", "--data", "hub:wmt/wmt14:fr-en", HF_HUB_OFFLINE="1")
    refused(run, "--data embedded or --data files:DIR")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--metric", "blue"], ["unknown metric 'blue'; did you mean 'bleu'?"]),
        (["--format", "mdd"], ["unknown format 'mdd'; did you mean 'md'?"]),
        (["--decoding", "bean"], ["unknown decoding 'bean'; did you mean 'beam'?"]),
        (["--test", "tset"], ["unknown test 'tset'; did you mean 'test'?"]),
        (["--metric", "aer", "--decoding", "beam"], ["no aer", "beam", "--decoding forced"]),
        (["--by", "lenght"], ["unknown length 'lenght'; translation has length, source-length, target-"]),
        (["--by", "length", "--bins", "1,inf"], ["--bins '1,inf' must be two or more edges that rise"]),
        (["--by", "length", "--bins", "1,x"], ["--bins '1,x' are not numbers"]),
        (["--by", "length", "--bins", "9,3"], ["--bins '9,3' must be two or more edges that rise"]),
        (["--by", "length", "--bins", "9"], ["must be two or more edges"]),
        (["--bins", "1,9"], ["--bins are of a length, and none is named", "--by length"]),
        (["elsewhere"], ["unknown paper or results folder 'elsewhere'"]),
    ],
    ids=" ".join,
)
def test_compare_refuses(
    attnbench: Run, smoke: Path, words: list[str], parts: list[str], refused: Refused
) -> None:
    refused(attnbench("compare", *words, "--out", smoke / "out"), *parts)


def test_an_unknown_format_is_refused_before_a_figure_is_drawn(
    attnbench: Run, smoke: Path, tmp_path: Path, refused: Refused
) -> None:
    refused(
        attnbench("compare", "--out", smoke / "out", "--format", "x", "--plot", tmp_path / "a.png"), "format"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["compare", "claims"])
def test_no_results_is_one_line(attnbench: Run, tmp_path: Path, command: str, refused: Refused) -> None:
    refused(attnbench(command, "--out", tmp_path), f"no results under {tmp_path}", "attnbench reproduce")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["bahdanau2015/rnnsearch-30"], ["no finished run of bahdanau2015/rnnsearch-30"]),
        (["bahdanau2015/rnnsearch-50.7"], ["no finished run of", "run `attnbench reproduce bahdanau2015"]),
        (["bahdanau2015/rnnserch-50"], ["unknown system", "did you mean 'rnnsearch-50'?"]),
        (["bahdanau"], ["unknown paper 'bahdanau'; did you mean 'bahdanau2015'?"]),
        (["bahdanau2015", "--input", "missing.txt"], ["--input missing.txt cannot be read: No such file"]),
        (["bahdanau2015", "--input", "."], ["--input . cannot be read: Is a directory"]),
        (["bahdanau2015", "--input", "latin.txt"], ["--input latin.txt line 1 is not UTF-8", "iconv"]),
        (["bahdanau2015", "--output", "in.txt/below.txt"], ["cannot write in.txt/below.txt"]),
    ],
    ids=lambda value: value[0] if len(value) == 1 else " ".join(value[1:]),
)  # fmt: skip
def test_predict_refuses(
    attnbench: Run,
    smoke: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    parts: list[str],
    refused: Refused,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("a\n")
    Path("latin.txt").write_bytes("café\n".encode("latin-1"))
    given = ["--input", "in.txt"] if "--input" not in words else []
    refused(attnbench("predict", words[0], *given, *words[1:], "--work", smoke / "work"), *parts)


@pytest.mark.parametrize(
    ("words", "said", "command"),
    [
        ([], "Missing command", ""),
        (["work"], "Missing command", " work"),
        (["reproduce"], "Missing argument 'PAPER'", " reproduce"),
        (["claims", "--jsn"], "No such option: --jsn", " claims"),
        (["nope"], "No such command 'nope'", ""),
        (["list", "extra"], "Got unexpected extra argument", " list"),
    ],
)
def test_words_that_cannot_be_parsed_are_one_line(
    words: list[str], said: str, command: str, attnbench: Run
) -> None:
    refusal = attnbench(*words)
    assert refusal.code == 2 and refusal.err.count("\n") == 1
    assert refusal.err.startswith(f"attnbench: {said}")
    assert refusal.err.endswith(f"; see `attnbench{command} --help`\n")
