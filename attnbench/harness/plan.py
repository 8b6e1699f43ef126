"""What a reproduction would take: parameters, memory and hours, from a few measured steps."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pandas as pd
import torch
from rich.console import Console

from attnbench.harness import configure
from attnbench.harness.configure import Request, Run
from attnbench.harness.run import build, open_corpus
from attnbench.settings import DecodingSettings
from attnbench.tasks import Corpus, Task
from attnbench.training import make_optimizer, order, parameters, peak_memory_mib

STEPS = 8
"""Updates measured, spread over the first bucket, so that short and long batches are among them."""


def estimate(asked: Request, *, jobs: int | None, console: Console) -> pd.DataFrame:
    """Return a row a system: parameters beside the paper's, memory in MiB, hours a run and hours in all.

    Nothing is trained or kept, but the corpus is made ready.
    """
    with console.status("making the corpus ready"):
        runs = configure.runs(asked)
    side_by_side = jobs or (1 if asked.device == "cuda" else os.cpu_count() or 1)
    rows = []
    for run in (run for run in runs if run.seed == 0):
        with console.status(f"measuring {run.system}"):
            rows.append(_row(asked, run, side_by_side))
    return pd.DataFrame(rows)


def _row(asked: Request, run: Run, side_by_side: int) -> dict[str, Any]:
    if run.device == "cpu":
        torch.set_num_threads(1)
    task, corpus = open_corpus(run)
    model = build(run, corpus).to(run.device)
    update, memory = _update_seconds(run, task, corpus, model)
    seconds = update * run.sections["training"].updates + _decoding_seconds(asked, run, task, corpus, model)
    return {
        "system": run.system,
        "weights": parameters(model)["weights"],
        "paper's weights": asked.paper.system(run.system).parameters,
        "memory (MiB)": round(memory),
        "updates": run.sections["training"].updates,
        "ms an update": round(update * 1000, 1),
        "hours a run": round(seconds / 3600, 3),
        f"hours for {asked.seeds} seed(s), {side_by_side} at a time": round(
            seconds * asked.seeds / min(side_by_side, asked.seeds * len(asked.systems)) / 3600, 3
        ),
    }


def _update_seconds(run: Run, task: Task, corpus: Corpus, model: torch.nn.Module) -> tuple[float, float]:
    """Return the seconds of a mean update, and the peak memory in MiB."""
    settings, device = run.sections["training"], torch.device(run.device)
    optimizer = make_optimizer(model, settings)
    places = np.linspace(0, settings.bucket_batches - 1, STEPS).round().astype(int)
    seconds = []
    for place in [places[0], *places]:
        began = time.perf_counter()
        batch = corpus.train.batch(
            order(len(corpus.train), corpus.train.lengths, settings, place, run.seed), device
        )
        loss = task.loss(model, batch)
        optimizer.zero_grad(set_to_none=True)
        (loss.nats / loss.targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - began)
    return float(np.mean(seconds[1:])), peak_memory_mib(device)


def _decoding_seconds(asked: Request, run: Run, task: Task, corpus: Corpus, model: torch.nn.Module) -> float:
    """Return the seconds of all decodings and evaluations, from greedy search on the validation set."""
    settings: DecodingSettings = run.sections["decoding"]
    began = time.perf_counter()
    task.evaluate(model, corpus, torch.device(run.device))
    evaluation = time.perf_counter() - began
    tests = sum(map(len, corpus.tests.values())) / max(len(corpus.valid), 1)
    searches = evaluation * tests * (1 + settings.beam / 2)
    return evaluation * run.sections["training"].evaluations + searches
