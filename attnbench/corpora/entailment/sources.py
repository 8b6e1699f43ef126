"""Where labelled sentence pairs can be had, and how their plain files look."""

from __future__ import annotations

from attnbench.corpora.catalogue import Entry, words
from attnbench.corpora.entailment.labels import LABELS as LABELS

LENGTHS = {"premise-length": words("premise"), "hypothesis-length": words("hypothesis")}
"""How the task's lengths are measured in a raw split."""

GOLD = "links"
"""The column that is there where words are linked."""

_ESNLI = "https://github.com/OanaMariaCamburu/e-SNLI"

ENTRIES = (
    Entry(
        name="embedded-entailment",
        task="entailment",
        data="embedded",
        licence="Apache-2.0, as attnbench",
        size="generated from a seed, as many pairs as the scale asks for",
        page="attnbench/corpora/entailment/embedded.py",
        note="needs no network and no files; gold links from deciding words included",
    ),
    Entry(
        name="snli",
        task="entailment",
        data="hub:stanfordnlp/snli",
        licence="CC BY-SA 4.0",
        size="550,152 train, 10,000 validation, 10,000 test, pairs without a label among them",
        page="https://huggingface.co/datasets/stanfordnlp/snli/blob/main/README.md",
        note="the paper's data; pairs labelled -1 are left out of every split",
    ),
    Entry(
        name="e-snli",
        task="entailment",
        licence="MIT, says its repository; SNLI itself CC BY-SA 4.0",
        size="9,842 dev, 9,824 test",
        page=_ESNLI,
        note="SNLI's dev and test sets with explanations; write the columns below as tsv",
    ),
    Entry(
        name="snli-counterfactual",
        task="entailment",
        licence="Apache-2.0",
        size="8,330 train, 1,000 dev, 2,000 test",
        page="https://github.com/acmi-lab/counterfactually-augmented-data",
        note="SNLI pairs that people changed a little so that the label changes",
    ),
    Entry(
        name="sick",
        task="entailment",
        licence="CC BY-NC-SA",
        size="about 10,000 pairs",
        page="https://github.com/FTAsr/STS",
        note="captions; the same sentences recur across splits by construction",
    ),
    Entry(
        name="one-word-changed",
        task="entailment",
        settings="data.test=one_word_changed/test",
        licence="none stated in the repository",
        size="8,193 test",
        page="https://github.com/yakazimir/semantic_fragments",
        note="Breaking NLI: the hypothesis is the premise with a word replaced; 87 % contradiction, see "
        "accuracy-entailment and its like",
    ),
)

FORMAT = """\
files:DIR holds sentence pairs, one a line, UTF-8 without NUL, plain or gzip:
  NAME.tsv or NAME.tsv.gz        a header line with the names of the columns, blanks kept, no quoting
  NAME.jsonl or NAME.jsonl.gz    an object a line
A line ends with LF or CR LF and with nothing else, such as U+2028. A byte-order mark at a file's or a
line's beginning counts for nothing. Blanks are the space and, but in tsv files, where it parts columns, the
tab; a no-break space (U+00A0) is none. In jsonl files a text is a string, never null or a number, and a
line's end in one is read as a space.
Columns or fields, in any order, others passed over:
  sentence1                      the premise
  sentence2                      the hypothesis
  gold_label                     entailment, neutral or contradiction; - or -1 where people did not agree
Text is lower-cased and tokenised the same way whether it was tokenised before or not.
Settings:
  data.train=a,b/c               names, without ending; several are joined; they may reach into folders
  data.valid=d                   the same
  data.test=e,f/g                each a test set of its own, called by its last part where it alone has that
  data.limit=100000              the first so many training pairs only
  data.tokenizer=moses           cuts at every blank of Unicode; or none, which cuts at the blanks alone
  data.vectors=FILE              word vectors, in the text format of word2vec, GloVe or fastText, may be gzip:
                                 a word and its numbers a line, blanks (spaces, tabs) between them
  data.dimension=300             numbers a word vector
Left out, the names are: train; valid, val, dev or validation; test.
Pairs without a label are left out of every split, pairs with a blank side, one that shows nothing, of the
training set. In hub: sets a label is a name, or a number: as the set names it or, if it has no names for
them, 0 for entailment, 1 for neutral, 2 for contradiction, as in SNLI. There a text is a string, and a line's
end in one is read as a space; pairs with a null side, or with NUL in one, are left out of every split.
"""
