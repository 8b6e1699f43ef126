"""The labels of sentence pairs."""

from __future__ import annotations

LABELS = ("entailment", "neutral", "contradiction")
"""In the order of SNLI's numbers."""

NONE = "-"
"""The label of a pair that has none."""
