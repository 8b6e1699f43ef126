"""The systems of Xu et al. (2015), the one without attention that the paper lacks, and three controls.

All are one decoder over annotations that are given, with a gate before the context. A builder takes the model
settings and the corpus' features, and returns a module. The random generator is seeded by the caller.
"""

from __future__ import annotations

from attnbench.tasks.captioning.features import Features
from attnbench.zoo.attending_lstm import AttendingLSTM, GivenAnnotations
from attnbench.zoo.attention import AdditiveAttention, Gated, Hard, Mean, Mechanism, Normaliser, Softmax
from attnbench.zoo.reinforce import Reinforce
from reproductions.xu2015.settings import XuModel


def mean(settings: XuModel, features: Features) -> AttendingLSTM:
    """Return the decoder that is fed the mean annotation at every step."""
    return _model(settings, features, Mean())


def soft(settings: XuModel, features: Features) -> AttendingLSTM:
    """Return soft attention with the doubly stochastic penalty."""
    return _attending(settings, features, Softmax(), penalty=settings.penalty)


def soft_unpenalised(settings: XuModel, features: Features) -> AttendingLSTM:
    """Return a control: the same without the penalty, lambda = 0."""
    return _attending(settings, features, Softmax())


def soft_unsorted(settings: XuModel, features: Features) -> AttendingLSTM:
    """Return a control: soft attention, whose batches hold captions of several lengths."""
    return soft(settings, features)


def hard(settings: XuModel, features: Features) -> AttendingLSTM:
    """Return hard attention: draws in training, with all that steadies their gradient."""
    reinforce = Reinforce(settings.reward, settings.entropy, settings.decay)
    return _attending(settings, features, Hard(settings.expected, "expected"), reinforce=reinforce)


def hard_bare(settings: XuModel, features: Features) -> AttendingLSTM:
    """Return a control: the same by draws and their reward alone, b = 0, lambda_e = 0, no expectations."""
    reinforce = Reinforce(settings.reward, 0.0, moving=False)
    return _attending(settings, features, Hard(0.0, "expected"), reinforce=reinforce)


def _attending(
    settings: XuModel, features: Features, normaliser: Normaliser, *, penalty: float = 0.0,
    reinforce: Reinforce | None = None,
) -> AttendingLSTM:  # fmt: skip
    """Return a model that scores cells by e = v' tanh(W h + U a + b)."""
    attention = AdditiveAttention(
        settings.hidden, features.size, settings.alignment, normaliser=normaliser, bias=True
    )
    return _model(settings, features, attention, penalty, reinforce)


def _model(
    settings: XuModel, features: Features, mechanism: Mechanism, penalty: float = 0.0,
    reinforce: Reinforce | None = None,
) -> AttendingLSTM:  # fmt: skip
    return AttendingLSTM(
        GivenAnnotations(features.size),
        Gated(mechanism, settings.hidden),
        vocabulary=len(features.target),
        embedding=settings.embedding,
        hidden=settings.hidden,
        dropout=settings.dropout,
        penalty=penalty,
        reinforce=reinforce,
    )
