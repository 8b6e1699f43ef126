"""The equations of Rush et al. (2015) as slow literal loops over one unpadded sentence and one position.

The names are the paper's; positions count from 1 there and from 0 here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from attnbench.zoo.attention import FixedVector, Mean, SmoothedDot
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.word_embeddings import Sorted, WordEmbeddings


def window(y: Sequence[int], i: int, C: int, start: int) -> list[int]:
    """y_{i-C+1}, ..., y_i: the last C words before the one at ``i``."""
    return [y[j] if j >= 0 else start for j in range(i - C, i)]


def bag_of_words(F: Tensor, x: Sequence[int]) -> Tensor:
    """enc1 = p' xtilde, p uniform."""
    total = torch.zeros_like(F[0])
    for word in x:
        total = total + F[word] / len(x)
    return total


def convolution(encoder: ConvolutionalEncoder, x: Sequence[int]) -> Tensor:
    """enc2: convolve 2Q + 1 neighbours, take the larger of two, tanh; the largest of all in the end."""
    level = [encoder.embedding.weight[word] for word in x]
    if not level:
        return torch.zeros_like(encoder.embedding.weight[0])
    for layer in encoder.filters:
        width = layer.weight.shape[2]
        Q = width // 2
        bars = []
        for i in range(len(level)):
            bar = layer.bias
            for q in range(width):
                if 0 <= i - Q + q < len(level):
                    bar = bar + layer.weight[:, :, q] @ level[i - Q + q]
            bars.append(bar)
        pairs = [bars[i : i + 2] for i in range(0, len(bars), 2)]
        level = [torch.tanh(torch.stack(pair).amax(dim=0)) for pair in pairs]
    return torch.stack(level).amax(dim=0)


def attention(
    model: ContextWindowModel, F: Tensor, Q: int, x: Sequence[int], y_c: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """enc3 and p: weights of the words themselves, values of their neighbours too, summed and over Q."""
    assert model.query is not None and model.query_embedding is not None
    ytilde = torch.cat([model.query_embedding.weight[word] for word in y_c])
    asked = model.query.weight @ ytilde + model.query.bias
    e = torch.stack([torch.exp(F[word] @ asked) for word in x])
    p = e / e.sum()
    enc = torch.zeros_like(F[0])
    for i in range(len(x)):
        xbar = torch.zeros_like(F[0])
        for q in range(max(i - Q, 0), min(i + Q + 1, len(x))):
            xbar = xbar + F[x[q]]
        enc = enc + p[i] * (xbar / Q if Q else F[x[i]])
    return enc, p


def encoded(model: ContextWindowModel, x: Sequence[int], y_c: Sequence[int]) -> tuple[Tensor, Tensor | None]:
    """enc(x, y_c), and p where there is attention."""
    encoder = model.encoder
    if isinstance(encoder, Sorted):
        x, encoder = sorted(x), encoder.encoder
    if isinstance(encoder, ConvolutionalEncoder):
        assert isinstance(model.attention, FixedVector)
        return convolution(encoder, x), None
    assert isinstance(encoder, WordEmbeddings)
    if isinstance(model.attention, Mean):
        return bag_of_words(encoder.embedding.weight, x), None
    assert isinstance(model.attention, SmoothedDot)
    return attention(model, encoder.embedding.weight, model.attention.reach, x, y_c)


def forced(model: ContextWindowModel, x: Sequence[int], y: Sequence[int]) -> tuple[Tensor, Tensor | None]:
    """Return logits (t, v) and p (t, s), or None without attention, for one sentence."""
    n = model.hidden.out_features
    V, W, bias = model.output.weight[:, :n], model.output.weight[:, n:], model.output.bias
    logits, alignment = [], []
    for i in range(len(y)):
        y_c = window(y, i, model.context, model.before)
        ytilde = torch.cat([model.embedding.weight[word] for word in y_c])
        scores = V @ torch.tanh(model.hidden.weight @ ytilde + model.hidden.bias) + bias
        if model.encoder is not None:
            enc, p = encoded(model, x, y_c)
            scores = scores + W @ enc
            alignment.append(p)
        logits.append(scores)
    known = [p for p in alignment if p is not None]
    return torch.stack(logits), torch.stack(known) if known else None


class KneserNey:
    """Interpolated modified Kneser-Ney (Chen and Goodman 1999), one probability at a time."""

    def __init__(self, order: int, vocabulary: int, sequences: Sequence[Sequence[int]]) -> None:
        self.order, self.vocabulary = order, vocabulary
        longest: Counter[tuple[int, ...]] = Counter()
        for sequence in sequences:
            padded = (*[-1] * (order - 1), *sequence)
            longest.update(padded[i : i + order] for i in range(len(sequence)))
        self.counts = {order: longest}
        for n in range(order - 1, 0, -1):
            self.counts[n] = Counter(gram[1:] for gram in self.counts[n + 1])
        self.discounts = {n: self.discounts_of(n) for n in self.counts}

    def discounts_of(self, n: int) -> list[float]:
        """0, D_1, D_2, D_3+ of the n-grams."""
        seen = Counter(self.counts[n].values())
        if not all(seen[k] for k in (1, 2, 3, 4)):
            return [0, 0.5, 1, 1.5]
        Y = seen[1] / (seen[1] + 2 * seen[2])
        found = [k - (k + 1) * Y * seen[k + 1] / seen[k] for k in (1, 2, 3)]
        return [0, *found] if min(found) > 0 else [0, 0.5, 1, 1.5]

    def p(self, word: int, history: tuple[int, ...]) -> float:
        """p(w | h)."""
        n = len(history) + 1
        lower = self.p(word, history[1:]) if history else 1 / self.vocabulary
        after = {gram[-1]: count for gram, count in self.counts[n].items() if gram[:-1] == history}
        if not after:
            return lower
        D = {w: self.discounts[n][min(count, 3)] for w, count in after.items()}
        total = sum(after.values())
        own = after[word] - D[word] if word in after else 0
        return own / total + sum(D.values()) / total * lower

    def probabilities(self, sequence: Sequence[int]) -> list[float]:
        """p of each word of a sequence."""
        padded = (*[-1] * (self.order - 1), *sequence)
        places = range(self.order - 1, len(padded))
        return [self.p(padded[i], padded[i - self.order + 1 : i]) for i in places]
