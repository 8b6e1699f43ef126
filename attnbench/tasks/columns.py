"""Columns of a split: each makes one field of a batch, and reads its numbers where they lie.

A column keeps views of the Arrow chunks that it is made of, so a file that is mapped into memory is not
copied; only what a batch asks for is.

    n rows   k rows of a batch   t the longest of them
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from attnbench.corpora.text import END
from attnbench.zoo.graphs import LENGTHS
from attnbench.zoo.padded import Padded


def numbers(array: pa.Array) -> np.ndarray:
    """Return a view of a chunk of numbers (n,), or of lists of one fixed size (n, size, ...)."""
    if pa.types.is_fixed_size_list(array.type):
        inner = numbers(array.flatten())
        return inner.reshape(len(array), array.type.list_size, *inner.shape[1:])
    return array.to_numpy(zero_copy_only=True)


class Values:
    """A number a row, such as a label, or an array of one shape; a batch is (k, ...), of the same type."""

    _view: ClassVar[Any] = staticmethod(numbers)

    def __init__(self, column: pa.ChunkedArray) -> None:
        """View each chunk of a column of numbers, or of lists of one fixed size."""
        self._views = [self._view(chunk) for chunk in column.chunks]
        self._starts = np.cumsum([0, *(len(chunk) for chunk in column.chunks)])

    @property
    def lengths(self) -> np.ndarray:
        """(n,), 32 bits: how many steps each row has."""
        return np.ones(self._starts[-1], np.int32)

    def at(self, rows: np.ndarray) -> list[np.ndarray]:
        """Return a view of what each row (k,) holds."""
        chunks = np.searchsorted(self._starts, rows, side="right") - 1
        places = zip(chunks.tolist(), (rows - self._starts[chunks]).tolist(), strict=True)
        return [self._views[chunk][place] for chunk, place in places]

    def batch(self, rows: np.ndarray, device: torch.device) -> Any:
        """Return the field of a batch of the rows (k,)."""
        return to(device, np.stack(self.at(rows)))


class _Lists:
    """Views of where each list of a chunk begins and ends (n + 1,), and of what is in them."""

    def __init__(self, chunk: pa.Array) -> None:
        self.offsets = chunk.offsets.to_numpy(zero_copy_only=True)
        self.values = numbers(chunk.values)

    def __getitem__(self, row: int) -> np.ndarray:
        return self.values[self.offsets[row] : self.offsets[row + 1]]


class Sequences(Values):
    """Sequences of several lengths: a column of lists of numbers, or of lists of lists of one fixed size."""

    _view = _Lists

    @property
    def lengths(self) -> np.ndarray:
        """(n,), 32 bits: how long each is."""
        parts = [np.diff(view.offsets).astype(np.int32) for view in self._views]
        return np.concatenate([np.zeros(0, np.int32), *parts])


def pad(
    sequences: Sequence[np.ndarray], device: torch.device, *, fill: float, dtype: Any = None, longer: int = 0
) -> Padded:
    """Return sequences (length, ...) as one tensor (k, t, ...) and its mask (k, t).

    Args:
        sequences: one or more.
        device: for CUDA t is a multiple of ``zoo.graphs.LENGTHS``.
        fill: what stands behind the end.
        dtype: numpy's, of the tensor; None: that of the sequences.
        longer: so many of what stands behind the end of each are real.
    """
    lengths = np.array([len(sequence) for sequence in sequences]) + longer
    multiple = LENGTHS if device.type == "cuda" else 1
    steps = np.arange(-(-lengths.max() // multiple) * multiple)
    shape = (len(sequences), len(steps), *sequences[0].shape[1:])
    values = np.full(shape, fill, dtype or sequences[0].dtype)
    for row, sequence in zip(values, sequences, strict=True):
        row[: len(sequence)] = sequence
    return Padded(to(device, values), to(device, steps < lengths[:, None]))


def to(device: torch.device, array: np.ndarray) -> Tensor:
    """Return an array on a device."""
    return torch.from_numpy(array).to(device, non_blocking=True)


class Ids(Sequences):
    """Sequences of word ids; a batch is ``Padded`` (k, t) of 64 bits, as torch takes them."""

    def __init__(self, column: pa.ChunkedArray, *, closed: bool) -> None:
        """View a column of lists of 32-bit numbers; ``closed``: each ends with the end symbol."""
        super().__init__(column)
        self.closed = closed

    @property
    def lengths(self) -> np.ndarray:
        """(n,), 32 bits: how long each is, end symbols included."""
        return super().lengths + np.int32(self.closed)

    def batch(self, rows: np.ndarray, device: torch.device) -> Padded:
        """Return the sequences of the rows; padding is ``END``."""
        return pad(self.at(rows), device, fill=END, dtype=np.int64, longer=int(self.closed))


class Frames(Sequences):
    """Frames of sound (t, f); a batch is ``Padded`` (k, t, f), each with one frame of zeros more.

    That frame is real: it marks the end of the input (Chorowski et al. 2015).
    """

    @property
    def lengths(self) -> np.ndarray:
        """(n,), 32 bits: how many frames each has, the end of input included."""
        return super().lengths + np.int32(1)

    def batch(self, rows: np.ndarray, device: torch.device) -> Padded:
        """Return the frames of the rows; padding is 0."""
        return pad(self.at(rows), device, fill=0, longer=1)


class Cells(Values):
    """Annotations of pictures, (cells, size) each and of 16 bits; a batch is ``Padded`` (k, cells, size).

    All of it is real, and of 32 bits: on a GPU it is made so there.
    """

    @property
    def lengths(self) -> np.ndarray:
        """(n,), 32 bits: how many cells each picture has."""
        cells = self._views[0].shape[1] if self._views else 0
        return np.full(self._starts[-1], cells, np.int32)

    def batch(self, rows: np.ndarray, device: torch.device) -> Padded:
        """Return the annotations of the rows."""
        values = to(device, np.stack(self.at(rows))).float()
        return Padded(values, torch.ones(values.shape[:2], dtype=torch.bool, device=device))


class Shared(Values):
    """A column whose rows several examples share, such as the picture of several captions."""

    def __init__(self, column: Values, places: np.ndarray) -> None:
        """Take the row of the column that each example has, (n,); nothing is copied."""
        self.column, self.places = column, places

    @property
    def lengths(self) -> np.ndarray:
        """(n,), 32 bits: how many steps each example has."""
        return self.column.lengths[self.places]

    def at(self, rows: np.ndarray) -> list[np.ndarray]:
        """Return a view of what each example (k,) has."""
        return self.column.at(self.places[rows])

    def batch(self, rows: np.ndarray, device: torch.device) -> Any:
        """Return the field of a batch of the examples (k,)."""
        return self.column.batch(self.places[rows], device)


def cells(arrays: np.ndarray) -> pa.Array:
    """Return arrays of one shape (n, length, size) as a column that ``Cells`` reads, of the same bits."""
    flat = pa.array(np.ascontiguousarray(arrays).ravel())
    return pa.FixedSizeListArray.from_arrays(
        pa.FixedSizeListArray.from_arrays(flat, arrays.shape[2]), arrays.shape[1]
    )


def lists(sequences: Sequence[np.ndarray]) -> pa.Array:
    """Return sequences (length, size) of one size, one or more, as a column that ``Sequences`` reads."""
    offsets = np.cumsum([0, *map(len, sequences)], dtype=np.int32)
    inner = pa.FixedSizeListArray.from_arrays(
        pa.array(np.concatenate(sequences).ravel()), sequences[0].shape[1]
    )
    return pa.ListArray.from_arrays(pa.array(offsets), inner)
