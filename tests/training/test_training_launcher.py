"""Variables that a launcher of many processes leaves behind change no training."""

import os

import pytest
import torch

from attnbench.training import _accelerator

LEFT = {
    "WORLD_SIZE": "2", "RANK": "0", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29555",
    "OMPI_COMM_WORLD_SIZE": "2", "PMI_SIZE": "2", "ACCELERATE_GRADIENT_ACCUMULATION_STEPS": "4",
    "ACCELERATE_MIXED_PRECISION": "bf16", "ACCELERATE_DYNAMO_BACKEND": "INDUCTOR",
    "ACCELERATE_USE_CPU": "maybe",
}  # fmt: skip


def test_a_launchers_variables_neither_wait_for_others_nor_divide_the_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With WORLD_SIZE=2 accelerate would wait for a second process that nobody starts."""
    from accelerate.state import AcceleratorState, PartialState

    AcceleratorState._reset_state()
    PartialState._reset_state()
    for name, value in LEFT.items():
        monkeypatch.setenv(name, value)
    made = _accelerator(torch.device("cpu"), "no")
    weight = torch.nn.Parameter(torch.ones(()))
    made.backward(8 * weight)
    assert weight.grad == 8
    assert made.num_processes == 1 and made.mixed_precision == "no"
    assert {name: os.environ[name] for name in LEFT} == LEFT  # for whatever else is started
