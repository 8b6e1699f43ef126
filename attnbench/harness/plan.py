"""What a reproduction would take: parameters, memory and hours, from a few measured steps."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from attnbench.harness import configure
from attnbench.harness.configure import Request, Run

STEPS = 10
"""Updates measured, spread over a bucket, so that short and long batches are among them."""

SAMPLE = 48
"""Test examples that are decoded to measure a decoding, spread over the test set."""

USUAL_RATIO = 1.2
"""Longest output, in source lengths, while a decoding is measured: what has not learnt never ends."""


def estimate(asked: Request, *, jobs: int | None, console: Console) -> pd.DataFrame:
    """Return a row a system: parameters beside the paper's, memory in MiB, hours a run and hours in all.

    Nothing is trained or kept, but the corpus is made ready. Each system is measured in a process of its
    own, as it would be trained.
    """
    with console.status("making the corpus ready"):
        runs = configure.runs(asked)
    side_by_side = jobs or (1 if asked.device == "cuda" else os.cpu_count() or 1)
    side_by_side = min(side_by_side, len(runs))
    rows = []
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for run in (run for run in runs if run.seed == 0):
            with console.status(f"measuring {run.system}"):
                measured = pool.apply(measure, (run,))
            printed = asked.paper.system(run.system).parameters
            rows.append({"system": run.system, "paper's weights": printed, **measured})
    table = pd.DataFrame(rows)
    table["hours a run"] = (table.pop("seconds") / 3600).round(4)
    together = f"hours for {asked.seeds} seed(s), {side_by_side} at a time"
    table[together] = (table["hours a run"] * asked.seeds / side_by_side).round(4)
    total = {"system": "all", "hours a run": table["hours a run"].sum(), together: table[together].sum()}
    whole = pd.concat([table, pd.DataFrame([total])], ignore_index=True)
    return whole.astype(dict.fromkeys(("weights", "paper's weights", "updates"), "Int64"))


def measure(run: Run) -> dict[str, Any]:
    """Return what one run would take: weights, memory in MiB, milliseconds an update, seconds in all."""
    began = time.perf_counter()
    import torch

    from attnbench.harness.run import build, open_corpus
    from attnbench.training import parameters, peak_memory_mib

    if run.device == "cpu":
        torch.set_num_threads(1)
    task, corpus = open_corpus(run)
    model = build(run, corpus).to(run.device)
    opened = time.perf_counter() - began
    update = _update_seconds(run, task, corpus, model)
    training = run.sections["training"]
    decoding = _decoding_seconds(run, task, corpus, model.eval())
    evaluation = len(corpus.valid) * sum(decoding[name][0] for name in task.evaluation)
    seconds = opened + update * training.updates + evaluation * training.evaluations
    seconds += sum(each * count for each, count in decoding.values())
    return {
        "weights": parameters(model)["weights"],
        "memory (MiB)": round(peak_memory_mib(torch.device(run.device))),
        "updates": training.updates,
        "ms an update": round(update * 1000, 1),
        "seconds": seconds,
    }


def _update_seconds(run: Run, task: Any, corpus: Any, model: Any) -> float:
    """Return the seconds of a mean update."""
    import torch

    from attnbench.batching import order
    from attnbench.training import make_optimizer

    settings, device = run.sections["training"], torch.device(run.device)
    optimizer = make_optimizer(model, settings)
    places = np.linspace(0, settings.bucket_batches - 1, STEPS).round().astype(int)
    seconds = []
    for place in [places[-1], *places]:
        began = time.perf_counter()
        indices = order(len(corpus.train), corpus.train.lengths, settings, int(place), run.seed)
        loss = task.loss(model, corpus.train.batch(indices, device))
        optimizer.zero_grad(set_to_none=True)
        (loss.nats / loss.targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - began)
    return float(np.mean(seconds[1:]))  # the first is slower: memory is taken and kernels are chosen


def _decoding_seconds(run: Run, task: Any, corpus: Any, model: Any) -> dict[str, tuple[float, int]]:
    """Return the seconds an example of each decoding, and the examples that it is used on."""
    import torch

    from attnbench.paper import load

    settings = replace(run.sections["decoding"], max_length_ratio=USUAL_RATIO)
    taken = {}
    for decoding in load(run.paper).decodings:
        tests = task.tests(corpus, decoding)
        if not tests:
            continue
        sample = corpus.tests[tests[0]].sample(SAMPLE)
        small = replace(corpus, tests={tests[0]: sample})
        began = time.perf_counter()
        task.test(model, small, tests[0], decoding, settings, torch.device(run.device), lambda _: None)
        each = (time.perf_counter() - began) / len(sample)
        taken[decoding] = each, sum(len(corpus.tests[test]) for test in tests)
    return taken
