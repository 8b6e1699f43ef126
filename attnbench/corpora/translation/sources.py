"""Where parallel text can be had, and how its plain files look."""

from __future__ import annotations

from attnbench.corpora.catalogue import Entry, words

LENGTHS = {"source-length": words("source"), "target-length": words("target")}
"""How the task's lengths are measured in a raw split."""

LABELS = ()

GOLD = "sure"
"""The column that is there where words are linked."""

ENTRIES = (
    Entry(
        name="embedded",
        task="translation",
        data="embedded",
        licence="Apache-2.0, as attnbench",
        size="generated from a seed, as many pairs as the scale asks for",
        page="attnbench/corpora/translation/embedded.py",
        note="needs no network and no files; gold alignments included",
    ),
    Entry(
        name="wmt14",
        task="translation",
        data="hub:wmt/wmt14:fr-en",
        settings="data.languages=en-fr data.limit=1000000",
        licence="unknown, says its card",
        size="40,836,715 train, 3,000 validation, 3,003 test, as a copy (manu/wmt-en-fr) counts them",
        page="https://huggingface.co/datasets/wmt/wmt14/blob/d13b92df0a3b821eb4ccd60d2876e3c229c044d2/README.md"
        " and https://huggingface.co/datasets/manu/wmt-en-fr/blob/27f49023219a2826614138ad94332ed0424bd453/README.md",
        note="the paper's data before its selection of 348M words; without data.limit all is downloaded",
    ),
    Entry(
        name="multi30k-hub",
        task="translation",
        data="hub:bentrevett/multi30k",
        settings="data.languages=en-de",
        licence="none stated on its card",
        size="29,000 train, 1,014 validation, 1,000 test",
        page="https://huggingface.co/datasets/bentrevett/multi30k/blob/main/README.md",
        note="English and German captions; few sentences above 20 words, so no length experiment",
    ),
    Entry(
        name="multi30k",
        task="translation",
        settings="data.languages=en-fr data.valid=val data.test=test_2016_flickr",
        licence="none stated in its repository",
        size="29,000 train, 1,014 val, 1,000 test_2016_flickr",
        page="https://github.com/multi30k/dataset",
        note="English, French and German captions (task 1, raw); too short for the length experiment",
    ),
    Entry(
        name="europarl",
        task="translation",
        settings="data.languages=en-fr",
        licence="none stated in the repository",
        size="about 2 million pairs",
        page="https://github.com/mjlaali/Europarl-ConcoDisco",
        note="part of the paper's training text; strip the marks of connectives, and split it by sitting day",
    ),
    Entry(
        name="newstest",
        task="translation",
        settings="data.languages=en-fr data.valid=newstest2012,newstest2013 data.test=newstest2014",
        licence="none stated in the repository for these sets",
        size="3,003 newstest2012, 3,000 newstest2013, 3,003 newstest2014",
        page="https://github.com/Helsinki-NLP/OPUS-MT-testsets",
        note="the paper's validation and test sets",
    ),
    Entry(
        name="hansards-gold",
        task="translation",
        settings="data.languages=en-fr data.tokenizer=none",
        licence="none stated in the repository",
        size="37 trial and 447 test sentences with gold word alignments",
        page="https://github.com/uva-slpl/nlp2",
        note="HLT-NAACL 2003 shared task; tokenised already; alignments by Och and Ney, for AER only",
    ),
)

FORMAT = """\
files:DIR holds parallel text, one sentence a line, UTF-8 without NUL, plain or gzip:
  NAME.LANG or NAME.LANG.gz      not both; such as train.en.gz and train.fr.gz, whose lines belong together
  NAME.align or NAME.align.gz    optional, beside a validation or test set: gold word alignments
A line ends with LF or CR LF and with nothing else, such as U+2028. A byte-order mark at a file's or a
line's beginning counts for nothing. Blanks are space and tab; a no-break space (U+00A0) is none, so
10<U+00A0>000 is one word.
An alignment file has one line a sentence: links i-j (sure) and i?j or ipj (possible) separated by blanks. i
counts the words of the source, j those of the target, both from 0 (data.links_from=1: from 1), words split at
blanks. A set with links is not tokenised again.
Settings:
  data.languages=en-fr           source and target, the endings of the files; en:zh-CN where one has a hyphen
  data.train=a,b/c               names, without language; several are joined; they may reach into folders
  data.valid=d                   the same
  data.test=e,f/g                each a test set of its own, called by its last part where it alone has that
  data.limit=100000              the first so many training pairs only
  data.tokenizer=moses           cuts at every blank of Unicode; or none, which cuts at the blanks alone
  data.vocabulary=30000          words each side; data.source_vocabulary where the source has another number
Left out, the names are: train; valid, val, dev or validation; test.
Pairs with a blank side, one that shows nothing, are left out of the training set, never of the others.
In hub: sets a text is a string, and a line's end in one is read as a space; pairs with a null side, or with
NUL in one, are left out of every set.
"""
