"""A declared decoding of a corpus that stands in memory, run as the harness runs it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from attnbench.paper import Decoding, resolve
from attnbench.settings import DecodingSettings
from attnbench.tasks.engine import Corpus, Outcome, Use
from attnbench.tasks.split import Tick


def use(
    decoding: Decoding, model: Any, corpus: Corpus, test: str, settings: DecodingSettings,
    tick: Tick = lambda _: None,
) -> Outcome:  # fmt: skip
    changed = {key.removeprefix("decoding."): value for key, value in decoding.settings.items()}
    scorer = resolve(decoding.scorer) if decoding.scorer else None
    settings = replace(settings, **changed)
    split, keep, device = corpus.tests[test], decoding.alignments, torch.device("cpu")
    outcome: Outcome = resolve(decoding.run)(Use(model, corpus, split, settings, scorer, keep, device, tick))
    return outcome
