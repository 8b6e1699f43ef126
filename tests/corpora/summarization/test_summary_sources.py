"""What is said of where summaries can be had: nothing that the code would refuse."""

from pathlib import Path

from datasets import Dataset

from attnbench import corpora
from attnbench.corpora import splits, tabular
from attnbench.corpora.summarization import files, sources
from attnbench.corpora.summarization.pairs import SOURCE, SUMMARY


def test_every_entry_can_be_parsed_and_says_where_it_was_seen() -> None:
    names = [entry.name for entry in sources.ENTRIES]
    assert len(set(names)) == len(names) == 9
    for entry in sources.ENTRIES:
        kind = corpora.parse(entry.data).kind
        assert entry.task == "summarization" and entry.licence and entry.size
        assert entry.page.startswith("https://") == (kind != "embedded")
        assert all("=" in setting for setting in entry.settings.split())
    assert {entry.data.partition(":")[0] for entry in sources.ENTRIES} == set(corpora.KINDS)


def test_pairs_written_by_the_format_are_read(tmp_path: Path) -> None:
    text = sources.FORMAT
    assert max(map(len, text.splitlines())) <= 120
    assert all(name in text for usual in splits.USUAL.values() for name in usual)
    assert ", ".join(SOURCE) in text and ", ".join(SUMMARY) in text
    assert all(name in text for name in (files.KEEP, *tabular.ENDINGS))
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.tsv").write_text("sentence\theadline\tkeep\na b\tb\t01\n")
    assert files.summaries(tmp_path, {})["valid"].to_list() == [
        {"id": "dev/1", "source": "a b", "target": "b", "references": ["b"], "links": [[0, 1]]}
    ]


def test_the_format_says_what_its_blanks_and_line_ends_are() -> None:
    text = " ".join(sources.FORMAT.split())
    assert "A line ends with LF or CR LF and with nothing else, such as U+2028." in text
    assert "a no-break space (U+00A0) is none" in text and "none, which cuts at the blanks alone" in text


def test_lengths_count_words_at_spaces_and_tabs_alone() -> None:
    split = Dataset.from_dict({"source": ["we saw\t10\u00a0000 . ", ""], "target": ["x\x85y z", "\u00a0"]})
    measured = {name: measure(split) for name, measure in sources.LENGTHS.items()}
    assert measured == {"source-length": [4, 0], "target-length": [2, 1]}
    assert sources.LABELS == () and sources.GOLD == "links"
