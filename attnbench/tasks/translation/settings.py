"""The ``data`` settings of translation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attnbench.corpora import languages
from attnbench.corpora.text import SPECIAL, TOKENIZERS
from attnbench.settings import DataSettings, SearchSettings
from attnbench.values import COUNT, FILES, GIVEN, MADE, setting


@dataclass(frozen=True)
class TranslationData(DataSettings):
    """Which sentences, and how they become word ids. The defaults are those of Bahdanau et al. (2015)."""

    languages: str = setting("en-fr", only=GIVEN, tested=True)
    """Source and target, by the endings of the files or the names of the columns; ``en:zh-CN`` where a name
    has a hyphen. What is before the first hyphen or underscore chooses the tokeniser's rules."""
    links_from: int = setting(0, low=0, high=1, only=FILES, tested=True)
    """The number of the first word in files of gold links: 0 or 1."""
    test_per_bin: int = setting(100, low=1, high=COUNT, only=MADE, tested=True)
    """Test sentences in each bin of ten words."""
    tokenizer: str = setting("moses", one_of=TOKENIZERS, only=GIVEN, tested=True)
    """``moses``, or ``none`` for text with blanks between its tokens."""
    vocabulary: int = setting(30_000, low=len(SPECIAL) + 1, high=10**8, at_most=True)
    """Words each side, the unknown word and the end symbol among them."""
    source_vocabulary: int | None = setting(None, low=len(SPECIAL) + 1, high=10**8, at_most=True)
    """The same for the source alone, where it differs."""
    max_length: int = setting(50, low=1, high=10**9)
    """Training pairs with more words than this on either side are left out; test pairs never are."""

    def __post_init__(self) -> None:
        """Check the values that no type can."""
        super().__post_init__()
        languages.pair(self.languages)

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

    max_length_ratio: float = setting(3.0, low=0.1, high=100)
    """Longest output, in source lengths (end symbols included)."""

    def trained(self) -> TranslationDecoding:
        """Return the same with outputs of a usual length at most."""
        return replace(self, max_length_ratio=1.2)
