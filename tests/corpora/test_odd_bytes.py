"""Small damage to text files, many times: each is read, or refused in one line; nothing else happens."""

import json
import random
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from attnbench.corpora.entailment import files as labelled
from attnbench.corpora.entailment import vectors
from attnbench.corpora.summarization import files as summarized
from attnbench.corpora.translation import files as parallel
from attnbench.errors import BadInput

ODD = [
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"\r", b"\r\n", b"\n", b"\t", b" ", b"  ",
    b"\xed\xa0\x80", "\u2028".encode(), "\u00a0".encode(), b'"', b"{", b"[", b",", b";", b"-", b"null",
    b"1e999", b"nan", b"1_0", b"9" * 5000, b"\\ud800", b"0-0", b"5p0",
]  # fmt: skip
VECTORS = b"4 3\nthe 1 2 3\ncat 4 5 6\n. . 7 8 9\nx 1 2 3\n"
TABLE = b"gold_label\tsentence1\tsentence2\nneutral\ta b\tc\n-\ta\tb\nentailment\tx\ty\n"
OBJECT = {"gold_label": "neutral", "sentence1": "a b", "sentence2": "\u00e9", "more": [1, {"a": None}]}
OBJECTS = (json.dumps(OBJECT) + "\n").encode() * 3
PAIRS = b"keep\tsentence\tsummary\n101\ta b c\ta c\n1\tx\tx\n00\ta b\t\n"
PAIR = {"article": "a b", "headlines": ["b", "\u00e9"], "keep": "01", "more": [1, {"a": None}]}
SIDE, LINKS = b"a b\nc d\ne\n", b"0-0 1?1\n0-0\n0p0\n"
NAMES = {"train": ("train",), "valid": ("train",), "test": ("train",)}


def _vectors(folder: Path, damaged: Callable[[bytes], bytes]) -> None:
    (folder / "vectors").write_bytes(damaged(VECTORS))
    vectors.read(folder / "vectors", ["the", "cat"], 3)


def _labelled(folder: Path, damaged: Callable[[bytes], bytes], ending: str, text: bytes) -> None:
    (folder / f"train.{ending}").write_bytes(damaged(text))
    labelled.sentence_pairs(folder, NAMES)


def _table(folder: Path, damaged: Callable[[bytes], bytes]) -> None:
    _labelled(folder, damaged, "tsv", TABLE)


def _objects(folder: Path, damaged: Callable[[bytes], bytes]) -> None:
    _labelled(folder, damaged, "jsonl", OBJECTS)


def _summarized(folder: Path, damaged: Callable[[bytes], bytes]) -> None:
    (folder / "train.tsv").write_bytes(damaged(PAIRS))
    (folder / "test.jsonl").write_bytes(damaged((json.dumps(PAIR) + "\n").encode() * 3))
    summarized.summaries(folder, {**NAMES, "test": ("test",)})


def _parallel(folder: Path, damaged: Callable[[bytes], bytes]) -> None:
    for ending, text in (("en", SIDE), ("fr", SIDE), ("align", LINKS)):
        (folder / f"train.{ending}").write_bytes(damaged(text))
    parallel.parallel_text(folder, ("en", "fr"), NAMES)


@pytest.mark.parametrize("read", [_vectors, _table, _objects, _parallel, _summarized])
def test_damage_is_read_or_refused_in_one_line(tmp_path: Path, read: Callable[..., None]) -> None:
    rng, said = random.Random(0), []

    def damaged(text: bytes) -> bytes:
        content = bytearray(text)
        for _ in range(rng.randint(0, 2)):
            place = rng.randint(0, len(content))
            content[place : place + rng.choice([0, 0, 1, 3, 20])] = rng.choice(ODD)
        return bytes(content)

    for _ in range(100):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                read(tmp_path, damaged)
        except BadInput as error:
            said.append(str(error))
    assert 30 < len(said) < 100, "some is harmless, much is not"
    assert not [text for text in said if not text.isprintable() or "dimension=0" in text or len(text) > 500]
