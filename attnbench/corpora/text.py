"""Words and their numbers: tokenisers, and the vocabulary."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from attnbench.corpora.languages import rules
from attnbench.errors import BadInput, unknown

UNKNOWN, END = 0, 1
"""The numbers of the two special tokens. Padding uses ``END`` under a mask."""

SPECIAL = ("<unk>", "</s>")

TOKENIZERS = ("none", "moses")

_INVISIBLE = ("Zs", "Zl", "Zp", "Cc", "Cf")
"""The Unicode categories of blanks, control and format characters."""


def at_blanks(text: str) -> list[str]:
    """Return the words of a text that blanks stand between: space and tab, no other character.

    So a no-break space (U+00A0), which numbers have inside, belongs to a word; ``str.split`` cuts there.
    """
    return [word for word in text.replace("\t", " ").split(" ") if word]


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing: no more than blanks of any kind, control and format characters."""
    begun = text[:1].isalnum()  # as most texts are, which saves the rest
    return not begun and all(unicodedata.category(character) in _INVISIBLE for character in text)


@lru_cache
def tokenizer(name: str, language: str) -> Callable[[str], list[str]]:
    """Return the function from a sentence to its tokens.

    ``none`` cuts at blanks, see ``at_blanks``. ``moses`` follows the Moses script, as Bahdanau et al. did,
    through sacremoses: case and hyphens kept, nothing escaped, cut at every blank of Unicode;
    ``languages`` tells what it has rules for.
    """
    if name == "none":
        return at_blanks
    if name == "moses":
        from sacremoses import MosesTokenizer

        return partial(MosesTokenizer(rules(language)).tokenize, aggressive_dash_splits=False, escape=False)
    raise unknown("tokenizer", name, TOKENIZERS)


@lru_cache
def detokenizer(name: str, language: str) -> Callable[[Sequence[str]], str]:
    """Return the function from tokens back to a sentence."""
    if name == "none":
        return " ".join
    if name == "moses":
        from sacremoses import MosesDetokenizer

        return partial(MosesDetokenizer(rules(language)).detokenize, unescape=False)
    raise unknown("tokenizer", name, TOKENIZERS)


class Vocabulary:
    """The words a model knows, numbered: ``<unk>``, ``</s>``, then by frequency, ties in alphabetical order.

    A word of the text that is spelt like a special token counts as unknown.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Number ``words``, which must not repeat, after the two special tokens."""
        self.words = (*SPECIAL, *words)
        self._numbers = {word: number for number, word in enumerate(self.words) if number >= len(SPECIAL)}
        if len(self._numbers) + len(SPECIAL) != len(self.words) or not set(SPECIAL).isdisjoint(self._numbers):
            raise ValueError("a vocabulary's words must differ from each other and from the special tokens")

    @classmethod
    def build(cls, sentences: Iterable[Sequence[str]], size: int, least: int = 1) -> Vocabulary:
        """Return the most frequent words of tokenised sentences.

        Args:
            sentences: tokens.
            size: the largest size, the two special tokens included.
            least: words that are seen fewer times are left out.

        Raises ``BadInput`` for a size that leaves room for no word, and where all words are seen too rarely.
        """
        if size <= len(SPECIAL):
            raise BadInput(f"a vocabulary of {size} holds no word; it needs more than {len(SPECIAL)}")
        counts: Counter[str] = Counter()
        for sentence in sentences:
            counts.update(sentence)
        for special in SPECIAL:
            del counts[special]
        frequent = (word for word, count in counts.items() if count >= least)
        ranked = sorted(frequent, key=lambda word: (-counts[word], word))
        if counts and not ranked:
            raise BadInput(f"no word is seen {least} times in the training text; lower data.least_count")
        return cls(ranked[: size - len(SPECIAL)])

    def __len__(self) -> int:
        """Return the size, the special tokens included."""
        return len(self.words)

    def __eq__(self, other: object) -> bool:
        """Return whether the words and their numbers are the same."""
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        """Return a hash of the words."""
        return hash(self.words)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return the tokens' numbers, without an end symbol."""
        number = self._numbers.get
        return [number(token, UNKNOWN) for token in tokens]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """Return the tokens that the numbers stand for, special ones as they are spelt."""
        return [self.words[number] for number in numbers]

    def save(self, path: Path) -> None:
        """Write the vocabulary as a word-level model of ``tokenizers`` (JSON)."""
        from tokenizers import Tokenizer
        from tokenizers.models import WordLevel

        model = WordLevel(
            {word: number for number, word in enumerate(self.words)}, unk_token=SPECIAL[UNKNOWN]
        )
        path.write_text(Tokenizer(model).to_str(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what ``save`` wrote; raise ``BadInput`` for a missing, broken or other file."""
        from tokenizers import Tokenizer

        try:
            numbers = Tokenizer.from_str(path.read_text(encoding="utf-8")).get_vocab()
        except Exception as error:  # tokenizers raises a bare Exception
            raise BadInput(f"{path} is not a vocabulary: {error}; train again with --force") from error
        words = sorted(numbers, key=numbers.__getitem__)
        if tuple(words[: len(SPECIAL)]) != SPECIAL or sorted(numbers.values()) != list(range(len(words))):
            raise BadInput(f"{path} is not a vocabulary of attnbench; train again with --force")
        return cls(words[len(SPECIAL) :])
