"""Whether attention looks at the object that a word names, and how it is spread over a picture.

A word names one region or more; a cell counts as inside where one of them covers a quarter of it, or covers
no cell more. Of cells that are equally strong, each is as likely to be pointed at.

    t words of a caption   k words that name regions   r regions   s cells, row by row
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

SHARE = 0.25
"""Of a cell that a region must cover, unless it covers no cell more."""
DEVIATION = 0.25
"""Of the weights around the middle, in sides of the picture."""


def marked(coverage: np.ndarray) -> np.ndarray:
    """Return which cells are inside each region (r, s), of the shares of the cells that it covers (r, s).

    A region that covers nothing, as one beyond the part of a picture that is seen, has no cell inside.
    """
    most = coverage.max(axis=1, keepdims=True, initial=0)
    return np.asarray((coverage > 0) & (coverage >= np.minimum(most, SHARE)))


def named(links: Iterable[tuple[int, int]], regions: np.ndarray, words: int) -> np.ndarray:
    """Return (t, s) of bool: the cells inside any of the regions (r, s) that a word is linked to.

    ``links`` are pairs of a word and a region. The row of a word without any is False throughout.
    """
    right = np.zeros((words, regions.shape[1]), dtype=bool)
    for word, region in links:
        right[word] |= regions[region]
    return right


def centred(grid: tuple[int, int]) -> np.ndarray:
    """Return weights (s,) that fall off from the middle of a picture as a normal density does."""
    rows, columns = (((np.arange(n) - (n - 1) / 2) / n / DEVIATION) ** 2 / -2 for n in grid)
    weights = np.exp(rows[:, None] + columns).ravel()
    return np.asarray(weights / weights.sum())


def strongest(weights: np.ndarray) -> np.ndarray:
    """Return all weight on the strongest cells of each row (..., s), in equal parts."""
    most = weights == weights.max(axis=-1, keepdims=True)
    return np.asarray(most / most.sum(axis=-1, keepdims=True))


def statistics(weights: np.ndarray, right: np.ndarray, grid: tuple[int, int]) -> dict[str, float]:
    """Return the columns ``NAME/sum`` and ``NAME/words`` of one caption, over the words that name regions.

    ``pointing`` is the share of them whose strongest cell is inside, ``mass`` the mean weight inside. The
    controls take, in place of a word's weights: even ones (``pointing-chance``, ``mass-uniform``), those
    around the middle (``-centre``), and those of each other word of the caption (``-shuffled``), which a
    caption of one word does not have.

    Args:
        weights: (t, s), those with which each word is read; a row adds up to 1.
        right: (t, s), bool: the cells inside what each word names, see ``named``.
        grid: rows and columns of the cells.
    """
    asked = np.flatnonzero(right.any(axis=1))
    inside = right[asked].T.astype(np.float64)  # [s, k]
    middle, even = centred(grid), inside.mean(axis=0)
    return {
        **_sums("pointing", _within(strongest(weights), inside, asked)),
        **_sums("mass", _within(weights.astype(np.float64), inside, asked)),
        **_columns("pointing-chance", even),
        **_columns("mass-uniform", even),
        **_columns("pointing-centre", strongest(middle) @ inside),
        **_columns("mass-centre", middle @ inside),
    }


def _within(weights: np.ndarray, inside: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight inside what each asked word names (k,): its own, and that of the other words."""
    reached = weights @ inside  # [t, k]
    own = reached[asked, np.arange(len(asked))]
    others = len(weights) - 1
    return own, (reached.sum(axis=0) - own) / others if others else own[:0]


def _sums(name: str, values: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    return _columns(name, values[0]) | _columns(f"{name}-shuffled", values[1])


def _columns(name: str, values: np.ndarray) -> dict[str, float]:
    return {f"{name}/sum": float(values.sum()), f"{name}/words": float(len(values))}


def spread(weights: np.ndarray) -> dict[str, float]:
    """Return how the weights of one caption are spread, those of its end symbol (t + 1, s) in the last row.

    ``entropy`` is that of each word, in nats; ``time-variance`` the variance over the words, summed over
    cells, which attention that never moves has none of, and a caption of one word is not asked for;
    ``coverage-variance`` that over cells of what they get in all, the end's weights too, as the doubly
    stochastic penalty sums them.
    """
    weights = weights.astype(np.float64)
    words = weights[:-1]
    positive = words[words > 0]
    moves = len(words) > 1
    return {
        "entropy/sum": float(-(positive * np.log(positive)).sum()),
        "entropy/words": float(len(words)),
        "time-variance/sum": float(words.var(axis=0).sum()) if moves else 0.0,
        "time-variance/captions": float(moves),
        "coverage-variance/sum": float(weights.sum(axis=0).var()),
        "coverage-variance/captions": 1.0,
    }
