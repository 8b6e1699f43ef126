"""The entailment corpus that is generated here. No file, no network; the same seed gives the same bytes.

A small world in English (``world``): 28 beings and 20 things in a tree of kinds, 34 verbs, 26 adjectives in
opposites, 6 colours with a shade each, 12 places, numbers, quantifiers and 24 synonyms; 282 word forms, all
words of a class equally frequent. A premise tells up to a dozen facts in clauses joined by and, while, but,
with relative clauses, adjectives, places, passives and negation. A hypothesis (3 to 11 words) asks about one
of them, one in eight with a relative clause too. Its label follows from the rules in ``world.logic``;
the world is open, so what no rule settles is neutral.

- *Entailment*: the same in other words (synonym, passive, relative clause, reordering, parts left out), a
  kind for its member, a colour for its shade, some or more than two for four, a member for every; not sad
  for happy; a denial of what is excluded.
- *Contradiction*: negation, opposite, other colour, place or number, another kind or a sibling in the tree
  as agent or patient, no for some, agent and patient turned.
- *Neutral*: more special than what is told, another dimension of the same thing, another action, another
  object or number, a denial that says too little.

No side alone tells the label. The hypothesis is drawn before its label. The forms of deciding facts have the
same frequencies under each label (``world.ways``), and beside the deciding fact, where there is room, stands
one about somebody else that would have given another label. Naive Bayes on 30,000 pairs, words and
neighbours of one side, scores between 33 and 36 %; a test keeps that. Sharing words with the premise does
tell something: the best guess from the number of hypothesis words that it lacks scores 47 % on ``test`` (57 %
in the first bin, 41 to 46 % in the others) and 51 % on ``valid``, whose premises are shorter.

Gold links tie each word of the hypothesis that says a part of what decides (who, did what, to whom, how many,
what, not) to the premise's words for that part, whether these say the same, more, or what excludes it. Every
such word decides, for another in its place could give another label. Where nothing decides, in neutral pairs,
no word is linked; nor is, in a contradiction, what only describes of whom it speaks.

What would make each claim fail here. Nothing below follows from how the corpus is made, though a start of
attention that matches words (below) favours attention over readers that have none:

- *Conditional encoding beats independent encodings*: fails if one vector holds all facts of a premise, as it
  may for short ones, or if the budget is too small for the second reader to use what it is handed.
- *Attention beats LSTMs of its size*: fails if the handed-over state holds what is asked, or if attention has
  not learned to find it: it has to learn for each word what it matches, from one label a pair.
- *Word by word beats attention at the end*: fails if one glimpse is enough. Most pairs turn on one word or
  two of one clause, and the state that looks has read the whole hypothesis.
- *Two-way attention does not help*: fails if reading the premise with the hypothesis in mind tells something
  more. Entailment is not symmetric here, and most of a premise is beside the point, so it might.
- *The ranking*: fails with any of the above, and if a larger LSTM gains more than attention does.
- *Copied words get the weight*: fails if the model looks at the end of a clause, where its LSTM has read
  all, or one word late, or at the verb for the noun. Contradictions often copy words of another clause, so
  weight on copied words is not always right; pointing at gold links is scored apart. A model whose attention
  starts by looking for states like its own points at copied words before any training: what training adds
  shows in linked words that are other words than their own, such as sad for happy.
- *Attention flattens with length, less so word by word*: fails if attention finds the deciding clause among
  ten as well as alone. What decides has the same number of words whatever the length, so nothing has to be
  spread out; and it fails if word by word spreads as well, having no clause to look at for words such as was.

Against real text it is small, clean and literal: there is no world knowledge, no vagueness, no annotator. An
effect seen here says that the mechanism works, not how much it gains on real text.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datasets import DatasetDict, Features, List, Value

from attnbench.corpora.entailment import world
from attnbench.corpora.entailment.world import LABELS, Question, lexicon, ways
from attnbench.corpora.generated import Seen, attempts, require_room, write_splits

BINS = ((4, 10), (11, 20), (21, 30), (31, 40), (41, 50))
"""First and last premise length, in words, of each bin of a test set."""

SPANS = ((4, 10), (4, 14), (4, 24), (4, 40))
"""First and last premise length of each quarter of the training pairs; the last bin of a test goes beyond.

