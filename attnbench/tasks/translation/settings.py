"""The ``data`` settings of translation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attnbench.corpora import languages
from attnbench.errors import BadInput
from attnbench.settings import DataSettings, SearchSettings, at_least


@dataclass(frozen=True)
class TranslationData(DataSettings):
    """Which sentences, and how they become word ids. The defaults are those of Bahdanau et al. (2015)."""

    languages: str = "en-fr"
    """Source and target, by the endings of the files or the names of the columns; ``en:zh-CN`` where a name
    has a hyphen. What is before the first hyphen or underscore chooses the tokeniser's rules."""
    links_from: int = 0
    """The number of the first word in files of gold links: 0 or 1."""
    test_per_bin: int = 100
    """Embedded data only: test sentences in each bin of ten words."""
    tokenizer: str = "moses"
    """``moses``, or ``none`` for text with blanks between its tokens."""
    vocabulary: int = 30_000
    """Words each side, the unknown word and the end symbol among them."""
    source_vocabulary: int | None = None
    """The same for the source alone, where it differs."""
    max_length: int = 50
    """Training pairs with more words than this on either side are left out; test pairs never are."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        super().__post_init__()
        languages.pair(self.languages)
        if self.links_from not in (0, 1):
            raise BadInput(f"data.links_from is {self.links_from}; gold links count words from 0 or from 1")
        at_least("data", self, vocabulary=3, source_vocabulary=3, max_length=1, test_per_bin=1)

    @property
    def pair(self) -> tuple[str, str]:
        """Source and target language."""
        return languages.pair(self.languages)

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the tokeniser's rules in these languages."""
        return languages.notes(*self.pair) if self.tokenizer == "moses" else []

    @property
    def sizes(self) -> dict[str, int]:
        """Rows of the ``source`` and of the ``target`` vocabulary."""
        return {"source": self.source_vocabulary or self.vocabulary, "target": self.vocabulary}


@dataclass(frozen=True)
class TranslationDecoding(SearchSettings):
    """How translations are searched for."""

    max_length_ratio: float = 3.0
    """Longest output, in source lengths (end symbols included)."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        super().__post_init__()
        at_least("decoding", self, max_length_ratio=0.1)

    def trained(self) -> TranslationDecoding:
        """Return the same with outputs of a usual length at most."""
        return replace(self, max_length_ratio=1.2)
