"""Where sentences with summaries can be had, and how their plain files look."""

from __future__ import annotations

from attnbench.corpora.catalogue import Entry, words

LENGTHS = {"source-length": words("source"), "target-length": words("target")}
"""How the task's lengths are measured in a raw split."""

LABELS = ()

GOLD = "links"
"""The column that is there where words are linked."""

_HEADLINES = "https://github.com/complementizer/rl-sentence-compression"

ENTRIES = (
    Entry(
        name="embedded-summarization",
        task="summarization",
        data="embedded",
        licence="Apache-2.0, as attnbench",
        size="generated from a seed, as many pairs as the scale asks for",
        page="attnbench/corpora/summarization/embedded.py",
        note="needs no network and no files; gold links of headline words included",
    ),
    Entry(
        name="gigaword",
        task="summarization",
        data="hub:Harvard/gigaword@refs/convert/parquet",
        licence="MIT, says its card; the articles themselves are under an agreement with the LDC",
        size="3,803,957 train, 189,651 validation, 1,951 test",
        page="https://huggingface.co/datasets/Harvard/gigaword",
        note="the paper's data as most later work has it: digits are #, rare words UNK; the main branch is a "
        "script, which is never run, so the hub's conversion is named; without data.limit all is downloaded",
    ),
    Entry(
        name="sentence-compression",
        task="summarization",
        settings="data.train=sentence_compression/train data.valid=sentence_compression/valid "
        "data.test=sentence_compression/test_eval1000,sentence_compression/test data.numbers=words",
        licence='none stated in the repository, which provides it "as is"',
        size="about 200,000 train, 10,000 evaluation",
        page="https://github.com/google-research-datasets/sentence-compression",
        note="the words of a news sentence that its headline asks for (Filippova and Altun); with the marks "
        "of what is kept as a column keep there are gold links; test_eval1000: the first 1,000 of evaluation",
    ),
    Entry(
        name="reuters-headlines",
        task="summarization",
        settings="data.train=reuters_headline/train data.valid=reuters_headline/valid "
        "data.test=reuters_headline/test",
        licence="none stated in the repository; the collection itself (Reuters-21578) is free for research",
        size="21,578 articles of 1987",
        page="https://github.com/jakecyr/TextClassification",
        note="real headlines, but few: write the first sentence and the headline of each article as tsv",
    ),
    Entry(
        name="gigaword-headlines",
        task="summarization",
        settings="data.test=headline_tests/gigaword_test",
        licence="none stated in the repository; the articles are under an agreement with the LDC",
        size="1,951 test",
        page=_HEADLINES,
        note="the usual test set; digits are #, rare words UNK",
    ),
    Entry(
        name="duc2004",
        task="summarization",
        settings="data.test=headline_tests/duc2004",
        licence="none stated in the repository; the articles are under an agreement with NIST",
        size="500 test, four references each",
        page=_HEADLINES,
        note="task 1 of DUC 2004, scored at 75 bytes; what is searched for 75 bytes asks for a test set of "
        "this name",
    ),
    Entry(
        name="newsroom-headlines",
        task="summarization",
        settings="data.test=headline_tests/newsroom",
        licence="none stated in the repository",
        size="280 test",
        page=_HEADLINES,
        note="headlines of newspapers of today, cased, not tokenised",
    ),
    Entry(
        name="broadcast-news",
        task="summarization",
        settings="data.test=headline_tests/broadcast",
        licence="none stated in the repository",
        size="1,370 test, three references each",
        page=_HEADLINES,
        note="compressions of spoken news by people (Clarke and Lapata); long summaries, no headlines",
    ),
    Entry(
        name="bnc-written",
        task="summarization",
        settings="data.test=headline_tests/bnc",
        licence="none stated in the repository",
        size="1,629 test",
        page=_HEADLINES,
        note="compressions of written text by people (Clarke and Lapata); long summaries, no headlines",
    ),
)

FORMAT = """\
files:DIR holds sentences with summaries, a pair a line, UTF-8 without NUL, plain or gzip:
  NAME.tsv or NAME.tsv.gz        a header line with the names of the columns, blanks kept, no quoting
  NAME.jsonl or NAME.jsonl.gz    an object a line
A line ends with LF or CR LF and with nothing else, such as U+2028. A byte-order mark at a file's or a
line's beginning counts for nothing. Blanks are the space and, but in tsv files, where it parts columns, the
tab; a no-break space (U+00A0) is none. In jsonl files a text is a string, never null or a number, and a
line's end in one is read as a space.
Columns or fields, in any order, others passed over; of several names the first that is there is read, in
this order, and a file's first line decides:
  sentence_raw, document, article, sentence
                                 the source
  compression_raw, summary, headlines, headline, compression
                                 the summary; in jsonl files it may be a list of texts, the references: the
                                 first is trained on, blank ones are passed over, an empty list is refused
  keep                           optional: a mark 0 or 1 for each word of the source, cut at blanks, such as
                                 1101; the words marked 1 must be those of the summary, in their order. They
                                 are the gold links of a split all of whose files have them; such text is not
                                 tokenised again
Text is lower-cased; UNK and <unk> are the unknown word. ROUGE is taken against the references as written.
A summary may be longer than its source.
Settings:
  data.train=a,b/c               names, without ending; several are joined; they may reach into folders
  data.valid=d                   the same
  data.test=e,f/g                each a test set of its own, called by its last part where it alone has that;
                                 those called duc2003 and duc2004 are searched for 75 bytes too
  data.limit=100000              the first so many training pairs only
  data.tokenizer=treebank        as in the Penn Treebank; text that is tokenised already stays as it is, and
                                 <unk> and words with # are never cut; or none, which cuts at the blanks alone
  data.numbers=digits            every digit becomes #; or words: a word with a digit becomes ##, as in the
                                 files of sentence compression
  data.vocabulary=30000          words each side; data.source_vocabulary where the source has another number
  data.least_count=5             words that the training text has fewer times are unknown
Left out, the names are: train; valid, val, dev or validation; test.
Pairs with a blank side, one that shows nothing, are left out of the training set, pairs whose summaries are
all blank of the other sets, where a blank source stays; how many were is told. In hub: sets columns are
called as above, a text is a string, and a line's end in one is read as a space; pairs with a null side, or
with NUL in one, are left out of every set, and such texts of a list are passed over.
"""
