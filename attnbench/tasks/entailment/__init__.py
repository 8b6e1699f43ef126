"""Entailment: whether a premise entails a hypothesis, contradicts it, or does neither."""

from attnbench.tasks.entailment.task import Entailment

__all__ = ["Entailment"]
