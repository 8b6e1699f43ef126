"""What turns energies into an alignment: softmax, and what has been put in its place.

A normaliser is called with energies, the mask and its state from the step before (None at the first):

    alignment, state = normaliser(energy, mask, state)

It may be exchanged on a trained mechanism, such as for a window at decoding time. Every alignment is zero
where the mask is False, and throughout where it is False throughout; energies there may be anything.

A normaliser that sees only a window says so before there are energies: those elsewhere need not be made.

    b batch   s source length   k queries   w tokens in a window   d annotation size   a alignment size
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.additive_kernels import masked_softmax
from attnbench.zoo.attention.interface import Drawing, Memory, Unrolled
from attnbench.zoo.padded import zeroed


class Normaliser(nn.Module):
    """Makes an alignment of energies."""

    plain = False
    """Whether it is the softmax and nothing more, so that a kernel that holds one may stand for it."""

    def forward(self, energy: Tensor, mask: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Return the alignment (b, k, s) of energies (b, k, s), and the next state.

        ``mask`` (b, 1, s) is True at real source tokens. Energies outside ``window`` are not looked at.
        """
        raise NotImplementedError

    def window(self, mask: Tensor, state: Any) -> Tensor | None:
        """Return all tokens that may get weight at a step, numbers (b, k or 1, w) in a row; None: any may."""
        return None


