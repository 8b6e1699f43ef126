"""ROUGE (Lin 2004) of summaries by the library ``rouge_score``: a score an example, averaged over examples.

How the library reads a text: in lower case, and whatever is no letter a to z and no digit is a blank. So
``#`` is nothing, neither matched nor counted (``##-year`` is ``year``), ``<unk>`` is the word ``unk``, and a
word is cut at a letter with an accent: ``naïve`` is ``na`` and ``ve``. Words of more than three characters
are stemmed.

Of several references it is the jackknife (Lin 2004, section 2.1): each reference is left out in turn, the
best score against the others counts, and these are averaged. ROUGE-1.5.5 leaves that to who calls it: by
itself it divides the hits in all references by the n-grams in all, which is far lower. So the script of Rush
et al. scores DUC, and so does the recall at 75 bytes here, ``rouge-N-75``: with it the first 75 bytes of
DUC-2004's inputs, the word that is cut included, come out as PREFIX in their table 1, within 0.1. With one
reference all are the same. References are read whole, as DUC's are that short; the script, told ``-b 75``,
cuts them there too, so that where they are longer its recall is higher.

    n examples   k references of an example
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from attnbench.scoring.metric import Metric, share

BYTES = 75
"""Of an output, in UTF-8, that DUC looked at."""

KINDS = {"1": "rouge1", "2": "rouge2", "l": "rougeL"}
"""Words, pairs of neighbours, and the longest common subsequence: the library's names."""


class Protocol(NamedTuple):
    """Which of a score's numbers counts, and how much of the output is read."""

    measure: str
    part: str
    unit: str
    references: str = "jackknife"


PROTOCOLS = {
    "recall": Protocol("recall", "full", "recall (%)"),
    "75": Protocol("recall", f"bytes:{BYTES}", "recall (%)", "average"),
    "f1": Protocol("f1", "full", "F1 (%)"),
}
NAMES = tuple(f"rouge-{kind}-{protocol}" for protocol in PROTOCOLS for kind in KINDS)
"""Of the nine metrics."""


def metrics() -> list[Metric]:
    """Return the nine metrics, in the order of ``NAMES``: ``NAME/sum``, ``NAME/summaries``."""
    protocols = [protocol for protocol in PROTOCOLS.values() for _ in KINDS]
    return [_metric(*named) for named in zip(NAMES, protocols, strict=True)]


def _metric(name: str, protocol: Protocol) -> Metric:
    return share(name, "sum", "summaries", lambda _: signature(protocol), unit=protocol.unit, scale=100.0)


def signature(protocol: Protocol) -> str:
    """Return how a score is made: library, measure, how much of the output, stemmer, references, case."""
    library = f"rouge_score:{version('rouge_score')}"
    return f"{library}|{protocol.measure}|{protocol.part}|stem:porter|refs:{protocol.references}|case:lower"


def statistics(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, np.ndarray]:
    """Return the columns (n,) of the nine metrics.

    An example has one or more references, not all the same number. Those without a word, as the library
    reads them, are left out; an example that has no other is not a number. An output without a word is 0, and
    so is ROUGE-2 against a reference of one.
    """
    if len(outputs) != len(references):
        raise ValueError(f"{len(outputs)} outputs for the references of {len(references)} examples")
    rows = [_scores(*both) for both in zip(outputs, references, strict=True)]
    columns = {}
    for name, scores in zip(NAMES, np.array(rows).reshape(-1, len(NAMES)).T, strict=True):
        columns[f"{name}/sum"] = scores
        columns[f"{name}/summaries"] = np.where(np.isnan(scores), np.nan, 1.0)
    return columns


def readable(references: Sequence[str]) -> list[str]:
    """Return the references that have a word, as the library reads them."""
    stems, _ = _library()
    return [reference for reference in references if stems(reference)]


def _scores(output: str, references: Sequence[str]) -> np.ndarray:
    """Return the scores (9,) of an output, in the order of ``NAMES``."""
    stems, _ = _library()
    scored = readable(references)
    if not scored:
        return np.full(len(NAMES), np.nan)
    recall, short, f1 = np.array([_against(reference, output) for reference in scored]).swapaxes(0, 1)
    average = _average(short, np.array([len(stems(reference)) for reference in scored]))
    return np.concatenate([jackknife(recall), average, jackknife(f1)])


def _average(recall: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Return the hits in all references over what all have, (k, 3) to (3,), their words being (k,)."""
    sizes = np.stack([words, words - 1, words], axis=1)
    return np.asarray((recall * sizes).sum(axis=0) / np.maximum(sizes.sum(axis=0), 1))


def jackknife(scores: np.ndarray) -> np.ndarray:
    """Return the mean, over the references left out, of the best score against the others: (k, m) to (m,).

    The score against the only reference is itself.
    """
    if len(scores) == 1:
        return scores[0]
    second, best = np.sort(scores, axis=0)[-2:]  # the second counts once: where the best is left out
    return np.asarray(((len(scores) - 1) * best + second) / len(scores))


def _against(reference: str, output: str) -> list[list[float]]:
    """Return recall, recall of the cut output, and F1 against one reference, each of all kinds (3, 3)."""
    _, scorer = _library()
    start = output.encode()[:BYTES].decode(errors="ignore")  # without a character that is cut
    whole = scorer.score(reference, output)
    short = whole if start == output else scorer.score(reference, start)
    return [
        [whole[kind].recall for kind in KINDS.values()],
        [short[kind].recall for kind in KINDS.values()],
        [whole[kind].fmeasure for kind in KINDS.values()],
    ]


@cache
def _library() -> tuple[Any, Any]:
    """Return what cuts a text into stems and remembers the last texts, and what scores by these."""
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.tokenizers import DefaultTokenizer

    tokenizer = DefaultTokenizer(use_stemmer=True)
    tokenizer.tokenize = lru_cache(1 << 14)(tokenizer.tokenize)
    return tokenizer.tokenize, RougeScorer(list(KINDS.values()), tokenizer=tokenizer)
