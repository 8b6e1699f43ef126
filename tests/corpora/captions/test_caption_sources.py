"""How raw pictures with captions are measured and described."""

from pathlib import Path

from datasets import Dataset

from attnbench.corpora import splits
from attnbench.corpora.captions import files, hub, naming, sources
from attnbench.corpora.captions.pictures import FORMATS, PIXELS


def test_lengths_are_of_objects_and_of_the_words_of_captions() -> None:
    rows = {"captions": [["A dog.", "Two red dogs run ."], ["t-shirt"]], "objects": [3, 1]}
    split = Dataset.from_dict(rows)
    measured = {name: list(measure(split)) for name, measure in sources.LENGTHS.items()}
    assert measured == {"objects": [3, 1], "target-length": [4.0, 1.0]}
    assert sources.LENGTHS["objects"](split.remove_columns("objects")) == []


def test_the_format_names_what_is_read() -> None:
    text = sources.FORMAT
    assert max(map(len, text.splitlines())) <= 120
    assert all(name in text for usual in splits.USUAL.values() for name in usual)
    wanted = "file split captions caption objects category polygons box image raw restval"
    assert all(name in text for name in [*wanted.split(), *files.MANIFESTS, *hub.COLUMNS, f"{PIXELS:,}"])
    endings = text.replace("jpg", "jpeg").replace("*.", "")
    assert all(name.lower() in endings for name in FORMATS)
    assert (Path(naming.__file__).parents[3] / "attnbench/corpora/captions/naming.py").is_file()
    assert "attnbench/corpora/captions/naming.py" in text
