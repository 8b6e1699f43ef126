"""One run from weights to records: its stages, then every test set decoded in every way.

What came of the tests appears at once, in a folder of its own: a run that has it is finished.
"""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pandas as pd
import torch
from torch import nn

from attnbench import records
from attnbench.checkpoints import write_tensors
from attnbench.harness.configure import DESCRIPTION, RECORDS, SPEED, Run, task_of
from attnbench.harness.stages import Opened, Tell, open_run, trained
from attnbench.harness.work import at_work
from attnbench.machine.files import recover, whole_folder, write_json, write_text
from attnbench.machine.provenance import provenance
from attnbench.paper import Decoding, load, resolve
from attnbench.settings import override
from attnbench.tasks.engine import Outcome, Tick, Use
from attnbench.training import Progress, parameters, peak_memory_mib

FEW = 16
"""Numbers of a buffer that is told of in the records, at most."""

Outcomes = dict[tuple[str, str], Outcome]
"""(decoding, test) to what came of it."""


def execute(run: Run, tell: Tell) -> None:
    """Train and decode, unless it is done."""
    if run.device == "cpu":
        torch.set_num_threads(1)
    with at_work(run.folder):
        recover(run.decoded)
        if not run.finished:
            _execute(run, tell)


def _execute(run: Run, tell: Tell) -> None:
    began = time.monotonic()
    tell("open", 0, 1, "")
    opened = open_run(run)
    model, progress = trained(opened, tell)
    peaks = {"train": peak_memory_mib(opened.device)}
    outcomes, seconds = _test(opened, model.eval(), tell)
    peaks["test"] = peak_memory_mib(opened.device)
    circumstances = {
        **run.circumstances,
        "seconds": round(time.monotonic() - began, 2),
        **provenance(),
    }
    speed = {"rows": _speed(run, progress, outcomes, seconds, peaks), "circumstances": circumstances}
    _write(run, outcomes, _about(opened, model, progress), speed)


def _about(opened: Opened, model: nn.Module, progress: dict[str, Progress]) -> dict[str, Any]:
    """Return what the records say about their run."""
    run, corpus = opened.run, opened.corpus
    return {
        **{"paper": run.paper, "data": run.data, "scale": run.scale, "system": run.system, "seed": run.seed},
        "corpus": run.fingerprint,
        "key": run.key,
        "signatures": task_of(load(run.paper)).signatures(corpus.settings),
        "parameters": parameters(model),
        "settings": run.configuration,
        "history": [{"stage": name, **row} for name, one in progress.items() for row in one.history],
        "examples": {"train": len(corpus.train), "valid": len(corpus.valid)},
        **({"tuned": _tuned(model)} if any(stage.tune for stage in run.declared) else {}),
    }


def _tuned(model: nn.Module) -> dict[str, list[float]]:
    """Return the few numbers beside the weights: what was chosen by other means than training."""
    few = {name: one for name, one in model.named_buffers() if one.numel() <= FEW}
    return {name: [round(number, 6) for number in one.flatten().tolist()] for name, one in few.items()}


def _test(opened: Opened, model: nn.Module, tell: Tell) -> tuple[Outcomes, dict[str, float]]:
    """Return the outcome of every (decoding, test), and the seconds each decoding took."""
    corpus = opened.corpus
    pairs = [
        (decoding, test)
        for decoding in load(opened.run.paper).decodings_of(opened.run.system)
        for test in decoding.on(corpus.tests, corpus.constructed)
    ]
    total = sum(len(corpus.tests[test]) for _, test in pairs)
    done = 0
    outcomes: Outcomes = {}
    seconds: dict[str, float] = {}

    def tick(more: int) -> None:
        nonlocal done
        done += more
        tell("test", done, total, "")

    for decoding, test in pairs:
        began = time.perf_counter()
        outcomes[decoding.name, test] = decode(opened, model, decoding, corpus.tests[test], tick)
        seconds[decoding.name] = seconds.get(decoding.name, 0.0) + time.perf_counter() - began
    return outcomes, seconds


def decode(
    opened: Opened, model: nn.Module, decoding: Decoding, split: Any, tick: Tick, *, usual: bool = False
) -> Outcome:
    """Use a trained model on a split in a declared way; ``usual``: a model that has not learnt to end."""
    settings: Any = override(opened.run.settings, decoding.settings).decoding
    adapted = resolve(decoding.adapt)(copy.deepcopy(model)) if decoding.adapt else model
    scorer = resolve(decoding.scorer) if decoding.scorer else None
    use = Use(
        adapted, opened.corpus, split, settings.trained() if usual else settings, scorer, decoding.alignments,
        opened.device, tick,
    )  # fmt: skip
    outcome: Outcome = resolve(decoding.run)(use)
    return outcome


def _speed(
    run: Run,
    progress: dict[str, Progress],
    outcomes: Outcomes,
    seconds: dict[str, float],
    peaks: dict[str, float],
) -> list[dict[str, Any]]:
    """Return the rows of speed.csv: each training, and each decoding over all test sets."""
    task = task_of(load(run.paper))
    columns = [task.length(name).column for name in task.tokens]
    rows = [
        (
            "train" if len(progress) == 1 else f"train {stage}",
            one.tokens,
            one.examples,
            peaks["train"],
            one.seconds,
        )
        for stage, one in progress.items()
    ]
    for decoding, took in seconds.items():
        tables = [outcome.records for (name, _), outcome in outcomes.items() if name == decoding]
        tokens = sum(int(table[columns].to_numpy().sum()) for table in tables)
        rows.append((decoding, tokens, sum(map(len, tables)), peaks["test"], took))
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
    """Write records, predictions and alignments, how fast the run was, and what it is."""
    with whole_folder(run.decoded) as folder:
        frames = []
        for (decoding, test), outcome in outcomes.items():
            frame = outcome.records.copy()
            frame.insert(0, "decoding", decoding)
            frame.insert(1, "test", test)
            frames.append(frame)
            lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in outcome.predictions)
            if lines:
                write_text(folder / f"{decoding}.{test}.jsonl", lines)
            if outcome.alignments:
                weights = {name: value.half().contiguous() for name, value in outcome.alignments.items()}
                write_tensors(folder / f"{decoding}.{test}.alignments.safetensors", weights)
        records.write(folder / RECORDS, pd.concat(frames, ignore_index=True), about)
        write_json(folder / SPEED, speed)
        write_json(folder / DESCRIPTION, run.description)
