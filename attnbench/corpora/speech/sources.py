"""Where speech can be had, and how its plain files look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from attnbench.corpora.catalogue import Entry, words
from attnbench.corpora.speech import RATE

if TYPE_CHECKING:
    from datasets import Dataset

_BYTES = 2 * RATE
"""Of a second of sound."""

_BATCH = 500


def _seconds(split: Dataset) -> list[float]:
    """Return how long each utterance is; no sound is looked at."""
    tables = split.select_columns(["sound"]).with_format("arrow").iter(batch_size=_BATCH)
    return [size / _BYTES for table in tables for size in pc.binary_length(table["sound"]).to_pylist()]


LENGTHS = {
    "target-length": words("labels"),
    "source-length": _seconds,
    "pieces": lambda split: list(split["pieces"]),
}
"""How the task's lengths are measured in a raw split."""

LABELS = ()

GOLD = "ends"
"""The column that is there where it is known when each label is heard."""

ENTRIES = (
    Entry(
        name="embedded-speech",
        task="recognition",
        data="embedded",
        licence="Apache-2.0, as attnbench",
        size="synthesised from a seed, as many utterances as the scale asks for",
        page="attnbench/corpora/speech/embedded.py",
        note="needs no network and no files; real waveforms, and every phone's times are known exactly",
    ),
    Entry(
        name="timit",
        task="recognition",
        licence="that of the Linguistic Data Consortium, LDC93S1; to be bought there",
        size="3,696 train, 400 dev, 192 core test, without the sentences sa1 and sa2",
        page="https://catalog.ldc.upenn.edu/LDC93S1",
        note="the paper's data; DIR holds TRAIN and TEST as the LDC gives them out; dev and core test "
        "speakers are those of Kaldi's recipe; the times of phones are read",
    ),
    Entry(
        name="timit_nltk",
        task="recognition",
        settings="data.train=timit_nltk/train data.valid=timit_nltk/dev data.test=timit_nltk/test",
        licence="CC BY-NC-SA, as the sample's readme says; the recordings are the LDC's",
        size="160 utterances of 16 speakers of TIMIT, with the times of phones and words",
        page="https://www.nltk.org/nltk_data/",
        note="a sample of real TIMIT, too small to learn from: to see whether attention finds the phones",
    ),
    Entry(
        name="speechocean762",
        task="recognition",
        settings="data.train=speechocean762/train data.valid=speechocean762/dev "
        "data.test=speechocean762/test",
        licence='"available for free download for both commercial and non-commercial purposes"',
        size="5,000 sentences, 250 speakers, about 5.6 hours",
        page="https://github.com/jimbozhang/speechocean762",
        note="read English of Mandarin speakers, half of them children; phones of each word, no times; with "
        "data.phones=spoken the labels are those that TIMIT's fold onto",
    ),
    Entry(
        name="fsdd",
        task="recognition",
        settings="data.train=fsdd/train data.valid=fsdd/dev data.test=fsdd/test data.labels=words "
        "data.strings=10",
        licence="CC BY-SA 4.0",
        size="3,000 single digits, 6 speakers",
        page="https://github.com/Jakobovski/free-spoken-digit-dataset",
        note="digits at 8,000 samples a second, joined to strings with exact times; it has no dev set: call "
        "some training rows dev in the manifest",
    ),
)

FORMAT = """\
files:DIR holds recordings and a manifest that says what is heard in them, a recording a row:
  manifest.tsv or manifest.jsonl    UTF-8 without NUL, may be packed (.gz); tsv: a header line with the names
                                    of the columns, blanks kept, no quoting; jsonl: an object a line
  *.wav *.flac *.ogg *.opus ...     recordings, as they are or inside plain tar files beside the manifest,
                                    which are never unpacked; NIST sphere too; the content tells the kind
  phones.tsv or phones.jsonl        optional: when each phone is heard
A line ends with LF or CR LF and with nothing else, such as U+2028.
Columns or fields of the manifest, in any order, others passed over; of several names the first that is there
is read, in this order:
  file                           the recording: a path relative to the manifest, or its name in a tar file
  split                          the set it belongs to, such as train, dev, test
  phones, phones61               phones between blanks: read in lower case, stress digits and | are dropped
  text, digit                    words: read in lower case, punctuation is dropped; or one digit
  utt                            optional: the name of the utterance in phones.tsv; else the file's, no ending
  speaker                        optional: whose recordings are joined to strings
  type                           optional: recordings of type sa, read by every speaker, are left out
Columns or fields of phones.tsv: utt; i, the phone's place, from 0; start_sample and end_sample, the one after
the last, at the recording's own rate; phone61 or phone, as in the manifest. A label is then taken to last
from the end of the one before it. Forced alignments are scored on sets with such times.
Or DIR holds TIMIT as the LDC gives it out (TRAIN/DR1/FCJF0/SI1027.WAV, .PHN, .WRD, in upper or lower case);
its sets are train, dev (50 speakers) and test (the 24 speakers of the core test), sa sentences left out.
Sound is used as mono, 16-bit, 16,000 samples a second: channels are averaged and other rates resampled.
Settings:
  data.train=a,b/c               names: values of split, after the folder of their manifest in DIR, if it lies
                                 deeper; several are joined
  data.valid=d                   the same
  data.test=e,f/g                each a test set of its own, called by its last part where it alone has that
  data.limit=1000                the first so many training utterances only
  data.labels=phones             or words
  data.phones=given              as written; 39: TIMIT's 61 folded onto 39, q deleted; spoken: so, without sil
                                 and with dx as t, so that phones of a lexicon can be found in TIMIT
  data.strings=10                1 to 10 recordings of a speaker are joined to one, such as digits
Left out, the names are: train; valid, val, dev or validation; test.
Recordings are left out of every set, and how many were is told with the first file: unreadable audio (cut
short, of no known length, of less than 1,000 or more than 768,000 samples a second, or over 100 times full
scale), empty audio, no labels, more labels than frames of 10 ms. Told, too, are those that were resampled or
averaged, and those whose times go beyond their end and were moved there. A file that is missing stops the
reading. hub: sets have columns audio; phonetic_detail (start, stop, utterance) or phones, or text; and
optionally sentence_type.
"""
