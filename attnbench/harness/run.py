"""One run from weights to records: train, then decode every test set in every way.

Each stage leaves its files whole, so a run that was killed goes on at the first that is missing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import torch
from filelock import FileLock, Timeout
from safetensors.torch import save_file
from torch import nn

from attnbench import records
from attnbench.checkpoints import load_model
from attnbench.errors import BadInput
from attnbench.files import write_json, write_text, write_whole
from attnbench.harness.configure import SPEED, Run
from attnbench.paper import Paper, load, resolve
from attnbench.provenance import provenance
from attnbench.settings import as_json
from attnbench.tasks import Corpus, Outcome, Task
from attnbench.training import Progress, Training, parameters, peak_memory_mib

Report = Callable[[str, int, int, str], None]
"""Called with the stage, how much of it is done, of how much, and a note."""

CHECKPOINT = "checkpoint"


def build(run: Run, corpus: Corpus) -> nn.Module:
    """Return the run's model with its first weights, a function of the seed alone."""
    system = load(run.paper).system(run.system)
    torch.manual_seed(run.seed)
    model: nn.Module = resolve(system.build)(run.sections["model"], corpus.features)
    return model


def open_corpus(run: Run) -> tuple[Task, Corpus]:
    """Return the run's task and its corpus as this system sees it."""
    task: Task = resolve(load(run.paper).task)()
    return task, task.open(run.corpus, run.sections["data"])


def finished_model(run: Run) -> tuple[Task, Corpus, nn.Module]:
    """Return a finished run's task, corpus and trained model."""
    task, corpus = open_corpus(run)
    model = build(run, corpus)
    load_model(run.folder / CHECKPOINT, model)
    return task, corpus, model.to(run.device).eval()


def execute(run: Run, report: Report) -> None:
    """Train and decode, unless it is done; write the records last."""
    if run.device == "cpu":
        torch.set_num_threads(1)
    run.folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.folder / "lock", timeout=0):
            _execute(run, report)
    except Timeout:
        raise BadInput(
            f"another process is at work on {run.folder}; wait for it, or use another --work"
        ) from None


def _execute(run: Run, report: Report) -> None:
    if run.records.exists():
        return
    began = time.monotonic()
    device = torch.device(run.device)
    report("open", 0, 1, "")
    task, corpus = open_corpus(run)
    run.save()
    model = build(run, corpus)
    training = Training(
        model, task, corpus, run.sections["training"], seed=run.seed, device=device,
        folder=run.folder / CHECKPOINT, key=run.key,
    )  # fmt: skip
    updates = run.sections["training"].updates
    progress = training.run(lambda done, nll: report("train", done, updates, f"{nll:.2f} nats a target"))
    trained = peak_memory_mib(device)
    outcomes, seconds = _test(run, task, corpus, model.eval(), report)
    about = {
        **{"paper": run.paper, "data": run.data, "scale": run.scale, "system": run.system, "seed": run.seed},
        **{
            "corpus": run.fingerprint,
            "key": run.key,
            "length": task.length,
            "target_length": task.target_length,
        },
        "signatures": task.signatures(corpus.settings),
        "parameters": parameters(model),
        "settings": as_json(run.sections),
        "history": progress.history,
        "examples": {"train": len(corpus.train), "valid": len(corpus.valid)},
    }
    speed = _speed(run, progress, trained, outcomes, seconds, peak_memory_mib(device), task.tokens)
    circumstances = {
        **run.circumstances,
        "seconds": round(time.monotonic() - began, 2),
        **provenance(),
    }
    _write(run, outcomes, about, {"rows": speed, "circumstances": circumstances})


Outcomes = dict[tuple[str, str], Outcome]
"""(decoding, test) to what came of it."""


def _test(
    run: Run, task: Task, corpus: Corpus, model: nn.Module, report: Report
) -> tuple[Outcomes, dict[str, float]]:
    """Return the outcome of every (decoding, test), and the seconds each decoding took."""
    paper: Paper = load(run.paper)
    pairs = [(decoding, test) for decoding in paper.decodings for test in task.tests(corpus, decoding)]
    total = sum(len(corpus.tests[test]) for _, test in pairs)
    done = 0
    outcomes: Outcomes = {}
    seconds: dict[str, float] = {}

    def tick(more: int) -> None:
        nonlocal done
        done += more
        report("test", done, total, "")

    for decoding, test in pairs:
        began = time.perf_counter()
        outcomes[decoding, test] = task.test(
            model, corpus, test, decoding, run.sections["decoding"], torch.device(run.device), tick
        )
        seconds[decoding] = seconds.get(decoding, 0.0) + time.perf_counter() - began
    return outcomes, seconds


def _speed(
    run: Run,
    progress: Progress,
    trained: float,
    outcomes: Outcomes,
    seconds: dict[str, float],
    peak: float,
    counted: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the rows of speed.csv: training, and each decoding over all test sets.

    ``counted`` are the columns of the records that make up the tokens.
    """
    rows = [("train", progress.tokens, progress.examples, trained, progress.seconds)]
    for decoding, took in seconds.items():
        tables = [outcome.records for (name, _), outcome in outcomes.items() if name == decoding]
        words = sum(int(table[list(counted)].to_numpy().sum()) for table in tables)
        rows.append((decoding, words, sum(map(len, tables)), peak, took))
    return [
        {
            "system": run.system,
            "seed": run.seed,
            "device": run.device,
            "phase": phase,
            "tokens_per_second": _as_written(tokens / max(took, 1e-9)),
            "examples_per_second": _as_written(examples / max(took, 1e-9)),
            "peak_memory_mib": _as_written(memory),
            "seconds": _as_written(took),
        }
        for phase, tokens, examples, memory, took in rows
    ]


def _as_written(number: float) -> float:
    """Return a number to the digits that a csv keeps, so that a page made from either reads the same."""
    return float(f"{number:.6g}")


def _write(run: Run, outcomes: Outcomes, about: dict[str, Any], speed: dict[str, Any]) -> None:
    """Write predictions, alignments and speed; then the records, which make the run a finished one."""
    frames = []
    for (decoding, test), outcome in outcomes.items():
        frame = outcome.records.copy()
        frame.insert(0, "decoding", decoding)
        frame.insert(1, "test", test)
        frames.append(frame)
        lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in outcome.predictions)
        if lines:
            write_text(run.decoded / f"{decoding}.{test}.jsonl", lines)
        if outcome.alignments:
            weights = {name: value.half().contiguous() for name, value in outcome.alignments.items()}
            path = run.decoded / f"{decoding}.{test}.alignments.safetensors"
            write_whole(path, lambda beside, weights=weights: save_file(weights, beside))  # type: ignore[misc]
    write_json(run.decoded / SPEED, speed)
    records.write(run.records, pd.concat(frames, ignore_index=True), about)
