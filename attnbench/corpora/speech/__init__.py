"""Recorded or synthesised speech and what is said in it."""

RATE = 16_000
"""Samples a second."""
