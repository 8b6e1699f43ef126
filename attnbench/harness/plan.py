"""What a reproduction would take: parameters, memory and hours, from a few measured steps."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape

from attnbench.harness import configure, memory, readiness
from attnbench.harness.configure import Request, Run, task_of
from attnbench.paper import Decoding, load
from attnbench.profiling import isolation
from attnbench.settings import Settings

STEPS = 10
"""Updates measured, spread over a bucket, so that short and long batches are among them."""

SAMPLE = 48
"""Test examples that are decoded to measure a decoding, spread over the test set."""


def estimate(asked: Request, *, jobs: int | None, console: Console) -> pd.DataFrame:
    """Return a row a system: parameters beside the paper's, memory in MiB, hours a run and hours in all.

    Nothing is trained or kept, but the corpus is made ready. Each system is measured in a process of its
    own, as it would be trained.
    """
    with readiness.told(console) as tell:
        runs = configure.runs(asked, tell)
    side_by_side = min(asked.side_by_side(jobs), len(runs))
    memory.together(runs, side_by_side)
    isolation.prepare(__name__, "attnbench.harness.run")
    rows = []
    for run in (run for run in runs if run.seed == asked.seeds[0]):
        with console.status(f"measuring {escape(run.system)}"):
            measured = isolation.call(measure, run)
        printed = asked.paper.system(run.system).parameters
        rows.append({"system": run.system, "paper's weights": printed, **measured})
    table = pd.DataFrame(rows)
    table["hours a run"] = (table.pop("seconds") / 3600).round(4)
    together = f"hours for {len(asked.seeds)} seed(s), {side_by_side} at a time"
    table[together] = (table["hours a run"] * len(asked.seeds) / side_by_side).round(4)
    total = {"system": "all", "hours a run": table["hours a run"].sum(), together: table[together].sum()}
    whole = pd.concat([table, pd.DataFrame([total])], ignore_index=True)
    return whole.astype(dict.fromkeys(("weights", "paper's weights", "updates"), "Int64"))


def measure(run: Run) -> dict[str, Any]:
    """Return what one run would take: weights, memory in MiB, milliseconds an update, seconds in all.

    What a stage takes that tunes by other means than training is not known beforehand, and left out.
    """
    began = time.perf_counter()
    import torch

    from attnbench.harness.stages import build, open_run
    from attnbench.training import parameters, peak_memory_mib

    if run.device == "cpu":
        torch.set_num_threads(1)
    opened = open_run(run)
    model = build(opened, run.settings)
    seconds = time.perf_counter() - began
    fits = [run.stages[stage.name] for stage in run.declared if not stage.tune]
    trained = {id(fit): _update_seconds(opened, fit, build(opened, fit)) for fit in fits}
    decoded, evaluated = _decoding_seconds(opened, model.eval(), bool(fits))
    for fit in fits:
        evaluations = min(fit.training.evaluations, fit.training.updates)
        seconds += trained[id(fit)] * fit.training.updates + evaluated * evaluations
    updates = sum(fit.training.updates for fit in fits)
    return {
        "weights": parameters(model)["weights"],
        "memory (MiB)": round(peak_memory_mib(opened.device)),
        "updates": updates,
        "ms an update": round(
            1000 * sum(trained[id(fit)] * fit.training.updates for fit in fits) / max(updates, 1), 1
        ),
        "seconds": seconds + decoded,
    }


def _update_seconds(opened: Any, stage: Settings, model: Any) -> float:
    """Return the seconds of a mean update of a stage."""
    import torch

    from attnbench.batching import Batches
    from attnbench.training import make_optimizer

    settings, train = stage.training, opened.corpus.train
    batches = Batches.of(train.lengths, settings, opened.run.seed)
    optimizer = make_optimizer(model, settings)
    places = np.linspace(0, settings.bucket_batches - 1, STEPS).round().astype(int)
    half = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(settings.precision)
    autocast = torch.autocast(opened.device.type, half, enabled=half is not None)
    seconds = []
    for place in [places[-1], *places]:
        began = time.perf_counter()
        with autocast:
            loss = opened.engine.loss(model, train.batch(batches[int(place)], opened.device))
        optimizer.zero_grad(set_to_none=True)
        (loss.objective / loss.targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        if opened.device.type == "cuda":
            torch.cuda.synchronize(opened.device)
        seconds.append(time.perf_counter() - began)
    return float(np.mean(seconds[1:]))  # the first is slower: memory is taken and kernels are chosen


def _decoding_seconds(opened: Any, model: Any, trained: bool) -> tuple[float, float]:
    """Return the seconds of all decodings of all test sets, and those of one evaluation.

    What is not trained is not evaluated either, and need not be able to.
    """
    from attnbench.harness.run import decode

    def each(decoding: Decoding, split: Any) -> float:
        sample = split.sample(decoding.looked_at(SAMPLE))
        began = time.perf_counter()
        decode(opened, model, decoding, sample, lambda _: None, usual=True)
        return (time.perf_counter() - began) / len(sample)

    corpus, paper, total = opened.corpus, load(opened.run.paper), 0.0
    for decoding in paper.decodings_of(opened.run.system):
        tests = [corpus.tests[name] for name in decoding.on(corpus.tests, corpus.constructed)]
        if tests:
            total += each(decoding, tests[0]) * sum(decoding.looked_at(len(test)) for test in tests)
    ways = task_of(paper).evaluation if trained else ()
    evaluation = sum(each(decoding, corpus.valid) for decoding in ways)
    return total, evaluation * len(corpus.valid)
