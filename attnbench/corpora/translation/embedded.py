"""The corpora that are generated here. No file, no network; the same seed gives the same bytes everywhere.

``translation`` is a small world in English and French (``grammar``), lower-case but for names and I, with
200 nouns, 60 adjectives, 63 verbs in three frames, 20 adverbs, 12 prepositions and 20 names: about 755
English and 1,200 French forms in 30,000 pairs. Words follow 1 / (rank + 2.7) within their class. It has
articles, adjectives, verbs and participles that agree in gender, number and person; adjectives before and
after the noun (bel, nouvel, vieil); elision, contraction and the aspirated h; negation in two parts, with
clitics inside; pronouns whose French gender only an earlier noun tells (subjects stand for subjects,
objects for objects); the perfect with avoir and être; possessors (the king 's house); relative, that- and
coordinated clauses. Long sentences are chains of clauses.

What no model can know. A fifth of the nouns have a free synonym (37 nouns, a quarter of the time), 20 have
a second sense, which the verb decides for its object and chance (a quarter) elsewhere; ``read`` and ``cut``
hide their tense. Always taking the likelier noun, all else right, scores BLEU 96.6 (2,100 test pairs), 96.3
to 97.3 in every bin.

What would make each claim fail here. Nothing below follows from how the corpus is made:

- *Attention beats the fixed vector*: fails if the vector holds a sentence, as it does for a few words or
  with a state large enough for the number of facts; words are few, and an encoder of enough width is not
  ruled out.
- *The fixed vector falls with length*: fails if the model learns to copy clause after clause out of its
  state. Clauses in a bin are no harder than in another: the oracle above is flat. A vector that scores as
  low on short sentences as on long ones fails the claim too: at a small budget a floor hides the fall.
- *Attention does not fall inside its cap*: fails if training sees too few long pairs (6 % have 41 to 50
  words) or stops early, if attention slips to another of the clauses that look alike, or if a pronoun loses
  its antecedent.
- *Attention falls beyond its cap*: fails if alignment depends on content and neighbours alone, since a
  longer sentence has no new word and no new rule, only more clauses.
- *Alignments agree with gold better than the diagonal*: fails for a model that attends to the diagonal, or
  one word late. The diagonal's error rate is 0.25 in the first bin and 0.44, 0.52, 0.54, 0.58, 0.59, 0.63
  in the next ones (0.57 over all), with 0.15 inversions a source word. One link a target word, all of them
  right where one exists, scores 0.03, because 0.05 French words a source word have no English one.

Against the paper's own data it is small, clean and regular: an effect seen here says that the mechanism
works, not how much it gains on real text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import DatasetDict, Features, List, Value

from attnbench.corpora.generated import Seen, attempts, require_room, write_splits
from attnbench.corpora.translation import grammar
from attnbench.corpora.translation.grammar import Sentence, lexicon

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


BYTES = 400
"""A pair on the disk, at the least."""

Row = tuple[Any, ...]


def translation(
    seed: int = 0, train: int = 30_000, valid: int = 200, test_per_bin: int = 100,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return sentence pairs with gold alignments.

    Args:
        seed: changes every sentence; the lexicon stays.
        train, valid: pairs in these splits; half have 4 to 14 source words, half 4 to 50, drawn uniformly.
            A pair with more than 50 words on the French side is drawn again, length and all.
        test_per_bin: test pairs in each of ``BINS``, all lengths of a bin as likely; sorted by bin.
        scratch: see ``generated.write_splits``.

    No source sentence is in two splits, and none is twice in ``test`` or in ``valid``; ``train`` may repeat
    its own. A test set is the same whatever the sizes of the others. Raises ``BadInput`` for more than there
    is room for, and where a bin has no more sentences.
    """
    test = len(BINS) * test_per_bin
    require_room(train + valid + test, BYTES, valid + test, scratch)
    seen = Seen()
    splits = {"test": _test(random.Random(f"{seed}/test"), test_per_bin, seen)}
    for name, number in (("valid", valid), ("train", train)):
        splits[name] = _mixed(random.Random(f"{seed}/{name}"), name, number, seen)
    return write_splits(splits, FEATURES, scratch, ("train", "valid", "test"))


def _test(rng: random.Random, per_bin: int, seen: Seen) -> Iterator[Row]:
    """Yield the pairs of each bin and add their sources to ``seen``."""
    for place, span in enumerate(BINS):
        for number in range(per_bin):
            sentence = _fresh(rng, span, seen)
            seen.add(" ".join(sentence.source))
            yield _row(f"test/{place * per_bin + number}", sentence)


def _mixed(rng: random.Random, name: str, number: int, seen: Seen) -> Iterator[Row]:
    """Yield pairs of the training lengths whose sources are not in ``seen``; add them but for ``train``."""
    for place in range(number):
        span = SHORT if rng.random() < 0.5 else LONG
        sentence = _fresh(rng, span, seen)
        while len(sentence.target) > LONG[1]:
            sentence = _fresh(rng, span, seen)
        if name != "train":
            seen.add(" ".join(sentence.source))
        yield _row(f"{name}/{place}", sentence)


def _between(rng: random.Random, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))


def _fresh(rng: random.Random, span: tuple[int, int], seen: Seen) -> Sentence:
    """Return a pair whose source is not in ``seen``, all lengths of ``span`` being as likely."""
    for _ in attempts(f"sentences of {span[0]} to {span[1]} words"):
        sentence = grammar.sentence(rng, _between(rng, *span))
        if " ".join(sentence.source) not in seen:
            break
    return sentence


def _row(name: str, sentence: Sentence) -> Row:
    return name, " ".join(sentence.source), " ".join(sentence.target), sentence.links, ()


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
        f"Training and validation have {LONG[0]} to {LONG[1]} source words, half of them drawn from "
        f"{SHORT[0]} to {SHORT[1]}; "
        f"the test has bins of ten from {BINS[0][0]} to {BINS[-1][1]}."
    )
