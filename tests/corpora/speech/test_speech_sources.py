"""How raw speech is measured, named and described."""

from datasets import Dataset

from attnbench.corpora import fingerprint, splits
from attnbench.corpora.speech import sources
from attnbench.corpora.speech.phones import WAYS


def test_lengths_are_of_labels_seconds_and_pieces() -> None:
    rows = {"sound": [bytes(2 * 4000), b""], "labels": ["a b  c", ""], "pieces": [1, 3]}
    split = Dataset.from_dict(rows).select([1, 0, 1])
    measured = {name: list(measure(split)) for name, measure in sources.LENGTHS.items()}
    assert measured == {
        "target-length": [0, 3, 0], "source-length": [0.0, 0.25, 0.0], "pieces": [3, 1, 3],
    }  # fmt: skip


def test_the_format_names_what_is_read() -> None:
    text = sources.FORMAT
    assert max(map(len, text.splitlines())) <= 120
    assert all(name in text for usual in splits.USUAL.values() for name in usual)
    wanted = "file split phones61 text digit utt speaker type start_sample end_sample phone61 phonetic_detail"
    assert all(name in text for name in [*wanted.split(), *WAYS])


def corpus(last: bytes = b"\2\xff") -> dict[str, Dataset]:
    return {"train": Dataset.from_dict({"id": ["a", "b"], "sound": [b"\0\1", last]})}


def test_bytes_count_for_the_fingerprint() -> None:
    assert fingerprint(corpus()) == fingerprint(corpus())
    assert len({fingerprint(corpus(last)) for last in (b"\2\xff", b"\2\xfe", b"\2", b"")}) == 4
    assert len(fingerprint(corpus())) == 16


def test_texts_have_the_fingerprint_that_they_always_had() -> None:
    rows = {"id": [f"x/{place}" for place in range(2500)], "n": [[place] for place in range(2500)]}
    assert fingerprint({"train": Dataset.from_dict(rows)}) == "3f72d2efb5075425"
