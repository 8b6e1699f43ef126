"""Translation: a sentence in one language to a sentence in another."""

from attnbench.tasks.translation.task import Translation

__all__ = ["Translation"]
