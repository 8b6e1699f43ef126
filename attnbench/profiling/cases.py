"""What is measured: one attention mechanism, in one implementation, at one size, in one direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

Alignments = tuple[bool, ...]
"""Whether the alignment is asked for; both where an implementation needs less memory without."""

ADDITIVE: Mapping[str, Alignments] = {
    "naive": (True,),
    "compiled": (True,),
    "blocked": (True, False),
    "fused": (True, False),
}
DOT: Mapping[str, Alignments] = {"naive": (True,), "compiled": (True,), "sdpa": (False,)}
STEPWISE: Mapping[str, Alignments] = {"naive": (True,), "blocked": (True,), "fused": (True,)}
DECODER: Mapping[str, Alignments] = {"auto": (True,)}

PREFIX = "decoder:"
WINDOW = 128
"""Tokens on either side of the median in which windowed attention looks."""

OFFERED: Mapping[str, Mapping[str, Alignments]] = {
    "additive": ADDITIVE,
    "concat": ADDITIVE,
    "dot": DOT,
    "scaled-dot": DOT,
    "general": DOT,
    "location": STEPWISE,
    "location-windowed": STEPWISE,
    f"{PREFIX}additive": DECODER,
    f"{PREFIX}location": DECODER,
    f"{PREFIX}location-windowed": DECODER,
    f"{PREFIX}fixed-vector": DECODER,
    f"{PREFIX}deep-lstm": DECODER,
    f"{PREFIX}recursive-convolution": DECODER,
}
"""Mechanism to implementation to alignments.

``sdpa`` is torch's scaled_dot_product_attention. A decoder is a whole model, which chooses for itself
(``auto``); of location-aware attention a query is a step that waits for the one before.
"""


DIRECTIONS = ("forward", "both", "decode", "train")
"""Without and with gradients, of a mechanism and of a decoder; ``train`` is a whole step."""


@dataclass(frozen=True)
class Case:
    """A row of the table, but for what is measured."""

    mechanism: str
    implementation: str
    align: bool
    device: str
    dtype: str
    batch: int
    queries: int
    keys: int
    dim: int
    direction: str

    @property
    def line(self) -> str:
        """What grows with the length: the mechanism, how it is done, and what it gives."""
        parts = [self.mechanism, *([] if self.decodes else [self.implementation])]
        return ", ".join(parts if self.align else [*parts, "no alignment"])

    @property
    def decodes(self) -> bool:
        """Whether a whole decoder is measured."""
        return self.mechanism.startswith(PREFIX)

    @property
    def multiplies(self) -> bool:
        """Whether energies are products of query and key."""
        return OFFERED[self.mechanism] is DOT

    def __str__(self) -> str:
        """Name the case in a line."""
        sizes = f"batch {self.batch}, length {self.keys}, dim {self.dim}"
        return f"{self.line}, {self.direction}, {sizes}, {self.dtype}"


KEY = [field.name for field in fields(Case)]
"""The columns that name a case."""
