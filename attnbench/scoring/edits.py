"""Label error rates: the fewest edits that make a reference of an output, by jiwer.

Labels are compared as they are given: what two spellings have in common, such as phones that are folded to
fewer, is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from attnbench.scoring.metric import Metric, share


def metric(name: str, labels: str, signature: str | Callable[[Any], str]) -> Metric:
    """Return the edits in percent of the reference's labels: ``NAME/edits``, and ``NAME/LABELS``."""
    return share(name, "edits", labels, signature, unit="%", scale=100, higher_is_better=False)


def statistics(outputs: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> np.ndarray:
    """Return each output's substitutions, deletions and insertions together, and its reference's labels.

    (n, 2). An empty output has all labels deleted; beside an empty reference every label is inserted. No
    label may be empty or hold a space.
    """
    rows = [(_edits(*both), len(both[1])) for both in zip(outputs, references, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _edits(output: Sequence[str], reference: Sequence[str]) -> int:
    import jiwer

    # Nothing but cutting at spaces: jiwer's own way also strips and joins other blanks.
    cut = jiwer.ReduceToListOfListOfWords(word_delimiter=" ")
    found = jiwer.process_words(" ".join(reference), " ".join(output), cut, cut)
    return int(found.substitutions + found.deletions + found.insertions)
