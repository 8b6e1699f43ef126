from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from attnbench import checkpoints
from attnbench.errors import BadInput
from attnbench.machine.files import recover, seal, whole_folder

KEY = "0123456789ab"
PROGRESS = {"update": 7, "history": [{"valid_nll": 0.1 + 0.2}]}


def _model(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Linear(3, 2)


def _adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=0.1)


def _adadelta(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adadelta(model.parameters())


def _rmsprop(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), momentum=0.9, centered=True)


def _train(model: nn.Module, optimizer: torch.optim.Optimizer, updates: int) -> None:
    for _ in range(updates):
        optimizer.zero_grad()
        model(torch.randn(4, 3)).square().sum().backward()
        optimizer.step()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    model = _model(0)
    optimizer = _adam(model)
    _train(model, optimizer, 3)
    checkpoints.save(tmp_path / "checkpoint", key=KEY, model=model, optimizer=optimizer, progress=PROGRESS)
    return tmp_path / "checkpoint"


def _load(folder: Path, key: str = KEY) -> dict[str, Any] | None:
    model = _model(1)
    return checkpoints.load(folder, key=key, model=model, optimizer=_adam(model))


@pytest.mark.parametrize("make", [_adam, _adadelta, _rmsprop])
def test_training_goes_on_bit_for_bit(
    make: Callable[[nn.Module], torch.optim.Optimizer], tmp_path: Path
) -> None:
    """Weights, the optimiser's averages and step, and the random generator all come back."""
    model = _model(0)
    optimizer = make(model)
    _train(model, optimizer, 3)
    checkpoints.save(tmp_path / "c", key=KEY, model=model, optimizer=optimizer, progress=PROGRESS)
    _train(model, optimizer, 4)
    other = _model(1)
    again = make(other)
    torch.manual_seed(99)
    assert checkpoints.load(tmp_path / "c", key=KEY, model=other, optimizer=again) == PROGRESS
    _train(other, again, 4)
    assert torch.equal(model.weight, other.weight) and torch.equal(model.bias, other.bias)