class Softmax(Normaliser):
    """alpha_j = exp(e_j) / sum_l exp(e_l)."""

    plain = True

    def forward(self, energy: Tensor, mask: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Return the alignment; there is no state."""
        return masked_softmax(energy, mask), None


class Sharpened(Normaliser):
    """alpha_j = exp(beta e_j) / sum_l exp(beta e_l), over the best few (Chorowski et al. 2015, 2.3)."""

    def __init__(self, beta: float = 1.0, keep: int | None = None) -> None:
        """Sharpen by the inverse temperature ``beta``, and to the ``keep`` largest energies; None: all."""
        super().__init__()
        if beta <= 0:
            raise ValueError(f"beta is {beta}; an inverse temperature is above 0")
        if keep is not None and keep < 1:
            raise ValueError(f"keep is {keep}; at least 1 energy must be kept")
        self.beta, self.keep = beta, keep

    def forward(self, energy: Tensor, mask: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Return the alignment; there is no state."""
        return masked_softmax(self.beta * energy, self.kept(energy, mask)), None

    @property
    def sharpens(self) -> bool:
        """Whether it does more than nothing to its energies."""
        return self.beta != 1 or self.keep is not None

    def kept(self, energy: Tensor, mask: Tensor) -> Tensor:
        """Return where the best energies are: the mask, but for those that are not kept."""
        if self.keep is None or self.keep >= energy.shape[-1]:
            return mask
        ranked = energy.masked_fill(~mask, torch.finfo(energy.dtype).min)
        best = ranked.topk(self.keep, dim=-1).indices
        return mask & torch.zeros_like(energy, dtype=torch.bool).scatter(-1, best, True)


class Smoothed(Sharpened):
    """alpha_j = sigma(e_j + b) / sum_l sigma(e_l + b), sigma the logistic (Chorowski et al. 2015, 2.3).

    The bias b, a single weight that starts at 0, is the authors' code's; the paper prints none. Sharpened, it
    is sigma(beta (e_j + b)) over the best few: what a trained mechanism may be given at decoding time.
    """

    def __init__(self, beta: float = 1.0, keep: int | None = None) -> None:
        """Make the bias b (), and sharpen as ``Sharpened`` does."""
        super().__init__(beta, keep)
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, energy: Tensor, mask: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Return the alignment; there is no state."""
        energy = energy.masked_fill(~mask, 0)  # the bias' gradient would see them
        logs = F.logsigmoid(self.beta * (energy + self.bias))
        return masked_softmax(logs, self.kept(energy, mask)), None


class Previous(NamedTuple):
    """The state of what reads the alignment of the step before."""

    alignment: Tensor
    """(b, k, s)."""
    normaliser: Any
    """The state of the normaliser within."""


class Windowed(Normaliser):
    """Only tokens p - w to p + w - 1 get weight, p the median of the alignment of the step before.

    Chorowski et al. (2015), 2.3. The median is the first token where the weights up to it reach a half.
    Before the first step all weight is on the first real token, so it sees the first w. Only what the window
    holds is scored; a token outside takes part in the median and, as a zero, in the alignment.
    """

    def __init__(self, width: int, normaliser: Normaliser | None = None) -> None:
        """See w = ``width`` tokens to either side, p among those to the right; None is ``Softmax()``."""
        super().__init__()
        if width < 2:
            raise ValueError(f"width is {width}; a window that ends at the median never moves on: at least 2")
        self.width = width
        self.normaliser = Softmax() if normaliser is None else normaliser

    def window(self, mask: Tensor, state: Previous | None) -> Tensor | None:
        """Return 2w tokens, those seen among them: a window over an end is moved inwards."""
        seen = torch.arange(2 * self.width, device=mask.device)
        if len(seen) >= mask.shape[-1]:
            return None
        return (_median(mask, state) - self.width).clamp(0, mask.shape[-1] - len(seen)) + seen

    def forward(self, energy: Tensor, mask: Tensor, state: Previous | None = None) -> tuple[Tensor, Previous]:
        """Return the alignment, and it with the inner normaliser's state as the state."""
        offset = torch.arange(energy.shape[-1], device=energy.device) - _median(mask, state)  # [b, k or 1, s]
        window = (offset >= -self.width) & (offset < self.width)
        inner = None if state is None else state.normaliser
        alignment, inner = self.normaliser(energy, mask & window, inner)
        return alignment, Previous(alignment, inner)


def _median(mask: Tensor, state: Previous | None) -> Tensor:
    """Return the median (b, k, 1) of the alignment of the step before; (b, 1, 1) before the first."""
    if state is None:
        return mask.int().argmax(dim=-1, keepdim=True)
    weights = state.alignment.float().masked_fill(~mask, 0)
    return (weights.cumsum(dim=-1) >= 0.5).int().argmax(dim=-1, keepdim=True)


class Drawn(NamedTuple):
    """What the drawing of tokens leaves for the gradient; sums over a sentence's real steps."""

    log_probability: Tensor
    """(b,): log p of the drawn tokens; 0 where none was drawn."""
    entropy: Tensor
    """(b,): of the distributions, in nats."""


USES = ("argmax", "expected", "sampled")
"""What ``Hard`` may weigh annotations by when it is evaluated."""


class Hard(Normaliser):
    """All weight on one token, drawn from the softmax (Xu et al. 2015).

    With the probability ``expected``, a sentence draws nothing in a training pass: all its steps are weighed
    by the softmax itself, the expectation of the draws. A coin a sentence decides, at the pass's first step.
    Evaluation does as ``use`` says: the most likely token, the expectation, or a draw.

    No gradient goes from a drawn alignment to the energies: a draw has none. Learning them is left to the
    caller, for whom ``drawn`` sums what the paper's rule needs. With R = log p(y | drawn) of a sentence and b
    a moving average of R, it is to minimise

        - R - lambda_r (R.detach() - b) drawn.log_probability - lambda_e drawn.entropy

    With lambda_r 1, lambda_e 0 and ``expected`` 0 its gradient is an unbiased estimate, by one draw, of that
    of the bound, sum_s p(s) log p(y | s) <= log p(y). Draws come from torch's generator of the device. Many
    queries may be taken at once, without a state.
    """

    def __init__(self, expected: float = 0.0, use: str = "argmax") -> None:
        """Raise ``ValueError`` for what is no probability, and for a use that is not in ``USES``."""
        super().__init__()
        if not 0 <= expected <= 1:
            raise ValueError(f"expected is {expected}; a probability lies between 0 and 1")
        if use not in USES:
            raise ValueError(f"use is {use!r}; it is one of {', '.join(USES)}")
        self.expected, self.use = expected, use

    def forward(self, energy: Tensor, mask: Tensor, state: Drawing | None = None) -> tuple[Tensor, Drawing]:
        """Return the alignment, one-hot where it is drawn, and what it was drawn from as the state."""
        probability = masked_softmax(energy, mask)
        drew = self.coins(probability[..., 0]) if state is None else state.drew
        chosen = (probability.detach() / self.race(probability)).argmax(dim=-1)
        drawn = F.one_hot(chosen, energy.shape[-1]).to(energy.dtype) * mask
        return torch.where(drew.unsqueeze(-1), drawn, probability), Drawing(probability, drew)

    def coins(self, like: Tensor) -> Tensor:
        """Return who draws (b, k), a coin a sentence, for a tensor of that shape."""
        if not self.training:
            return torch.full_like(like, self.use != "expected", dtype=torch.bool)
        return (torch.rand_like(like[:, :1], dtype=torch.float32) >= self.expected).expand_as(like)

    def race(self, like: Tensor) -> Tensor:
        """Return what a step's probabilities are divided by, so that the largest is the token that is drawn.

        The first arrival of Poisson processes is a draw by their rates. All ones where nothing is left to
        chance.
        """
        chance = self.training or self.use == "sampled"
        return torch.empty_like(like).exponential_() if chance else torch.ones_like(like)


def drawn(run: Unrolled, real: Tensor) -> Drawn | None:
    """Return the sums over the steps of a run that are real (b, t); None where nothing is drawn."""
    if run.expected is None:
        return None
    assert run.alignment is not None
    logs = run.expected.clamp(min=torch.finfo(run.expected.dtype).tiny).log()
    chosen = (logs * run.alignment.detach()).sum(dim=-1) * run.attention.drew
    entropy = -(run.expected * logs).sum(dim=-1)
    return Drawn(*(zeroed(each, real).sum(dim=1) for each in (chosen, entropy)))


Score = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""From queries, keys and a window to energies; see ``glimpse``."""


def glimpse(
    score: Score, query: Tensor, memory: Memory, normaliser: Normaliser, state: Any
) -> tuple[Tensor, Tensor, Any]:
    """Return context (b, k, d), alignment (b, k, s) and the normaliser's next state for queries (b, k, q).

    ``score`` makes energies of queries, keys and the window (b, k, w). Where there is one, each query comes
    as an entry of its own, (b k, 1, q), with the keys that it sees, (b k, w, a).
    """
    keys, values, mask = memory
    assert keys is not None
    mask = mask.unsqueeze(1)
    window = normaliser.window(mask, state)
    if window is None:
        alignment, state = normaliser(score(query, keys, None), mask, state)
        return alignment @ values.to(alignment.dtype), alignment, state
    window = window.expand(-1, query.shape[1], -1)
    near = score(query.flatten(0, 1).unsqueeze(1), _rows(keys, window), window)  # [b k, 1, w]
    energy = near.new_zeros(*query.shape[:2], keys.shape[1]).scatter(-1, window, near.view(window.shape))
    alignment, state = normaliser(energy, mask, state)
    within = alignment.gather(-1, window).view(len(near), 1, -1)  # [b k, 1, w]
    context = (within @ _rows(values, window).to(within.dtype)).view(*query.shape[:2], -1)
    return context, alignment, state


def _rows(vectors: Tensor, window: Tensor) -> Tensor:
    """Return the vectors (b, s, n) in windows (b, k, w), one after the other: (b k, w, n)."""
    entries = torch.arange(len(vectors), device=vectors.device).view(-1, 1, 1)
    rows = (window + entries * vectors.shape[1]).flatten()
    return vectors.flatten(0, 1).index_select(0, rows).view(-1, window.shape[-1], vectors.shape[-1])
