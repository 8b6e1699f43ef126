"""A corpus as a paper would read it, counted before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attnbench import corpora
from attnbench.corpora import catalogue
from attnbench.harness.configure import defaults, engine_of, task_of
from attnbench.paper import load
from attnbench.settings import override


def check(paper: str, data: str | None, changes: Mapping[str, str]) -> pd.DataFrame:
    """Return the counts of every split; raise ``BadInput`` for a corpus that cannot be read."""
    declared = load(paper)
    settings = override(defaults(declared), changes).data
    corpus = engine_of(declared).read(corpora.parse(data or declared.data[0]), settings)
    return catalogue.check(task_of(declared).name, corpus)
