"""The numbers that Rocktäschel et al. (2016) print, for the comparison. None of them is ours."""

from __future__ import annotations

from attnbench.paper import Printed

_TABLE_1 = {
    # system: accuracy in percent on SNLI's training, development and test set
    "independent": (84.4, None, 77.6),
    "conditional-shared": (83.7, 81.9, 80.9),
    "conditional-shared-159": (84.4, 83.0, 81.4),
    "conditional": (83.5, 82.1, 80.9),
    "attention": (85.4, 83.2, 82.3),
    "attention-two-way": (86.5, 83.0, 82.4),
    "word-by-word": (85.3, 83.7, 83.5),
    "word-by-word-two-way": (86.6, 83.6, 83.2),
}

_UNVERIFIED = {
    ("conditional-shared", "train"), ("conditional-shared", "valid"),
    ("conditional", "train"), ("conditional", "valid"),
    *((f"{system}-two-way", test) for system in ("attention", "word-by-word")
      for test in ("train", "valid", "test")),
}  # fmt: skip
"""Rows that we found in no second source."""


def _note(system: str, test: str) -> str:
    found = "unverified: found in no second source" if (system, test) in _UNVERIFIED else ""
    return "; ".join(filter(None, ["Bowman et al. 2015" if system == "independent" else "", found]))


PRINTED: tuple[Printed, ...] = tuple(
    Printed(system, test, "accuracy", value, "Table 1", note=_note(system, test))
    for system, values in _TABLE_1.items()
    for test, value in zip(("train", "valid", "test"), values, strict=True)
    if value is not None
)
