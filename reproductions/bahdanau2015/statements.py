"""What the paper says, in our words, and the margin that each claim must clear.

Each claim says when its margin was set, and whether results had been seen by then. Lengths in a statement are
those of the paper's caps, 30 and 50 words; where systems were trained with another ``data.max_length``, bins
are scaled by it, and the statement says so.
"""

from __future__ import annotations

from typing import Any

from attnbench.paper import Claim, Measurement
from reproductions.bahdanau2015.caps import PAPER_CAPS

_CHECKS = "reproductions.bahdanau2015.claims"

_CAPS: dict[str, Any] = {"terms": PAPER_CAPS, "terms_of": f"{_CHECKS}:caps"}
_FIRST = "2026-11-23, 16089aa"
_SECOND = "2026-11-23, 4ea53d5"
_THIRD = "2026-11-25, 7f9520a"
_MODELS = (
    "RNNsearch also reads backwards, and has 17 % more weights at scale `paper`; at scale `small` RNNencdec "
    "has more updates, which is against the claim"
)
_LENGTHS = (
    "nothing between systems, as there is one; but longer sentences are rarer in training, and are others"
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="attention-beats-fixed-vector",
        statement="Trained on sentences of the same length, RNNsearch has the higher BLEU than RNNencdec "
        "on the whole test set, for either length cap ({short} and {long} words).",
        location="Table 1, section 5.1",
        check=f"{_CHECKS}:attention_beats_fixed_vector",
        unit="BLEU",
        margin=1.0,
        margin_reason="smaller differences are often lost between test sets and seeds",
        margin_set=_FIRST,
        paper_effect="paper: +7.57 (cap 30), +8.93 (cap 50)",
        also_differs=_MODELS,
        levels=True,
        **_CAPS,
        implied_by=("short-cap-attention-beats-long-cap-fixed-vector", "longer-cap-helps"),
    ),
    Claim(
        name="short-cap-attention-beats-long-cap-fixed-vector",
        statement="RNNsearch-30 beats RNNencdec-50, although it never saw a sentence of more than "
        "{short} words.",
        location="Table 1, section 5.2.1",
        check=f"{_CHECKS}:short_cap_attention_beats_long_cap_fixed_vector",
        unit="BLEU",
        margin=1.0,
        margin_reason="as for attention-beats-fixed-vector",
        margin_set=_FIRST,
        paper_effect="paper: +3.68",
        also_differs="as for attention-beats-fixed-vector; RNNencdec-50 also saw more training pairs, "
        "which is against the claim",
        levels=True,
        **_CAPS,
    ),
    Claim(
        name="fixed-vector-falls-with-length",
        statement="RNNencdec's BLEU falls steeply as sentences grow longer: RNNencdec-50 loses more than "
        "a quarter from {long[11-20]} to {long[41-50]} words.",
        location="Figure 2, section 5.1",
        check=f"{_CHECKS}:fixed_vector_falls_with_length",
        unit="%",
        margin=25.0,
        margin_reason="half of what Figure 2 shows",
        margin_set=_FIRST,
        paper_effect="paper: about 50 (22.4 at 15 words to 8.8–13.8 at 40–50, read off the figure)",
        also_differs=_LENGTHS,
        **_CAPS,
    ),
    Claim(
        name="attention-does-not-fall-with-length",
        statement="RNNsearch-50 shows no deterioration on long sentences: at {long[51-60]} words its "
        "BLEU is less than 1.5 below that at {long[21-30]}.",
        location="Figure 2, section 5.2.1",
        check=f"{_CHECKS}:attention_does_not_fall_with_length",
        unit="BLEU",
        margin=-1.5,
        margin_reason="what Figure 2 shows, within the 0.5 to which it can be read",
        margin_set=_THIRD,
        after_results=True,
        paper_effect="paper: about -1.2 (27.5 at 30 words to 26.3 at 50–60, read off the figure)",
        also_differs=_LENGTHS,
        **_CAPS,
    ),
    Claim(
        name="gap-grows-with-length",
        statement="The lead of RNNsearch-50 over RNNencdec-50 is larger on sentences of {long[31-50]} "
        "words than on those of {long[1-10]}.",
        location="Figure 2, section 5.1",
        check=f"{_CHECKS}:gap_grows_with_length",
        unit="BLEU",
        margin=1.0,
        margin_reason="as for attention-beats-fixed-vector",
        margin_set=_FIRST,
        paper_effect="paper: about +14 (17.4 at 50 words, 3.5 at 10, read off the figure)",
        also_differs="as for attention-beats-fixed-vector; shorter and longer sentences also differ in "
        "content",
        **_CAPS,
    ),
    Claim(
        name="attention-does-not-extrapolate",
        statement="Beyond its cap RNNsearch falls too: RNNsearch-30 loses more than a quarter of its "
        "BLEU from {short[21-30]} to {short[51-60]} words.",
        location="Figure 2 (the text calls RNNsearch-30 robust)",
        check=f"{_CHECKS}:attention_does_not_extrapolate",
        unit="%",
        margin=25.0,
        margin_reason="less than half of what Figure 2 shows",
        margin_set=_FIRST,
        paper_effect="paper: about 60–70 (23.3–26.9 to 7.6–9.7, read off the figure)",
        also_differs=_LENGTHS,
        **_CAPS,
    ),
    Claim(
        name="longer-cap-helps",
        statement="Training on sentences of up to {long} rather than {short} words raises the BLEU of "
        "both models.",
        location="Table 1",
        check=f"{_CHECKS}:longer_cap_helps",
        unit="BLEU",
        margin=0.5,
        margin_reason="an eighth of the paper's smaller effect",
        margin_set=_FIRST,
        paper_effect="paper: +5.25 (RNNsearch), +3.89 (RNNencdec)",
        also_differs="a longer cap lets in more training pairs, not only longer ones; updates are equal",
        levels=True,
        **_CAPS,
    ),
    Claim(
        name="attention-has-lower-nll",
        statement="At either cap RNNsearch gives held-out references a lower negative log-likelihood a "
        "sentence than RNNencdec (the paper: development set; here: test set).",
        location="Table 2",
        check=f"{_CHECKS}:attention_has_lower_nll",
        unit="nats",
        margin=1.0,
        margin_reason="less than a fifth of the paper's effects",
        margin_set=_FIRST,
        paper_effect="paper: +5.8 (cap 30: 53.0 - 47.2), +5.5 (cap 50: 43.6 - 38.1), development set",
        also_differs=_MODELS,
        levels=True,
    ),
    Claim(
        name="alignments-near-diagonal",
        statement="For these two languages alignments are largely monotonic: RNNsearch-50 puts more of "
        "its attention within 3 words of the scaled diagonal than a uniform attention would.",
        location="Figure 3, section 5.2.2 (no number)",
        check=f"{_CHECKS}:alignments_near_diagonal",
        unit="share",
        margin=0.1,
        margin_reason="ours: the paper only shows examples",
        margin_set=_SECOND,
        after_results=True,
        paper_effect="",
        also_differs="nothing: one system, beside uniform weights on the same sentences",
    ),
    Claim(
        name="attention-leads-in-every-bin",
        statement="RNNsearch-30 is above RNNencdec-30 at every length of {short[11-60]} words.",
        location="Figure 2",
        check=f"{_CHECKS}:attention_leads_in_every_bin",
        unit="BLEU",
        margin=0.0,
        margin_reason="the claim is that one curve lies above the other",
        margin_set=_SECOND,
        after_results=True,
        paper_effect="paper: +4.8 at 15 words, +8.9 at 30, +6.3 at 50, +5.7 at 59, read off the figure",
        also_differs=_MODELS,
        levels=True,
        **_CAPS,
    ),
    Claim(
        name="fewer-updates-suffice",
        statement="RNNsearch-50 is as good as RNNencdec-50 ever is on the validation set after at most "
        "three quarters of the latter's updates.",
        location="Tables 1 and 2 (2.88e5 against 6.00e5 updates)",
        check=f"{_CHECKS}:fewer_updates_suffice",
        unit="%",
        margin=25.0,
        margin_reason="half of what the paper's budgets differ by",
        margin_set=_THIRD,
        after_results=True,
        paper_effect="paper: more than 52 (better after 2.88e5 updates than RNNencdec-50 after 6.00e5)",
        also_differs="as for attention-beats-fixed-vector; an update of RNNsearch takes longer; the rate "
        "of each falls within its own budget",
        levels=True,
    ),
    Claim(
        name="longer-training-helps",
        statement="RNNsearch-50*, trained longer and kept where its validation score is best, beats "
        "RNNsearch-50.",
        location="Table 1",
        check=f"{_CHECKS}:longer_training_helps",
        unit="BLEU",
        margin=0.5,
        margin_reason="a third of the paper's effect",
        margin_set=_SECOND,
        after_results=True,
        paper_effect="paper: +1.70 (6.67e5 against 2.88e5 updates)",
        also_differs="RNNsearch-50* keeps the weights with the best validation score, RNNsearch-50 its "
        "last; below scale `paper` both have one shape of schedule, RNNsearch-50* three times as long",
        levels=True,
    ),
    Claim(
        name="unknown-words-cost",
        statement="On sentences without unknown words, with the unknown word barred, every system's BLEU "
        "is more than 2 higher than on all sentences.",
        location="Table 1, All against No UNK",
        check=f"{_CHECKS}:unknown_words_cost",
        unit="BLEU",
        margin=2.0,
        margin_reason="about a quarter of the paper's smallest effect; 2.33 is what Moses gains",
        margin_set=_SECOND,
        after_results=True,
        paper_effect="paper: +7.41 (RNNsearch-50) to +10.26 (RNNencdec-30)",
        also_differs="sentences without unknown words are shorter (unknown-words-at-equal-lengths); the "
        "unknown word is barred on one side only, as in the paper",
    ),
    Claim(
        name="deep-reversed-fixed-vector-falls-less",
        statement="Not every fixed vector falls so: deep LSTMs that read the source reversed lose less "
        "of their BLEU from {long[11-20]} to {long[41-50]} words than RNNencdec-50, by 10 points of "
        "percent.",
        location="Figure 3 of Sutskever et al. 2014 (1409.3215), against Figure 2",
        check=f"{_CHECKS}:deep_reversed_fixed_vector_falls_less",
        unit="%",
        margin=10.0,
        margin_reason="a fifth of RNNencdec-50's fall in Figure 2; Sutskever et al. show almost none",
        margin_set=_SECOND,
        after_results=True,
        paper_effect="papers: about 50 (RNNencdec-50) against about 0 (an ensemble of five), off figures",
        also_differs="LSTMs and not GRUs, two or four layers, the source reversed, a decoder that is "
        "given the vector at its start alone: any of these may do it",
        **_CAPS,
    ),
)

MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        name="alignment-error",
        statement="Alignment error rate of RNNsearch-50's strongest weights against gold links, and by "
        "how much that of the diagonal and of its own weights shuffled is higher.",
        check=f"{_CHECKS}:alignment_error",
        unit="AER",
    ),
    Measurement(
        name="attention-within-its-cap",
        statement="Change of RNNsearch-50's BLEU from {long[21-30]} to {long[41-50]} words.",
        check=f"{_CHECKS}:attention_within_its_cap",
        unit="%",
        **_CAPS,
    ),
    Measurement(
        name="unknown-words-at-equal-lengths",
        statement="As unknown-words-cost, but within bins of ten words, weighted by how many sentences "
        "without unknown words each has: what is left of the effect when lengths are equal. Bins with "
        "fewer than 50 such sentences are left out.",
        check=f"{_CHECKS}:unknown_words_at_equal_lengths",
        unit="BLEU",
    ),
)
