"""Numbers put back: the corpus writes each digit as ``#``, so a model can write no number.

The code that Rush et al. (2015) released replaces a written token of ``#`` signs by a number of the same length
that the input has. Here a token with other characters too, such as ``##.#`` or ``####s``, is replaced by one of
the input that is normalised to the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

DIGIT = "#"
"""What stands for every digit of a normalised word."""


def restored(output: Sequence[str], source_words: Sequence[str], source_tokens: Sequence[str]) -> list[str]:
    """Return an output in which every token that holds ``#`` is one of the input's.

    Each place of the input is used once, in its order. Where none is left, the first is used again; where the
    input has no such word, the token stays.

    Args:
        output: normalised words.
        source_words: the normalised words of the input.
        source_tokens: the same tokens as they are written.
    """
    written: dict[str, list[str]] = defaultdict(list)
    for word, token in zip(source_words, source_tokens, strict=True):
        if DIGIT in word:
            written[word].append(token)
    again = {word: tokens[0] for word, tokens in written.items()}
    left: dict[str, Iterator[str]] = {word: iter(tokens) for word, tokens in written.items()}
    return [next(left[word], again[word]) if word in left else word for word in output]
