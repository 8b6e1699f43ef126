"""The summarization corpus that is generated here. No file, no network; the same seed gives the same bytes.

A small world of news (``news``): 138 deeds that somebody does to somebody, somewhere, some day, told by 127
verbs; 186 surnames, 104 cities, 55 countries, 40 companies, bodies, courts, forces, crowds, documents,
cups. Words of a class follow their rank, surnames flatly: the rarest headline word is there 5 times in
30,000 items. An article has 1,240 words and a headline 1,040, numbers apart.

An *article* of 8 to 80 words tells one main event and, as there is room, others that are drawn alike: 1.0
finite clauses an article in the first bins of the test, 2.0 in the middle and 4.3 in the last. What is
background shows in the structure alone (``news.articles``): subordinate clauses before and behind, relative
clauses, quotations, reported speech, sentences on what is long past, further sentences.

A *headline* (4 to 13 words, 7.4 on average) is made from the main event by rules: attributions, times,
articles, hedges, first names and what stands in apposition are dropped; ``prime minister`` is ``pm`` and
``united nations`` is ``un``; the country gives its adjective or takes its place; a verb becomes present and
agrees with its subject, or gives way to another (acquires, buys) or to a noun (attacked, in attack on);
what will be is ``to`` be; number words become digits, but for the first word; ``a bill on energy`` is an
``energy bill``. Three in ten deeds with a second headline have it, which no model can know.

70 % of the headline words are copies of the word they come from, 28 % are other words for theirs, 2.5 % (in
on to as of at with by past found hold killed) come from none. Gold links tie each word to all it comes
from; those in the article are 1.1 a word, and a word at random is one of them in 4.0 % of the cases over
the test.

How far rules get, as ROUGE-1's F without stems by bin of the test: the first 8 words 0.60 0.40 0.25 0.17
0.14 0.12 0.11 0.12; the 8 rarest words 0.64 0.52 0.36 0.28 0.22 0.19 0.17 0.15; 9 words around the main
verb, which a reader of the structure finds in 99 of 100 articles, 0.61 0.45 0.37 0.36 0.36 0.34 0.33 0.32;
around a verb at random 0.61 0.44 0.29 0.20 0.17 0.15 0.14 0.10. The words that the headline's come from,
and no other: 0.70 in all bins. The first verb is the main one in 100 98 72 48 37 34 30 31 % of the
articles. Tests keep some of these.

What would make each claim fail here. Nothing below follows from how the corpus is made; one thing helps
attention: the words of an event stand together, so that one word of it leads to the next.

1. *Conditioning matters most*: fails if headlines are told by their own beginning. They are half, for
   frames are few: a verb tells what follows, and only names, numbers and places need the article. The gain
   must come from these, and from the first words.
2. *The neural language model beats the 5-gram*: fails if counts suffice, as they may: with few frames most
   contexts recur in tens of thousands of headlines.
3. *Word order helps the encoder*: fails if a vector of maxima loses more of the names than order gains. In
   short articles there is but one event, and the words alone tell it; in long ones only order tells which.
4. *Attention beats both*: fails against the convolution if what a word stands by matters more than where
   the last word was found: weights see single words and the headline so far, neither commas nor
   conjunctions, so the first word of a headline is as hard for attention as for a bag of words, but for
   what it smooths over.
5. *A better encoder gives a better ROUGE*: fails if both write of the wrong event as often, since ROUGE
   counts an event's words together, and a lower perplexity within the event gains little.
6. *Beam beats greedy*: fails if the first word decides, as it may: events are drawn alike, so no later word
   tells that the event is a wrong one.
7. *Writing freely beats the article's words*: fails if the 30 % that are no copies are mostly wrong, or if
   words of the article are as good (``killing`` for ``kills`` has the same stem).
8. *Extractive features help*: fails if the model copies rightly already, or if copied runs of words bring
   in the background, or articles and times, which headlines lack.
9. *They raise copying*: fails if what is not copied is certain, as ``pm`` is, whatever the weights; and
   tuning is free to give the features no weight, or less than none.
10. *Attention beats the rules*: fails on short articles, where the first words score 0.6, and for the
    nearest headline if frames alone score high.
11. *Attention is a soft alignment*: fails if the smoothing is used to look beside: a word whose neighbour
    is looked at is as good within two words. It fails too if weights go to verbs and commas near what is
    copied.
12. *Smoothing*: fails, either way, if neighbours help in finding names as much as they blur them.

Against real text it is small, clean and regular: an effect seen here says that the mechanism works, not how
much it gains on real text.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datasets import DatasetDict, Features, List, Value

from attnbench.corpora.generated import Seen, attempts, require_room, write_splits
from attnbench.corpora.summarization import news
from attnbench.corpora.summarization.news import events
from attnbench.corpora.summarization.news.lexicon import names, nouns

BINS = ((8, 10), *((low, low + 9) for low in range(11, 72, 10)))
"""Fewest and most words of an article in each bin of the test set."""

SHORT, LONG = (8, 24), (25, 50)
"""Fewest and most words of an article in either half of the training items; the test goes beyond."""

FEATURES = Features(
    {
        "id": Value("string"),
        "source": Value("string"),
        "target": Value("string"),
        "references": List(Value("string")),
        "links": List(List(Value("int32"))),
    }
)


BYTES = 300
"""An item on the disk, at the least."""

Row = tuple[Any, ...]
Span = tuple[int, int]


def summarization(
    seed: int = 0, train: int = 60_000, valid: int = 1000, test_per_bin: int = 100,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return articles with their headlines and gold links.

    Args:
        seed: changes every item; the lexicon stays.
        train, valid: items in these splits, half of each of ``SHORT`` and ``LONG``, but for chance.
        test_per_bin: items in each of ``BINS`` for the test set ``test``, sorted by bin.
        scratch: see ``generated.write_splits``.

    No article is in two splits, and none is twice in ``test`` or in ``valid``; ``train`` may repeat its own.
    A test set is the same whatever the sizes of the others. Raises ``BadInput`` for more than there is room
    for, and where a bin has no more articles.
    """
    test = len(BINS) * test_per_bin
    require_room(train + valid + test, BYTES, valid + test, scratch)
    seen = Seen()
    bins = (span for span in BINS for _ in range(test_per_bin))
    splits = {"test": _items(f"{seed}/test", bins, seen, "test")}
    for name, number in (("valid", valid), ("train", train)):
        splits[name] = _items(f"{seed}/{name}", _halves(f"{seed}/{name}/lengths", number), seen, name)
    return write_splits(splits, FEATURES, scratch, ("train", "valid", "test"))


