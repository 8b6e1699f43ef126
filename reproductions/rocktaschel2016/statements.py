"""What the paper says, in our words, and the margin that each claim must clear.

Margins were set before any run. Later changes, if any, are listed in this folder's README. On SNLI's 9,824
test pairs the difference of two runs has a standard error of about 0.55 points.
"""

from __future__ import annotations

from attnbench.paper import Claim

_CHECKS = "reproductions.rocktaschel2016.claims"
_POINTS = "points"
_THIRD = "a third of the paper's effect"
_EXAMPLES = "ours: the paper only shows examples"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="conditioning-beats-independent-encoding",
        statement="Reading the hypothesis with the premise's cell state, by one LSTM with k = 100, is more "
        "accurate than encoding the two sentences by themselves.",
        location="Table 1",
        check=f"{_CHECKS}:conditioning_beats_independent_encoding",
        unit=_POINTS,
        margin=1.1,
        margin_reason=_THIRD,
        paper_effect="paper: +3.3 (80.9 - 77.6)",
    ),
    Claim(
        name="attention-beats-a-larger-lstm",
        statement="Attention with k = 100 is more accurate than one LSTM of about as many parameters, "
        "k = 159 (by the equations 231,603 against 251,523).",
        location="Table 1",
        check=f"{_CHECKS}:attention_beats_a_larger_lstm",
        unit=_POINTS,
        margin=0.3,
        margin_reason=_THIRD,
        paper_effect="paper: +0.9 (82.3 - 81.4)",
    ),
    Claim(
        name="attention-beats-two-lstms",
        statement="Attention with k = 100 is more accurate than two LSTMs of about as many parameters, "
        "k = 116 (by the equations 231,603 against 251,791).",
        location="Table 1",
        check=f"{_CHECKS}:attention_beats_two_lstms",
        unit=_POINTS,
        margin=0.5,
        margin_reason=_THIRD,
        paper_effect="paper: +1.4 (82.3 - 80.9)",
    ),
    Claim(
        name="word-by-word-beats-attention",
        statement="Attention at every hypothesis word is more accurate than attention at the last alone.",
        location="Table 1",
        check=f"{_CHECKS}:word_by_word_beats_attention",
        unit=_POINTS,
        margin=0.4,
        margin_reason=_THIRD,
        paper_effect="paper: +1.2 (83.5 - 82.3)",
    ),
    Claim(
        name="two-way-does-not-help",
        statement="Attending both ways, by the same weights, gains less than 0.6 points over attending one "
        "way, for attention and for word-by-word attention.",
        location="Table 1",
        check=f"{_CHECKS}:two_way_does_not_help",
        unit=_POINTS,
        margin=-0.6,
        margin_reason="about the standard error of a difference of two runs on the paper's test set",
        paper_effect="paper: -0.1 (attention), +0.3 (word by word), from rows that we could not verify",
    ),
    Claim(
        name="ranking",
        statement="The order of Table 1 holds: word by word, attention, one LSTM with k = 159, two LSTMs "
        "with k = 116, independent encoding.",
        location="Table 1",
        check=f"{_CHECKS}:ranking",
        unit=_POINTS,
        margin=0.0,
        margin_reason="the claim is an order",
        paper_effect="paper: +1.2, +0.9, +0.5, +3.3",
    ),
    Claim(
        name="frozen-vectors-shrink-the-gap",
        statement="With given word vectors frozen, accuracy falls less from training to test pairs than that "
        "of independent encoding, which tunes them: for conditional encoding and word by word.",
        location="Table 1",
        check=f"{_CHECKS}:frozen_vectors_shrink_the_gap",
        unit=_POINTS,
        margin=1.3,
        margin_reason="a third of the paper's smaller effect",
        paper_effect="paper: +4.0 (6.8 - 2.8, the latter unverified), +5.0 (6.8 - 1.8)",
    ),
    Claim(
        name="words-find-themselves",
        statement="Reading word by word, the strongest weight of a hypothesis word that also stands in the "
        "premise falls on that word far more often than chance.",
        location="Figure 3 (unverified; examples, no number)",
        check=f"{_CHECKS}:words_find_themselves",
        unit="share",
        margin=0.2,
        margin_reason=_EXAMPLES,
    ),
    Claim(
        name="words-find-what-settles-them",
        statement="Reading word by word, the strongest weight of a hypothesis word that decides the label "
        "falls on a premise word that settles it far more often than chance.",
        location="Figure 3 (unverified; examples, no number)",
        check=f"{_CHECKS}:words_find_what_settles_them",
        unit="share",
        margin=0.2,
        margin_reason=_EXAMPLES,
    ),
    Claim(
        name="one-look-flattens-on-long-premises",
        statement="The alignment of attention is flatter on premises of more than 20 words than on those of "
        "up to 10, and more so than that of word-by-word attention.",
        location="Figure 2 and Figure 3 (unverified; examples, no number)",
        check=f"{_CHECKS}:one_look_flattens_on_long_premises",
        unit="share of the largest entropy",
        margin=0.02,
        margin_reason=_EXAMPLES,
    ),
    Claim(
        name="unrelated-pairs-look-at-function-words",
        statement="Where hypothesis and premise share no content word, more of word-by-word attention lies "
        "on function words than where they do, beyond what a uniform attention would put there.",
        location="Figure 3 (unverified; examples, no number)",
        check=f"{_CHECKS}:unrelated_pairs_look_at_function_words",
        unit="share",
        margin=0.05,
        margin_reason=_EXAMPLES,
    ),
)
