"""Checkpoints: one folder of safetensors and JSON, renamed whole; nothing is pickled.

model.safetensors       weights
noise.safetensors       log variances of the weights, of a training with weight noise
optimizer.safetensors   the optimiser's tensors, named INDEX.NAME
state.json              configuration key, progress, the optimiser's plain values
manifest.json           size and hash of each, checked before they are read
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from attnbench.errors import BadInput, first_line
from attnbench.machine import manifest
from attnbench.machine.files import read_json, recover, whole_folder

MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
NOISE = "noise.safetensors"


def save(
    folder: Path, *, key: str, model: nn.Module, optimizer: torch.optim.Optimizer, progress: dict[str, Any],
    noise: nn.Module | None = None,
) -> None:  # fmt: skip
    """Write a checkpoint whole; ``key`` names the configuration, ``progress`` holds JSON values."""
    tensors, plain = _optimizer_state(optimizer)
    tensors |= {f"generator.{device}": state for device, state in _generators().items()}
    with whole_folder(folder) as beside:
        _write(beside, model, noise)
        write_tensors(beside / OPTIMIZER, tensors)
        state = {"key": key, "progress": progress, "optimizer": plain}
        (beside / STATE).write_text(json.dumps(state), encoding="utf-8")


def load(
    folder: Path, *, key: str, model: nn.Module, optimizer: torch.optim.Optimizer,
    noise: nn.Module | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """Fill model, noise and optimiser from a checkpoint and return its progress; None where there is none.

    Raises ``BadInput`` for a corrupt checkpoint and for one of another configuration.
    """
    recover(folder)
    if not os.path.lexists(folder):
        return None
    state = _state(folder, key)
    try:
        _fill(folder, model, noise)
        tensors = load_file(folder / OPTIMIZER)
        torch.set_rng_state(tensors.pop("generator.cpu"))
        if (on_cuda := tensors.pop("generator.cuda", None)) is not None and torch.cuda.is_available():
            torch.cuda.set_rng_state(on_cuda)
        _restore_optimizer(optimizer, tensors, state["optimizer"])
        return dict(state["progress"])
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _corrupt(folder, first_line(error)) from error


def save_model(folder: Path, model: nn.Module, *, key: str, noise: nn.Module | None = None) -> None:
    """Write a model's weights, and their noise, alone and whole; ``key`` names the configuration."""
    with whole_folder(folder) as beside:
        _write(beside, model, noise)
        (beside / STATE).write_text(json.dumps({"key": key}), encoding="utf-8")


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors to a file; raise ``OSError`` where it cannot be written, such as to a full disk."""
    try:
        save_file(dict(tensors), path)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def load_model(folder: Path, model: nn.Module, *, key: str, noise: nn.Module | None = None) -> None:
    """Fill a model with the weights of a checkpoint, and their noise; raise ``BadInput`` as ``load`` does."""
    recover(folder)
    _state(folder, key)
    try:
        _fill(folder, model, noise)
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        raise _corrupt(folder, first_line(error)) from error


def has_noise(folder: Path) -> bool:
    """Return whether the weights of a checkpoint were trained with weight noise."""
    return (folder / NOISE).exists()


def _contiguous(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}


def _write(beside: Path, model: nn.Module, noise: nn.Module | None) -> None:
    write_tensors(beside / MODEL, _contiguous(model))
    if noise is not None:
        write_tensors(beside / NOISE, _contiguous(noise))


def _fill(folder: Path, model: nn.Module, noise: nn.Module | None) -> None:
    model.load_state_dict(load_file(folder / MODEL))
    if noise is not None:
        noise.load_state_dict(load_file(folder / NOISE))


def _state(folder: Path, key: str) -> dict[str, Any]:
    """Return the state of a checkpoint; raise ``BadInput`` for one that is not whole, or of another key."""
    if fault := manifest.fault(folder):
        raise _corrupt(folder, str(fault))
    try:
        state: dict[str, Any] = read_json(folder / STATE)
        found = state["key"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _corrupt(folder, first_line(error)) from error
    if found != key:
        raise BadInput(
            f"{folder} is a checkpoint of another configuration ({found}, not {key}); use another --work, or "
            "--force to start over"
        )
    return state


def _corrupt(folder: Path, why: str) -> BadInput:
    """Return the error for a checkpoint that cannot be read; its stage begins anew without its folder."""
    return BadInput(
        f"{folder} is corrupt ({why}); delete {folder.parent} and run `attnbench reproduce` "
        "again, or add --force to it, to train again"
    )


def _generators() -> dict[str, Tensor]:
    """Return the states of torch's random generators: dropout and drawn alignments on CUDA have their own."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Split an optimiser's state by parameter into tensors and plain values."""
    tensors: dict[str, Tensor] = {}
    plain: dict[str, Any] = {}
    for index, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"{index}.{name}"] = value.detach().cpu()
            else:
                plain[f"{index}.{name}"] = value
    return tensors, plain


def _restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], plain: dict[str, Any]
) -> None:
    state: dict[int, dict[str, Any]] = {}
    for key, value in {**tensors, **plain}.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
