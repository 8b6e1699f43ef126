"""What the paper says, in our words, and the margin that each claim must clear.

Margins were set before any run. Later changes, if any, are listed in this folder's README. Lengths are those
of the paper's caps, 30 and 50 words; where a system was trained with another ``data.max_length``, its bins
are scaled by it.
"""

from __future__ import annotations

from attnbench.paper import Claim

_CHECKS = "reproductions.bahdanau2015.claims"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="attention-beats-fixed-vector",
        statement="Trained on sentences of the same length, RNNsearch has the higher BLEU than RNNencdec "
        "on the whole test set, for either length cap.",
        location="Table 1, section 5.1",
        check=f"{_CHECKS}:attention_beats_fixed_vector",
        unit="BLEU",
        margin=1.0,
        margin_reason="smaller differences are often lost between test sets and seeds",
        paper_effect="paper: +7.57 (cap 30), +8.93 (cap 50)",
    ),
    Claim(
        name="short-cap-attention-beats-long-cap-fixed-vector",
        statement="RNNsearch-30 beats RNNencdec-50, although it never saw a sentence of more than 30 words.",
        location="Table 1, section 5.2.1",
        check=f"{_CHECKS}:short_cap_attention_beats_long_cap_fixed_vector",
        unit="BLEU",
        margin=1.0,
        margin_reason="as for attention-beats-fixed-vector",
        paper_effect="paper: +3.68",
    ),
    Claim(
        name="fixed-vector-falls-with-length",
        statement="RNNencdec's BLEU falls steeply as sentences grow longer: RNNencdec-50 loses more than a "
        "quarter from 11–20 to 41–50 words.",
        location="Figure 2, section 5.1",
        check=f"{_CHECKS}:fixed_vector_falls_with_length",
        unit="%",
        margin=25.0,
        margin_reason="half of what Figure 2 shows",
        paper_effect="paper: about 50 (22.4 at 15 words to 8.8–13.8 at 40–50, read off the figure)",
    ),
    Claim(
        name="attention-does-not-fall-within-its-cap",
        statement="RNNsearch-50 shows no deterioration on long sentences: from 21–30 to 41–50 words its BLEU "
        "loses less than a tenth.",
        location="Figure 2, section 5.2.1",
        check=f"{_CHECKS}:attention_does_not_fall_within_its_cap",
        unit="%",
        margin=-10.0,
        margin_reason="twice the fall that Figure 2 shows",
        paper_effect="paper: about -5 (27.5 at 30 words to 26.2 at 50, read off the figure)",
    ),
    Claim(
        name="gap-grows-with-length",
        statement="The lead of RNNsearch-50 over RNNencdec-50 is larger on sentences of 31–50 words than on "
        "those of 1–10.",
        location="Figure 2, section 5.1",
        check=f"{_CHECKS}:gap_grows_with_length",
        unit="BLEU",
        margin=1.0,
        margin_reason="as for attention-beats-fixed-vector",
        paper_effect="paper: about +14 (17.4 at 50 words, 3.5 at 10, read off the figure)",
    ),
    Claim(
        name="attention-does-not-extrapolate",
        statement="Beyond its cap RNNsearch falls too: RNNsearch-30 loses more than a quarter of its BLEU "
        "from 21–30 to 51–60 words.",
        location="Figure 2 (the text calls RNNsearch-30 robust)",
        check=f"{_CHECKS}:attention_does_not_extrapolate",
        unit="%",
        margin=25.0,
        margin_reason="less than half of what Figure 2 shows",
        paper_effect="paper: about 60–70 (23.3–26.9 to 7.6–9.7, read off the figure)",
    ),
    Claim(
        name="longer-cap-helps",
        statement="Training on sentences of up to 50 rather than 30 words raises the BLEU of both models.",
        location="Table 1",
        check=f"{_CHECKS}:longer_cap_helps",
        unit="BLEU",
        margin=0.5,
        margin_reason="an eighth of the paper's smaller effect",
        paper_effect="paper: +5.25 (RNNsearch), +3.89 (RNNencdec)",
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
        paper_effect="paper: +5.8 (cap 30: 53.0 - 47.2), +5.5 (cap 50: 43.6 - 38.1), development set",
    ),
    Claim(
        name="alignments-follow-gold",
        statement="RNNsearch-50's attention finds the words that translate each other: its alignment error "
        "rate is lower than the diagonal's and than that of its own weights shuffled.",
        location="Figure 3, section 5.2.2 (no number)",
        check=f"{_CHECKS}:alignments_follow_gold",
        unit="AER",
        margin=0.05,
        margin_reason="ours: the paper only shows examples",
        paper_effect="",
    ),
    Claim(
        name="alignments-near-diagonal",
        statement="For these two languages alignments are largely monotonic: RNNsearch-50 puts more of its "
        "attention within 3 words of the scaled diagonal than a uniform attention would.",
        location="Figure 3, section 5.2.2 (no number)",
        check=f"{_CHECKS}:alignments_near_diagonal",
        unit="share",
        margin=0.1,
        margin_reason="ours: the paper only shows examples",
        paper_effect="",
    ),
    Claim(
        name="attention-leads-in-every-bin",
        statement="RNNsearch-30 is above RNNencdec-30 at every length from 11 to 60 words.",
        location="Figure 2",
        check=f"{_CHECKS}:attention_leads_in_every_bin",
        unit="BLEU",
        margin=0.0,
        margin_reason="the claim is that one curve lies above the other",
        paper_effect="paper: +4.8 at 15 words, +8.9 at 30, +6.3 at 50, +5.7 at 59, read off the figure",
    ),
    Claim(
        name="fewer-updates-suffice",
        statement="RNNsearch-50 has the higher BLEU after no more updates than RNNencdec-50 was given (the "
        "paper gave both the same hours; here updates are counted).",
        location="Tables 1 and 2",
        check=f"{_CHECKS}:fewer_updates_suffice",
        unit="BLEU",
        margin=1.0,
        margin_reason="as for attention-beats-fixed-vector",
        paper_effect="paper: +8.93 (2.88e5 against 6.00e5 updates)",
    ),
    Claim(
        name="longer-training-helps",
        statement="RNNsearch-50*, trained until the validation score stops rising, beats RNNsearch-50.",
        location="Table 1",
        check=f"{_CHECKS}:longer_training_helps",
        unit="BLEU",
        margin=0.5,
        margin_reason="a third of the paper's effect",
        paper_effect="paper: +1.70 (6.67e5 against 2.88e5 updates)",
    ),
    Claim(
        name="unknown-words-cost",
        statement="On sentences without unknown words, with the unknown word barred, every system's BLEU is "
        "more than 2 higher than on all sentences.",
        location="Table 1, All against No UNK",
        check=f"{_CHECKS}:unknown_words_cost",
        unit="BLEU",
        margin=2.0,
        margin_reason="about a quarter of the paper's smallest effect; 2.33 is what Moses gains",
        paper_effect="paper: +7.41 (RNNsearch-50) to +10.26 (RNNencdec-30)",
    ),
    Claim(
        name="deep-reversed-fixed-vector-falls-less",
        statement="The fall is that of one layer read forwards: deep LSTMs that read the source reversed "
        "lose less of their BLEU from 11–20 to 41–50 words than RNNencdec-50, by 10 points of percent.",
        location="Figure 3 of Sutskever et al. 2014 (1409.3215), against Figure 2",
        check=f"{_CHECKS}:deep_reversed_fixed_vector_falls_less",
        unit="%",
        margin=10.0,
        margin_reason="a fifth of RNNencdec-50's fall in Figure 2; Sutskever et al. show almost none",
        paper_effect="paper: about 50 (RNNencdec-50) against about 0 (an ensemble of five), read off figures",
    ),
)