def _halves(seed: str, number: int) -> Iterator[Span]:
    """Yield a span of lengths for each item."""
    rng = random.Random(seed)
    for _ in range(number):
        yield SHORT if rng.random() < 0.5 else LONG


def _items(seed: str, spans: Iterable[Span], seen: Seen, split: str) -> Iterator[Row]:
    """Yield an item for each span of lengths; none has an article in ``seen``.

    Articles are added to ``seen``, but for ``train``.
    """
    rng = random.Random(seed)
    for place, span in enumerate(spans):
        for _ in attempts(f"articles of {span[0]} to {span[1]} words"):
            item = news.item(rng, *span)
            source = " ".join(item.source)
            if source not in seen:
                break
        if split != "train":
            seen.add(source)
        target = " ".join(item.target)
        yield f"{split}/{place}", source, target, (target,), item.links


def description() -> str:
    """Return a few lines on the corpus, counted from the lexicon."""
    deeds = dict.fromkeys(deed for _, deed in events.ANY.items)
    headlines = sum(len(deed.told.heads) for deed in deeds)
    cities = sum(len(country.cities) for country in names.COUNTRIES)
    return (
        "News articles with headlines of a small world, with gold links; made from the seed.\n"
        f"{len(deeds)} deeds with {headlines} headlines, {len(names.SURNAMES)} surnames, "
        f"{len(names.FIRST_NAMES)} first names, {len(names.COUNTRIES)} countries, {cities} cities, "
        f"{len(names.COMPANIES)} companies, {len(nouns.TOPICS)} topics.\n"
        f"Training and validation have {SHORT[0]} to {LONG[1]} words an article, half of them at most "
        f"{SHORT[1]}; the test has bins of ten from {BINS[0][0]} to {BINS[-1][1]}."
    )
