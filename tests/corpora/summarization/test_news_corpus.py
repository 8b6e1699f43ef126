"""The generated corpus of articles and headlines: splits, lengths, links, vocabulary, the same bytes."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from datasets import DatasetDict

from attnbench.corpora.summarization import embedded

UNLINKED = {"in", "on", "to", "as", "of", "at", "with", "by", "past", "found", "hold", "killed"}
"""The words that headlines have from no word of the article: of nominalisations, mostly."""


@pytest.fixture(scope="module")
def corpus() -> DatasetDict:
    return embedded.summarization(train=6000, valid=100, test_per_bin=20)


class Word:
    """A headline word with the article's words that it comes from."""

    def __init__(self, text: str, sources: list[str]) -> None:
        self.text, self.sources = text, sources


def words(corpus: DatasetDict) -> Iterator[Word]:
    for row in corpus["train"]:
        source = row["source"].split(" ")
        linked = defaultdict(list)
        for target, place in row["links"]:
            linked[target].append(source[place])
        for place, text in enumerate(row["target"].split(" ")):
            yield Word(text, linked[place])


def test_sizes_ids_and_columns(corpus: DatasetDict) -> None:
    sizes = {name: len(split) for name, split in corpus.items()}
    assert sizes == {"train": 6000, "valid": 100, "test": 160}
    assert corpus["test"][17]["id"] == "test/17"
    assert all(split.features == embedded.FEATURES for split in corpus.values())
    row = corpus["valid"][3]
    assert row["references"] == [row["target"]]


def test_splits_share_no_article(corpus: DatasetDict) -> None:
    for one, other in itertools.combinations(corpus, 2):
        assert not set(corpus[one]["source"]) & set(corpus[other]["source"])
    assert len(set(corpus["test"]["source"])) == 160
    assert len(set(corpus["valid"]["source"])) == 100


def test_bins_are_exact(corpus: DatasetDict) -> None:
    assert embedded.BINS[0] == (8, 10)
    assert embedded.BINS[1:] == ((11, 20), (21, 30), (31, 40), (41, 50), (51, 60), (61, 70), (71, 80))
    lengths = [len(source.split(" ")) for source in corpus["test"]["source"]]
    for number, (low, high) in enumerate(embedded.BINS):
        assert all(low <= length <= high for length in lengths[20 * number : 20 * number + 20])


def test_training_keeps_to_its_lengths(corpus: DatasetDict) -> None:
    lengths = Counter(len(source.split(" ")) for source in corpus["train"]["source"])
    assert set(lengths) == set(range(8, 51))
    assert sum(lengths[length] for length in range(8, 25)) / 6000 == pytest.approx(0.5, abs=0.02)
    assert min(lengths.values()) > 20


def test_headlines_are_short(corpus: DatasetDict) -> None:
    lengths = Counter(len(target.split(" ")) for target in corpus["train"]["target"])
    assert sum(lengths[length] for length in range(5, 12)) / 6000 > 0.99
    assert sum(length * number for length, number in lengths.items()) / 6000 == pytest.approx(7.4, abs=0.1)


def test_links_are_sound(corpus: DatasetDict) -> None:
    for split in corpus.values():
        for row in split:
            source, target = row["source"].split(" "), row["target"].split(" ")
            assert len({tuple(link) for link in row["links"]}) == len(row["links"])
            assert all(0 <= t < len(target) and 0 <= s < len(source) for t, s in row["links"])
            lacking = set(range(len(target))) - {t for t, _ in row["links"]}
            assert {target[place] for place in lacking} <= UNLINKED


def test_shares_of_copies_and_paraphrases(corpus: DatasetDict) -> None:
    found = Counter(
        "new" if not word.sources else "copied" if word.text in word.sources else "other"
        for word in words(corpus)
    )
    shares = {name: number / found.total() for name, number in found.items()}
    assert shares == pytest.approx({"copied": 0.695, "other": 0.28, "new": 0.025}, abs=0.01)


def test_paraphrases_are_regular(corpus: DatasetDict) -> None:
    """What a headline word is for: the words it comes from, but for itself."""
    whence = defaultdict(set)
    for word in words(corpus):
        whence[word.text].update(word.sources)
    assert whence["us"] == {"united", "states", "american"}
    assert whence["pm"] == {"prime", "minister"}
    assert whence["kills"] <= {"killed", "killing"}
    assert whence["spying"] == {"espionage"}
    assert whence["mln"] == {"million"}
    assert whence["buys"] == {"bought", "acquired", "purchased"}


def test_verbs_agree(corpus: DatasetDict) -> None:
    """Troops attack, the army attacks."""
    several, one = Counter[str](), Counter[str]()
    for target in corpus["train"]["target"]:
        tokens = target.split(" ")
        for noun, verb in itertools.pairwise(tokens):
            if noun in ("troops", "police", "rebels", "workers", "gunmen"):
                several[verb] += 1
            if noun in ("army", "pm", "president", "court", "govt"):
                one[verb] += 1
    bases = (
        "attack",
        "kill",
        "arrest",
        "hold",
        "capture",
        "free",
        "clash",
        "wound",
        "kidnap",
        "protest",
        "surround",
    )
    assert sum(several[base] for base in bases) > 100
    assert sum(several[base + "s"] for base in bases) == 0
    thirds = (
        "jails",
        "clears",
        "convicts",
        "visits",
        "urges",
        "rejects",
        "kills",
        "orders",
        "backs",
        "condemns",
    )
    assert sum(one[third] for third in thirds) > 100
    assert sum(one[third.removesuffix("s")] for third in thirds if third != "kills") == 0


def test_vocabulary(corpus: DatasetDict) -> None:
    """Words, numbers apart."""
    for column, low, high in (("source", 1150, 1300), ("target", 900, 1100)):
        counts = Counter(word for text in corpus["train"][column] for word in text.split(" "))
        known = {word: number for word, number in counts.items() if not any(map(str.isdigit, word))}
        assert low < len(known) < high
        assert all(word == word.lower() for word in known)


def test_copying_the_right_words_is_not_enough_and_the_first_are_worse(corpus: DatasetDict) -> None:
    """ROUGE-1's F of simple rules, without stems, on articles of more than 20 words."""
    found = defaultdict(list)
    for row in corpus["test"].select(range(40, 160)):
        source, target = row["source"].split(" "), row["target"].split(" ")
        right = sorted({place for _, place in row["links"]})
        found["first words"].append(overlap(source[:8], target))
        found["right words"].append(overlap([source[place] for place in right], target))
    means = {name: sum(scores) / len(scores) for name, scores in found.items()}
    assert means == pytest.approx({"first words": 0.14, "right words": 0.70}, abs=0.05)


def overlap(one: list[str], other: list[str]) -> float:
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))


def test_bytes() -> None:
    made = embedded.summarization(train=200, valid=20, test_per_bin=5)
    text = "".join(repr(sorted(row.items())) for split in made.values() for row in split)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "698cd1c237599045"


def test_seeds_differ_and_sizes_do_not_matter(corpus: DatasetDict) -> None:
    smaller = embedded.summarization(train=100, valid=100, test_per_bin=20)
    assert smaller["test"]["source"][:] == corpus["test"]["source"][:]
    assert smaller["train"]["target"][:] == corpus["train"]["target"][:100]
    other = embedded.summarization(seed=1, train=100, valid=20, test_per_bin=20)
    assert not set(other["test"]["source"]) & set(corpus["test"]["source"])


def test_description_counts_the_lexicon() -> None:
    text = embedded.description()
    assert "186 surnames" in text
    assert "104 cities" in text
    assert "8 to 50 words an article" in text
