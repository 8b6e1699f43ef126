"""The checks behind this paper's claims, on the main test set or on the training history."""

from __future__ import annotations

from attnbench.evidence import Evidence, Part
from attnbench.scoring import Estimate
from reproductions.xu2015.curves import agreement, updates_saved
from reproductions.xu2015.effects import BLEUS, FORCED, Way, percent, score
from reproductions.xu2015.guards import unlearnt

FIXED, SOFT, HARD = "mean", "soft", "hard"
UNPENALISED, UNSORTED, BARE = "soft-unpenalised", "soft-unsorted", "hard-bare"


def attention_beats_a_fixed_vector(evidence: Evidence) -> list[Part]:
    """BLEU-4 and CIDEr of soft attention over those of the mean annotation, in percent."""
    return [_better(evidence, metric, SOFT, FIXED) for metric in ("bleu-4", "cider")]


def hard_beats_soft(evidence: Evidence) -> list[Part]:
    """BLEU-4 of hard attention over that of soft attention, in percent."""
    return [_better(evidence, "bleu-4", HARD, SOFT)]


def hard_is_as_good_in_every_bleu(evidence: Evidence) -> list[Part]:
    """The same for BLEU-1 to BLEU-4."""
    return [_better(evidence, metric, HARD, SOFT) for metric in BLEUS]


def penalty_raises_bleu(evidence: Evidence) -> list[Part]:
    """BLEU-4 with the doubly stochastic penalty over that without it, in percent."""
    return [_better(evidence, "bleu-4", SOFT, UNPENALISED)]


def penalty_makes_captions_more_descriptive(evidence: Evidence) -> list[Part]:
    """Words a caption, and shares of different words and word pairs, with the penalty, in percent."""
    return [_better(evidence, metric, SOFT, UNPENALISED) for metric in ("length", "distinct-1", "distinct-2")]


def penalty_evens_attention(evidence: Evidence) -> list[Part]:
    """By how many percent the penalty lowers the variance over cells of what each gets in a caption."""
    ways = Way(SOFT, FORCED), Way(UNPENALISED, FORCED)
    fall = -percent(evidence, "coverage-variance", *ways)
    return [_part(evidence, fall, SOFT, UNPENALISED)]


def gate_opens_at_objects(evidence: Evidence) -> list[Part]:
    """Mean gate of soft attention at words that name objects minus that at function words."""
    opened, shut = (score(evidence, f"gate-{words}", Way(SOFT, FORCED)) for words in ("objects", "function"))
    return [_part(evidence, opened - shut, SOFT)]


def equal_lengths_converge_faster(evidence: Evidence) -> list[Part]:
    """Updates that batches of one length save until the validation set is as likely, in percent."""
    return [_part(evidence, updates_saved(evidence, SOFT, UNSORTED), SOFT, UNSORTED)]


def equal_lengths_cost_nothing(evidence: Evidence) -> list[Part]:
    """BLEU-4 of batches of one length over that of several, in percent."""
    return [_better(evidence, "bleu-4", SOFT, UNSORTED)]


def likelihood_and_bleu_part_late(evidence: Evidence) -> list[Part]:
    """Rank correlation of likelihood and BLEU over the first half of the evaluations minus the last."""
    early, late = agreement(evidence, SOFT)
    return [_part(evidence, early - late, SOFT)]


def moving_average_lowers_the_variance(evidence: Evidence) -> list[Part]:
    """By how many percent the moving average lowers the variance of hard attention's gradient."""
    return [_steadier(evidence, "baseline")]


def entropy_lowers_the_variance(evidence: Evidence) -> list[Part]:
    """The same for the entropy term."""
    return [_steadier(evidence, "entropy")]


def expected_contexts_lower_the_variance(evidence: Evidence) -> list[Part]:
    """The same for expected contexts in half of the draws."""
    return [_steadier(evidence, "mixing")]


def variance_reduction_pays(evidence: Evidence) -> list[Part]:
    """BLEU-4 of hard attention with all three over that with none of them, in percent."""
    return [_better(evidence, "bleu-4", HARD, BARE)]


def soft_is_near_the_marginal(evidence: Evidence) -> list[Part]:
    """Minus the divergence of the mean over places from the soft prediction, in nats a word."""
    return [_part(evidence, -score(evidence, "kl", Way(SOFT, "marginal")), SOFT)]


def _better(evidence: Evidence, metric: str, lead: str, lag: str) -> Part:
    """Return the part that a system is ahead of another in what both write, in percent."""
    effect = percent(evidence, metric, Way(lead), Way(lag))
    return _part(evidence, effect, lead, lag, name=metric)


def _steadier(evidence: Evidence, what: str) -> Part:
    plain, reduced = (score(evidence, f"variance-{name}", Way(HARD, "gradients")) for name in ("plain", what))
    return _part(evidence, -reduced.change_from(plain), HARD)


def _part(evidence: Evidence, effect: Estimate, lead: str, *lags: str, name: str = "") -> Part:
    return Part(name, effect, (lead,), lags, unlearnt(evidence, effect, lead, *lags))