Many are short: there it is learned first to read one sentence beside another.
"""

KEPT = 8
"""One in so many combinations of a noun with a verb or value is kept for the test set ``unseen``."""

FEATURES = Features(
    {
        "id": Value("string"),
        "premise": Value("string"),
        "hypothesis": Value("string"),
        "label": Value("string"),
        "links": List(List(Value("int32"))),
    }
)


BYTES = 140
"""A pair on the disk, at the least."""

Row = tuple[Any, ...]
Span = tuple[int, int]


def entailment(
    seed: int = 0, train: int = 30_000, valid: int = 1000, test_per_bin: int = 200,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return pairs of a premise and a hypothesis with labels and gold links.

    Args:
        seed: changes every pair; the lexicon stays.
        train, valid: pairs in these splits, as many from each of ``SPANS``, but for chance.
        test_per_bin: pairs in each of ``BINS`` for the test sets ``test`` and ``unseen``; sorted by bin.
        scratch: see ``generated.write_splits``.

    All lengths of a span are as likely, from the words that the deciding clause takes. Labels take turns, so
    their numbers differ by one at most, in each bin and in each split. Combinations of the hypothesis' first
    noun with its verb or value are the same in all splits but ``unseen``, whose combinations no other has.
    No premise is in two splits, and none is twice in ``test``, ``unseen`` or ``valid``; ``train`` may repeat
    its own. A test set is the same whatever the sizes of the others. Raises ``BadInput`` for more than there
    is room for, and where a bin has no more premises.
    """
    test = 2 * len(BINS) * test_per_bin
    require_room(train + valid + test, BYTES, valid + test, scratch)
    seen = Seen()
    splits = {}
    for name in ("test", "unseen"):
        spans = ((span, number) for span in BINS for number in range(test_per_bin))
        splits[name] = _pairs(f"{seed}/{name}", spans, seen, name)
    for name, number in (("valid", valid), ("train", train)):
        splits[name] = _pairs(f"{seed}/{name}", _spans(f"{seed}/{name}/lengths", number), seen, name)
    return write_splits(splits, FEATURES, scratch, ("train", "valid", "test", "unseen"))


def kept(asked: Question) -> bool:
    """Return whether what is said of whom is kept for the test set ``unseen``."""
    return zlib.crc32(" ".join(asked.combination).encode()) % KEPT == 0


def _spans(seed: str, number: int) -> Iterator[tuple[Span, int]]:
    """Yield a span for each pair, and its number."""
    rng = random.Random(seed)
    for turn in range(number):
        yield SPANS[int(rng.random() * len(SPANS))], turn


def _pairs(seed: str, spans: Iterable[tuple[Span, int]], seen: Seen, split: str) -> Iterator[Row]:
    """Yield a pair for each span of premise lengths and turn of the label; none has a premise in ``seen``.

    Premises are added to ``seen``, but for ``train``. The hypothesis is drawn before the label counts, and is
    kept where the premise is drawn again.
    """
    rng = random.Random(seed)
    for place, (span, turn) in enumerate(spans):
        asked = world.ask(rng, span[1])
        while kept(asked) != (split == "unseen"):
            asked = world.ask(rng, span[1])
        for _ in attempts(f"premises of {span[0]} to {span[1]} words"):
            pair = world.pair(rng, LABELS[turn % 3], span, asked)
            premise = " ".join(pair.premise)
            if premise not in seen:
                break
        if split != "train":
            seen.add(premise)
        yield f"{split}/{place}", premise, " ".join(pair.hypothesis), pair.label, pair.links


def description() -> str:
    """Return a few lines on the corpus, counted from the lexicon."""
    beings, things = len(lexicon.BEING_LEAVES), len(lexicon.THING_LEAVES)
    verbs = [lexicon.CLASSES["deed"]["L"], lexicon.CLASSES["work"]["L"], lexicon.COUNTABLE, lexicon.ACTS]
    values = [*lexicon.CLASSES["mood"]["K"], *lexicon.CLASSES["trait"]["K"]]
    return (
        "Premises and hypotheses about a small world, with labels by its rules and gold links; made from the "
        "seed.\n"
        f"{beings} beings and {things} things in a tree of kinds, {sum(map(len, verbs))} verbs, "
        f"{len(values)} adjectives in opposites, {len(lexicon.COLOURS)} colours with a shade each, "
        f"{len(lexicon.CLASSES['place']['L'])} places, {len(lexicon.NUMBERS)} numbers, 4 quantifiers, "
        f"{len(lexicon.SYNONYMS)} synonyms; {len(ways.fitted())} ways to a label.\n"
        f"Training and validation have premises of {SPANS[0][0]} to {SPANS[-1][1]} words, a quarter each of "
        f"at most {', '.join(str(last) for _, last in SPANS)}; each test set has bins of ten from "
        f"{BINS[0][0]} to {BINS[-1][1]}. The test set unseen has pairs of noun and predicate that no other "
        "hypothesis has."
    )