class _Baseline(nn.Module):
    """Minimises the product of its cost and what it costs beyond a moving average."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)
        self.register_buffer("baseline", torch.zeros(()))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        cost = self.layer(inputs).square().sum()
        loss: torch.Tensor = (cost.detach() - self.baseline) * cost
        if self.training:
            self.baseline.mul_(0.9).add_(0.1 * cost.detach())
        return loss


def test_a_moving_baseline_comes_back(tmp_path: Path) -> None:
    """A buffer that training updates is in the checkpoint; without it the next losses are others."""
    model, inputs = _Baseline(), torch.ones(4, 3)
    for _ in range(3):
        model(inputs)
    kept = float(model.baseline)
    checkpoints.save(tmp_path / "c", key=KEY, model=model, optimizer=_adam(model), progress=PROGRESS)
    losses = [float(model(inputs).detach()) for _ in range(2)]
    other = _Baseline()
    assert checkpoints.load(tmp_path / "c", key=KEY, model=other, optimizer=_adam(other)) == PROGRESS
    cost = float(model.layer(inputs).square().sum().detach())
    assert kept > 0 and float(other.baseline) == kept == pytest.approx(cost * (1 - 0.9**3), rel=1e-5)
    assert [float(other(inputs).detach()) for _ in range(2)] == losses
    alone = _Baseline()
    checkpoints.load_model(tmp_path / "c", alone, key=KEY)
    assert float(alone.baseline) == kept


def test_no_checkpoint_is_none_and_changes_nothing(tmp_path: Path) -> None:
    model = _model(0)
    before = model.weight.clone()
    assert checkpoints.load(tmp_path / "none", key=KEY, model=model, optimizer=_adam(model)) is None
    assert torch.equal(model.weight, before)


def test_nothing_is_pickled(saved: Path) -> None:
    assert {path.name for path in saved.iterdir()} == {
        "manifest.json",
        "model.safetensors",
        "optimizer.safetensors",
        "state.json",
    }
    assert load_file(saved / "model.safetensors")["weight"].shape == (2, 3)
    assert json.loads((saved / "state.json").read_text())["progress"]["update"] == 7


def test_a_later_checkpoint_takes_the_place_of_the_first(saved: Path) -> None:
    model = _model(5)
    checkpoints.save(saved, key=KEY, model=model, optimizer=_adam(model), progress={"update": 8})
    assert _load(saved) == {"update": 8}
    assert [path.name for path in saved.parent.iterdir()] == ["checkpoint"]


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


BREAKS: dict[str, Callable[[Path], None]] = {
    "weights cut short": lambda folder: _truncate(folder / "model.safetensors"),
    "weights empty": lambda folder: (folder / "model.safetensors").write_bytes(b""),
    "weights missing": lambda folder: (folder / "model.safetensors").unlink(),
    "weights of another model": lambda folder: checkpoints.save_file(
        {"weight": torch.zeros(5, 5)}, folder / "model.safetensors"
    ),
    "averages cut short": lambda folder: _truncate(folder / "optimizer.safetensors"),
    "averages missing": lambda folder: (folder / "optimizer.safetensors").unlink(),
    "no generator": lambda folder: checkpoints.save_file(
        {"0.step": torch.zeros(())}, folder / "optimizer.safetensors"
    ),
    "state cut short": lambda folder: _truncate(folder / "state.json"),
    "state missing": lambda folder: (folder / "state.json").unlink(),
    "state not text": lambda folder: (folder / "state.json").write_bytes(b"\xff\xfe\x00"),
    "state without a key": lambda folder: (folder / "state.json").write_text("{}"),
    "state a list": lambda folder: (folder / "state.json").write_text("[]"),
    "state without progress": lambda folder: (folder / "state.json").write_text(
        json.dumps({"key": KEY, "progress": None, "optimizer": {}})
    ),
}


@pytest.mark.parametrize("sealed", [False, True], ids=["changed later", "written so"])
@pytest.mark.parametrize("broken", list(BREAKS))
def test_a_corrupt_checkpoint_is_said_in_one_line(broken: str, sealed: bool, saved: Path) -> None:
    BREAKS[broken](saved)
    if sealed:
        seal(saved)
    with pytest.raises(BadInput) as caught:
        _load(saved)
    message = str(caught.value)
    assert str(saved) in message and "corrupt" in message and "--force" in message and "\n" not in message


def test_a_checkpoint_of_another_configuration_is_refused(saved: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _load(saved, key="ba9876543210")
    message = str(caught.value)
    assert KEY in message and "ba9876543210" in message and "--force" in message and "\n" not in message


def test_one_changed_bit_of_the_weights_is_seen(saved: Path) -> None:
    path = saved / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert load_file(path).keys() == {"weight", "bias"}, "the file alone does not tell"
    for read in (_load, lambda folder: checkpoints.load_model(folder, _model(1), key=KEY)):
        with pytest.raises(BadInput, match=r"model\.safetensors is not as it was written"):
            read(saved)


def test_a_full_disk_while_weights_are_written_is_one_line(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(tensors: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(BadInput, match=r"^cannot write .*checkpoint: I/O error: No space left on device"):
        checkpoints.save_model(saved, _model(1), key=KEY)
    assert _load(saved) == PROGRESS
    assert [path.name for path in saved.parent.iterdir()] == ["checkpoint"]


def test_load_model_fills_the_weights_alone(saved: Path) -> None:
    model = _model(1)
    checkpoints.load_model(saved, model, key=KEY)
    assert torch.equal(model.state_dict()["weight"], load_file(saved / "model.safetensors")["weight"])
    _truncate(saved / "model.safetensors")
    with pytest.raises(BadInput, match="corrupt"):
        checkpoints.load_model(saved, model, key=KEY)


# --- folders that appear whole or not at all ---


def _fill(folder: Path, text: str) -> None:
    with whole_folder(folder) as beside:
        (beside / "file").write_text(text)


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    with pytest.raises(RuntimeError), whole_folder(folder) as beside:
        (beside / "file").write_text("half")
        assert not folder.exists()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    _fill(folder, "one")
    with pytest.raises(RuntimeError), whole_folder(folder) as beside:
        (beside / "file").write_text("half of two")
        raise RuntimeError
    assert (folder / "file").read_text() == "one"
    _fill(folder, "two")
    assert (folder / "file").read_text() == "two"
    assert list(tmp_path.iterdir()) == [folder]


class _Killed(BaseException):
    pass


def _renames(monkeypatch: pytest.MonkeyPatch, before_dying: int) -> None:
    """Let so many renames pass, then die in the next, as at a kill: nothing is cleaned up after it."""
    rename, left = Path.rename, [before_dying]

    def dying(path: Path, target: Path) -> Path:
        if not left[0]:
            raise _Killed
        left[0] -= 1
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", dying)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)


@pytest.mark.parametrize("before_dying", [0, 1])
def test_a_kill_between_renames_loses_nothing(
    before_dying: int, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(_Killed):
        _renames(patch, before_dying)
        model = _model(2)
        checkpoints.save(saved, key=KEY, model=model, optimizer=_adam(model), progress={"update": 8})
    assert saved.exists() == (before_dying == 0)
    checkpoints.load_model(saved, _model(3), key=KEY)
    assert _load(saved) == PROGRESS
    assert saved.exists()
    model = _model(2)
    checkpoints.save(saved, key=KEY, model=model, optimizer=_adam(model), progress={"update": 9})
    assert _load(saved) == {"update": 9}


def test_recovering_leaves_a_whole_folder_alone(tmp_path: Path) -> None:
    _fill(tmp_path / "folder", "new")
    _fill(tmp_path / ".attnbench.00000000.1.old.folder", "old")
    recover(tmp_path / "folder")
    assert (tmp_path / "folder" / "file").read_text() == "new"
    recover(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
