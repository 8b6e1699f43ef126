"""The ``data`` settings of entailment."""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.errors import BadInput


@dataclass(frozen=True)
class EntailmentData:
    """Which sentence pairs, and how their words become vectors. Vectors as in Rocktäschel et al. (2016)."""

    train: tuple[str, ...] = ()
    """Names of the training files, several joined; empty: ``train``."""
    valid: tuple[str, ...] = ()
    """Names of the validation files; empty: ``valid``, ``val``, ``dev`` or ``validation``."""
    test: tuple[str, ...] = ()
    """Names of the test files, each a test set of its own; empty: ``test``."""
    limit: int | None = None
    """The first so many training pairs only; for embedded data, how many are made."""
    valid_limit: int | None = None
    """The first so many validation pairs only."""
    test_per_bin: int = 100
    """Embedded data only: test pairs in each bin of premise lengths."""
    seed: int = 0
    """Of embedded data, and of the fixed random vectors."""
    tokenizer: str = "moses"
    """``moses``, or ``none`` for text with blanks between its tokens; all text is lower-cased."""
    vectors: str = ""
    """A file of word vectors in word2vec's or GloVe's text format, which stay as they are; empty: all
    vectors are learned."""
    dimension: int = 300
    """Numbers a word vector, e."""
    least_count: int = 1
    """Training words seen fewer times are not learned: they keep a fixed random vector."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        for name in ("limit", "valid_limit", "test_per_bin", "dimension", "least_count"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"data.{name} is {value}; it must be at least 1")
