"""Whether runs fit into the memory of their machine, by their settings and before they start.

All needs are lower bounds: weights, their gradients and the optimiser's states, and what the largest batch
holds at the least. What is refused surely does not fit; what is not may still be too large.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from attnbench.harness.configure import Request, Run, engine_of
from attnbench.machine.room import free_memory, require
from attnbench.paper import System, load, resolve
from attnbench.settings import SearchSettings, Settings, TrainingSettings, least
from attnbench.tasks.engine import Corpus, Engine

NUMBER = 4
"""Bytes of a weight."""

STATES = {"adam": 2, "adadelta": 2, "rmsprop": 3, "sgd": 0}
"""Numbers that an optimiser keeps for each weight."""

SMALLER = "choose smaller settings, or another machine"


def before(asked: Request) -> None:
    """Raise ``BadInput`` for a system whose weights alone do not fit, whatever words its corpus has."""
    engine, have = engine_of(asked.paper), available(asked.device)
    for system in asked.systems:
        for settings in [asked.settings(system, stage) for stage in system.stages or (None,)]:
            model = outline(system, settings, engine.features(least(settings.data)))
            needed = of_weights(model, settings.training, bool(system.stages))
            require(f"{system.name} needs", needed, have, "memory", SMALLER)


def together(runs: Sequence[Run], jobs: int) -> None:
    """Raise ``BadInput`` unless runs fit, ``jobs`` of them side by side, on the corpora that they have."""
    if not runs:
        return
    needs, have = _needs(runs), available(runs[0].device)
    largest = max(needs, key=lambda name: needs[name])
    require(f"{largest} needs", needs[largest], have, "memory", SMALLER)
    side_by_side = sorted((needs[run.system] for run in runs), reverse=True)[:jobs]
    fit = sum(total <= have for total in accumulate(side_by_side))
    who = f"{len(side_by_side)} runs side by side need"
    require(who, sum(side_by_side), have, "memory", f"use --jobs {fit}")


def _needs(runs: Sequence[Run]) -> dict[str, int]:
    """Return the bytes that a run of each system takes at least."""
    needs: dict[str, int] = {}
    opened: dict[tuple[str, str], Corpus] = {}
    for run in runs:
        if run.system not in needs:
            engine, key = engine_of(load(run.paper)), (str(run.corpus), repr(run.settings.data))
            if key not in opened:
                opened[key] = engine.open(run.corpus, run.settings.data)
            needs[run.system] = _need(run, engine, opened[key])
    return needs


def _need(run: Run, engine: Engine, corpus: Corpus) -> int:
    system = load(run.paper).system(run.system)
    found = []
    for settings in run.stages.values() or (run.settings,):
        model = outline(system, settings, corpus.features)
        held = of_weights(model, settings.training, bool(system.stages))
        trained = of_batch(model, settings.training, corpus.train.lengths) if system.stages else 0
        found.append(held + trained)
    examples = max(len(test) for test in corpus.tests.values())
    return max(*found, of_decoding(run.settings, examples, engine.outputs(corpus.features)))


class Unfilled(TorchFunctionMode):
    """Passes over what fills a tensor in place: there is nothing to fill, and torch is slow to find out."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call a function of torch, unless it fills its first argument."""
        name, given = getattr(func, "__name__", ""), kwargs or {}
        if name.endswith("_") and not name.endswith("__") and name != "requires_grad_":
            return args[0] if args else given["tensor"]
        return func(*args, **given)


def outline(system: System, settings: Settings, features: object) -> nn.Module:
    """Return a system's model without the memory of its weights."""
    with torch.device("meta"), Unfilled():
        model: nn.Module = resolve(system.build)(settings.model, features)
    return model


def of_weights(model: nn.Module, settings: TrainingSettings, trained: bool) -> int:
    """Return the bytes of a model's weights and, if it is trained, of gradients and optimiser states."""
    fixed = sum(one.numel() for one in model.buffers())
    each = 1 + (1 + STATES[settings.optimizer] if trained else 0)
    if settings.weight_noise:
        each *= 2  # the variance of each weight is trained as the weight is
    return NUMBER * (
        fixed + sum(one.numel() * (each if one.requires_grad else 1) for one in model.parameters())
    )


def of_batch(model: nn.Module, settings: TrainingSettings, lengths: np.ndarray) -> int:
    """Return the bytes that the largest batch of a training holds, of examples with these lengths (n,).

    The gradient of a matrix needs what it was multiplied with. Of each token that is counted once, a vector
    of the widest matrix's size; recurrent nets hold several. Some batch is as long as the mean. What bounds
    batches otherwise than by their number is trusted to.
    """
    widest = max((min(one.shape) for one in model.parameters() if one.dim() == 2), default=0)
    count = min(settings.batch_size, len(lengths))
    bounded = settings.batch_tokens or settings.equal_lengths
    whole_pass = -(-len(lengths) // count) <= settings.updates
    tokens = count * (lengths.mean() if whole_pass else lengths.min())
    number = NUMBER if settings.precision == "no" else NUMBER // 2
    return 0 if bounded else int(number * widest * tokens)


def of_decoding(settings: Settings, examples: int, outputs: int) -> int:
    """Return the bytes of the scores of all outputs for a batch's hypotheses, in the third step of a search.

    In each step the hypotheses that live are so many times more, up to the beam.
    """
    decoding = settings.decoding
    beam = min(decoding.beam, outputs**2) if isinstance(decoding, SearchSettings) else 1
    return NUMBER * min(decoding.batch_size, examples) * beam * outputs


def available(device: str) -> int:
    """Return the bytes that runs may take: what is free of the machine's memory, or all of the GPU's."""
    return torch.cuda.get_device_properties(0).total_memory if device == "cuda" else free_memory()
