"""What the paper says, in our words, and the margin that each claim must clear.

Each claim says when its margin was set, and whether results had been seen by then. On SNLI's 9,824 test pairs
the difference of two runs has a standard error of about 0.55 points.
"""

from __future__ import annotations

from typing import Any

from attnbench.paper import Claim, Measurement

_CHECKS = "reproductions.rocktaschel2016.claims"
_POINTS = "points"
_FIRST = "2026-11-23, 3b397a5"
_THIRD = "a third of the paper's effect"
_EXAMPLES = "ours: the paper only shows examples"

_SIZES: dict[str, Any] = {
    "terms": {"k": 100, "one_lstm": 159, "two_lstms": 116},
    "terms_of": f"{_CHECKS}:sizes",
}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="conditioning-beats-independent-encoding",
        statement="Reading the hypothesis with the premise's cell state, by one LSTM with k = {k}, is "
        "more accurate than encoding the two sentences by themselves as Bowman et al. did.",
        location="Table 1",
        check=f"{_CHECKS}:conditioning_beats_independent_encoding",
        unit=_POINTS,
        margin=1.1,
        margin_reason=_THIRD,
        margin_set=_FIRST,
        paper_effect="paper: +3.3 (80.9 - 77.6)",
        also_differs="independent encoding also tunes given vectors, and has three tanh layers more; "
        "measured apart in conditioning-step-by-step",
        levels=True,
        **_SIZES,
    ),
    Claim(
        name="attention-beats-a-larger-lstm",
        statement="Attention with k = {k} is more accurate than one LSTM of about as many parameters, k "
        "= {one_lstm}.",
        location="Table 1",
        check=f"{_CHECKS}:attention_beats_a_larger_lstm",
        unit=_POINTS,
        margin=0.3,
        margin_reason=_THIRD,
        margin_set=_FIRST,
        paper_effect="paper: +0.9 (82.3 - 81.4)",
        also_differs="two LSTMs against one, 231,603 parameters against 251,523 at scale `paper`, and a "
        "tanh layer before the classifier; on generated pairs a start that the others cannot have",
        levels=True,
        **_SIZES,
    ),
    Claim(
        name="attention-beats-two-lstms",
        statement="Attention with k = {k} is more accurate than two LSTMs of about as many parameters, k "
        "= {two_lstms}.",
        location="Table 1",
        check=f"{_CHECKS}:attention_beats_two_lstms",
        unit=_POINTS,
        margin=0.5,
        margin_reason=_THIRD,
        margin_set=_FIRST,
        paper_effect="paper: +1.4 (82.3 - 80.9)",
        also_differs="the size of the states; 231,603 parameters against 251,791 at scale `paper`; and a "
        "tanh layer before the classifier; on generated pairs a start that the others cannot have",
        levels=True,
        **_SIZES,
    ),
    Claim(
        name="word-by-word-beats-attention",
        statement="Attention at every hypothesis word is more accurate than attention at the last alone.",
        location="Table 1",
        check=f"{_CHECKS}:word_by_word_beats_attention",
        unit=_POINTS,
        margin=0.4,
        margin_reason=_THIRD,
        margin_set=_FIRST,
        paper_effect="paper: +1.2 (83.5 - 82.3)",
        also_differs="what reads word by word has two matrices more, and carries r from word to word; on "
        "generated pairs their start was chosen on this test set",
        levels=True,
    ),
    Claim(
        name="two-way-does-not-help",
        statement="Attending both ways, by the same weights, gains less than 0.6 points over attending "
        "one way, for attention and for word-by-word attention.",
        location="Table 1",
        check=f"{_CHECKS}:two_way_does_not_help",
        unit=_POINTS,
        margin=-0.6,
        margin_reason="about the standard error of a difference of two runs on the paper's test set",
        margin_set=_FIRST,
        paper_effect="paper: -0.1 (attention), +0.3 (word by word), from rows that we could not verify",
        also_differs="both ways are read in each update, so it has twice the work; its classifier is "
        "twice as wide",
        levels=True,
    ),
    Claim(
        name="ranking",
        statement="The order of Table 1 holds: word by word, attention, one LSTM with k = {one_lstm}, "
        "two LSTMs with k = {two_lstms}, independent encoding.",
        location="Table 1",
        check=f"{_CHECKS}:ranking",
        unit=_POINTS,
        margin=0.0,
        margin_reason="the claim is an order",
        margin_set=_FIRST,
        paper_effect="paper: +1.2, +0.9, +0.5, +3.3",
        also_differs="as for the single steps",
        levels=True,
        **_SIZES,
    ),
    Claim(
        name="frozen-vectors-shrink-the-gap",
        statement="With given word vectors frozen, accuracy falls less from training to test pairs than "
        "that of independent encoding, which tunes them: for conditional encoding and word by word.",
        location="Table 1",
        check=f"{_CHECKS}:frozen_vectors_shrink_the_gap",
        unit=_POINTS,
        margin=1.3,
        margin_reason="a third of the paper's smaller effect",
        margin_set=_FIRST,
        paper_effect="paper: +4.0 (6.8 - 2.8, the latter unverified), +5.0 (6.8 - 1.8)",
        also_differs="as for conditioning-beats-independent-encoding; measured apart in frozen-vectors-alone",
        levels=True,
    ),
    Claim(
        name="one-look-flattens-on-long-premises",
        statement="The alignment of attention is flatter on premises of more than 20 words than on those "
        "of up to 10, and more so than that of word-by-word attention.",
        location="Figure 2 and Figure 3 (unverified; examples, no number)",
        check=f"{_CHECKS}:one_look_flattens_on_long_premises",
        unit="share of the largest entropy",
        margin=0.02,
        margin_reason=_EXAMPLES,
        margin_set=_FIRST,
        also_differs="attention looks once, word by word once for each word of the hypothesis; long "
        "premises are of other sources where a test set mixes them",
    ),
    Claim(
        name="unrelated-pairs-look-at-function-words",
        statement="Where hypothesis and premise share no content word, more of word-by-word attention "
        "lies on function words than where they do, beyond what a uniform attention would put there.",
        location="Figure 3 (unverified; examples, no number)",
        check=f"{_CHECKS}:unrelated_pairs_look_at_function_words",
        unit="share",
        margin=0.05,
        margin_reason=_EXAMPLES,
        margin_set=_FIRST,
        also_differs="one system; unrelated pairs have other labels and lengths",
    ),
)

MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        name="conditioning-step-by-step",
        statement="What conditional encoding with one LSTM gains over independent encoding, one "
        "difference at a time: the three add up to the effect of conditioning-beats-independent-encoding.",
        check=f"{_CHECKS}:conditioning_step_by_step",
        unit=_POINTS,
    ),
    Measurement(
        name="frozen-vectors-alone",
        statement="By how much more independent encoding falls from training to test pairs when it tunes "
        "given word vectors.",
        check=f"{_CHECKS}:frozen_vectors_alone",
        unit=_POINTS,
    ),
    Measurement(
        name="words-find-themselves",
        statement="Reading word by word, how often the strongest weight of a hypothesis word that also "
        "stands in the premise falls on that word, and by how much more often than chance.",
        check=f"{_CHECKS}:words_find_themselves",
        unit="share",
    ),
    Measurement(
        name="words-find-what-settles-them",
        statement="The same of a hypothesis word that decides the label, and a premise word that settles it.",
        check=f"{_CHECKS}:words_find_what_settles_them",
        unit="share",
    ),
)
