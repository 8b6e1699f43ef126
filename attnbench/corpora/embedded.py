"""The corpora that are generated here. No file, no network; the same seed gives the same bytes everywhere."""

from __future__ import annotations

import random

from datasets import Dataset, DatasetDict, Features, List, Value

from attnbench.corpora import grammar
from attnbench.corpora.grammar import Sentence, lexicon

BINS = tuple((max(low, grammar.SHORTEST), low + 9) for low in range(1, 71, 10))
"""First and last source length of each test bin, full stop included: 3 to 10, 11 to 20, ..., 61 to 70."""

SHORT, LONG = (4, 14), (4, 50)
"""First and last source length of either half of the training pairs; the test goes beyond."""

FEATURES = Features(
    {
        "id": Value("string"),
        "source": Value("string"),
        "target": Value("string"),
        "sure": List(List(Value("int32"))),
        "possible": List(List(Value("int32"))),
    }
)


def translation(seed: int = 0, train: int = 30_000, valid: int = 200, test_per_bin: int = 100) -> DatasetDict:
    """Return sentence pairs with gold alignments.

    Args:
        seed: changes every sentence; the lexicon stays.
        train, valid: pairs in these splits; half have 4 to 14 source words, half 4 to 50, drawn uniformly.
            A pair with more than 50 words on the French side is drawn again, length and all.
        test_per_bin: test pairs in each of ``BINS``, all lengths of a bin as likely; sorted by bin.

    No source sentence is in two splits, and none is twice in ``test`` or in ``valid``; ``train`` may repeat
    its own. A test set is the same whatever the sizes of the others.
    """
    seen: set[str] = set()
    splits = {"test": _test(random.Random(f"{seed}/test"), test_per_bin, seen)}
    for name, number in (("valid", valid), ("train", train)):
        splits[name] = _mixed(random.Random(f"{seed}/{name}"), number, seen, keep=name != "train")
    return DatasetDict({name: _columns(name, splits[name]) for name in ("train", "valid", "test")})


def _test(rng: random.Random, per_bin: int, seen: set[str]) -> list[Sentence]:
    """Return the pairs of each bin and add their sources to ``seen``."""
    drawn = []
    for span in BINS:
        for _ in range(per_bin):
            sentence = _fresh(rng, span, seen)
            seen.add(" ".join(sentence.source))
            drawn.append(sentence)
    return drawn


def _mixed(rng: random.Random, number: int, seen: set[str], keep: bool) -> list[Sentence]:
    """Return pairs of the training lengths whose sources are not in ``seen``; ``keep``: add them to it."""
    drawn = []
    for _ in range(number):
        span = SHORT if rng.random() < 0.5 else LONG
        sentence = _fresh(rng, span, seen)
        while len(sentence.target) > LONG[1]:
            sentence = _fresh(rng, span, seen)
        if keep:
            seen.add(" ".join(sentence.source))
        drawn.append(sentence)
    return drawn


def _between(rng: random.Random, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))


def _fresh(rng: random.Random, span: tuple[int, int], seen: set[str]) -> Sentence:
    """Return a pair whose source is not in ``seen``, all lengths of ``span`` being as likely."""
    while True:
        sentence = grammar.sentence(rng, _between(rng, *span))
        if " ".join(sentence.source) not in seen:
            return sentence


def _columns(split: str, sentences: list[Sentence]) -> Dataset:
    links = [[list(link) for link in sentence.links] for sentence in sentences]
    columns = {
        "id": [f"{split}/{number}" for number in range(len(sentences))],
        "source": [" ".join(sentence.source) for sentence in sentences],
        "target": [" ".join(sentence.target) for sentence in sentences],
        "sure": links,
        "possible": links,
    }
    return Dataset.from_dict(columns, features=FEATURES)


def description() -> str:
    """Return a few lines on the corpus, counted from the lexicon."""
    english, french = lexicon.forms()
    nouns = lexicon.PEOPLE + lexicon.ANIMALS + lexicon.THINGS
    verbs = [lexicon.INTRANSITIVE, lexicon.TRANSITIVE, lexicon.CLAUSAL]
    adjectives = lexicon.PRECEDING + lexicon.FOLLOWING
    return (
        "English-French sentences of a synchronous grammar, with gold word alignments; made from the seed.\n"
        f"{len(nouns)} nouns ({sum(n.second is not None for n in nouns)} with two senses, "
        f"{sum(n.synonym is not None for n in nouns)} with a free synonym), {len(adjectives)} adjectives, "
        f"{sum(map(len, verbs))} verbs in {len(verbs)} frames, "
        f"{len(lexicon.FREQUENCY) + len(lexicon.MANNER)} adverbs, {len(lexicon.PREPOSITIONS)} prepositions, "
        f"{len(lexicon.NAMES)} names: {len(english)} English and {len(french)} French forms.\n"
        f"Training and validation have {SHORT[0]} to {LONG[1]} source words (half of them at most {SHORT[1]}); "
        f"the test has bins of ten from {BINS[0][0]} to {BINS[-1][1]}."
    )
