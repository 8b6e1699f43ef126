"""What the paper says, in our words, and the margin that each claim must clear.

Each claim says when its margin was set, and whether results had been seen by then. The paper compares
perplexities by their ratio; here their logarithms, nats a word, are subtracted: a third of an effect is a
third of the logarithm of its ratio. Its ROUGE on DUC is recall at 75 bytes over all references, and so it is
here.
"""

from __future__ import annotations

from attnbench.paper import Claim, Measurement

_CHECKS = "reproductions.rush2015.claims"
_NATS = "nats a word"
_POINTS = "points"
_SET = "2026-11-26, b26c71a"
_THIRD = "a third of the paper's effect"
_SMALLEST = "a third of the paper's smallest effect"
_ALL = "ROUGE-1, ROUGE-2 and ROUGE-L, recall at 75 bytes"
_RATE = "below scale `paper`, the learning rate, which each encoder has of its own"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="conditioning-beats-no-encoder",
        statement="Reading the input, if only as a bag of words, lowers the perplexity of summaries far "
        "below that of models that do not see it: the feed-forward language model and counted 5-grams (the "
        "paper: validation set; here, as in all claims about perplexity: test set).",
        location="Table 2",
        check=f"{_CHECKS}:conditioning_beats_no_encoder",
        unit=_NATS,
        margin=0.40,
        margin_reason=f"{_SMALLEST}, ln(145.9 / 43.6) = 1.21",
        margin_set=_SET,
        paper_effect="paper: +1.21 (145.9 to 43.6), +1.44 (183.2 to 43.6), validation set, decimals "
        "unverified",
        also_differs="the table F and the matrix W, 71.6 of 113.4 million weights at scale `paper`; 5-grams "
        f"are counted, not trained; {_RATE}",
        levels=True,
    ),
    Claim(
        name="neural-model-beats-n-grams",
        statement="Without any input, the feed-forward language model gives summaries a lower perplexity "
        "than 5-grams with Kneser-Ney smoothing.",
        location="Table 2",
        check=f"{_CHECKS}:neural_model_beats_n_grams",
        unit=_NATS,
        margin=0.076,
        margin_reason=f"{_THIRD}, ln(183.2 / 145.9) = 0.228",
        margin_set=_SET,
        paper_effect="paper: +0.228 (183.2 to 145.9), validation set, decimals unverified",
        also_differs="one is counted, the other trained; a 5-gram knows the last four words, the network the "
        "last C = 5; the network keeps the weights with the best validation perplexity, and below scale "
        "`paper` its learning rate was chosen by it; counts take theirs from the training set alone",
        levels=True,
    ),
    Claim(
        name="word-order-helps",
        statement="The convolutional encoder, which knows the order of the input's words, gives summaries a "
        "lower perplexity than a bag of words.",
        location="Table 2",
        check=f"{_CHECKS}:word_order_helps",
        unit=_NATS,
        margin=0.065,
        margin_reason=f"{_THIRD}, ln(43.6 / 35.9) = 0.194",
        margin_set=_SET,
        paper_effect="paper: +0.194 (43.6 to 35.9), validation set, decimals unverified",
        also_differs="L = 3 layers of filters with 2.4 million weights at scale `paper`, tanh between them, "
        "and the largest value over all places where a bag of words has the mean; measured apart in "
        f"word-order-step-by-step; {_RATE}",
        levels=True,
    ),
    Claim(
        name="attention-beats-convolution",
        statement="The attention-based encoder gives summaries a lower perplexity than the convolutional "
        "one.",
        location="Table 2",
        check=f"{_CHECKS}:attention_beats_convolution",
        unit=_NATS,
        margin=0.094,
        margin_reason=f"{_THIRD}, ln(35.9 / 27.1) = 0.281",
        margin_set=_SET,
        paper_effect="paper: +0.281 (35.9 to 27.1), validation set, decimals unverified",
        also_differs="the whole encoder: attention looks anew for every word of the summary and knows its "
        "last C words, by a table G and a matrix P of 14.2 million weights at scale `paper`; the "
        "convolution reads the input once, by filters of 2.4 million; "
        f"{_RATE}",
        levels=True,
    ),
    Claim(
        name="attention-beats-a-bag-of-words",
        statement="The attention-based encoder gives summaries a lower perplexity than a bag of words.",
        location="Table 2",
        check=f"{_CHECKS}:attention_beats_a_bag_of_words",
        unit=_NATS,
        margin=0.158,
        margin_reason=f"{_THIRD}, ln(43.6 / 27.1) = 0.476",
        margin_set=_SET,
        paper_effect="paper: +0.476 (43.6 to 27.1), validation set, decimals unverified",
        also_differs="a table G and a matrix P of 14.2 million weights at scale `paper`, and values that are "
        "sums over 2Q + 1 words; measured apart in attention-step-by-step; "
        f"{_RATE}",
        levels=True,
        implied_by=("word-order-helps", "attention-beats-convolution"),
    ),
    Claim(
        name="ranking",
        statement="The order of Table 2 holds: perplexity falls from 5-grams to the feed-forward language "
        "model, the bag of words, the convolution and attention.",
        location="Table 2",
        check=f"{_CHECKS}:ranking",
        unit=_NATS,
        margin=0.0,
        margin_reason="the claim is an order",
        margin_set=_SET,
        paper_effect="paper: +0.228, +1.21, +0.194, +0.281, validation set, decimals unverified",
        also_differs="as for the single steps",
        levels=True,
        implied_by=(
            "neural-model-beats-n-grams",
            "conditioning-beats-no-encoder",
            "word-order-helps",
            "attention-beats-convolution",
        ),
    ),
    Claim(
        name="attention-raises-rouge",
        statement="By beam search, the attention-based encoder writes better summaries than a bag of words: "
        f"{_ALL}.",
        location="Table 3",
        check=f"{_CHECKS}:attention_raises_rouge",
        unit=_POINTS,
        margin=1.4,
        margin_reason=f"{_SMALLEST}, that in ROUGE-2",
        margin_set=_SET,
        paper_effect="paper: +6.33, +4.31, +5.74, DUC-2003, unverified; with ABS+ for the attention-based "
        "encoder, so the tuned features are in it",
        also_differs="as for attention-beats-a-bag-of-words",
        levels=True,
    ),
    Claim(
        name="beam-beats-greedy",
        statement=f"Beam search writes better summaries than greedy search, by ABS+: {_ALL}.",
        location="Table 3",
        check=f"{_CHECKS}:beam_beats_greedy",
        unit=_POINTS,
        margin=0.6,
        margin_reason=f"{_SMALLEST}, that in ROUGE-1",
        margin_set=_SET,
        paper_effect="paper: +1.81, +2.19, +2.27, DUC-2003, unverified",
        also_differs="nothing: one system; its features were tuned for summaries of beam search",
        levels=True,
    ),
    Claim(
        name="abstractive-beats-extractive",
        statement="ABS+ writes slightly better summaries where it may use every word of its vocabulary than "
        f"where it may use those of the input alone: {_ALL}.",
        location="Table 3",
        check=f"{_CHECKS}:abstractive_beats_extractive",
        unit=_POINTS,
        margin=0.2,
        margin_reason=f"{_SMALLEST}, that in ROUGE-1; how slightly is not judged",
        margin_set=_SET,
        paper_effect="paper: +0.59, +1.35, +1.13, DUC-2003, unverified",
        also_differs="nothing: one system; its features were tuned for abstractive summaries",
        levels=True,
    ),
    Claim(
        name="extractive-features-help-recall",
        statement=f"The tuned extractive features make better summaries: ABS+ against ABS, {_ALL}.",
        location="Table 1",
        check=f"{_CHECKS}:extractive_features_help_recall",
        unit=_POINTS,
        margin=0.48,
        margin_reason=f"{_SMALLEST} on DUC-2004, that in ROUGE-2: there, as here, weights are tuned for the "
        "kind of text that they are tested on",
        margin_set=_SET,
        paper_effect="paper: +1.63, +1.43, +1.76 (DUC-2004); +0.12, +0.43, +0.57 (Gigaword, full length); "
        "Gigaword's ROUGE-2 and ROUGE-L unverified",
        also_differs="ABS+ has also seen the references of the validation set, by which its five weights "
        "were tuned",
        levels=True,
    ),
    Claim(
        name="extractive-features-raise-copying",
        statement="The tuned extractive features raise the share of output words that stand in the input: "
        "ABS+ against ABS.",
        location="Table 1",
        check=f"{_CHECKS}:extractive_features_raise_copying",
        unit="share",
        margin=0.02,
        margin_reason=_THIRD,
        margin_set=_SET,
        paper_effect="paper: +0.061 (85.4 to 91.5 %), unverified",
        also_differs="nothing but the five weights",
    ),
    Claim(
        name="attention-beats-the-baselines",
        statement="ABS writes better summaries than the first 75 bytes of the input and than the headline of "
        f"the training input that is most like it: {_ALL} (the paper also: than COMPRESS, which is not "
        "here).",
        location="Table 1",
        check=f"{_CHECKS}:attention_beats_the_baselines",
        unit=_POINTS,
        margin=0.19,
        margin_reason=f"{_SMALLEST} on DUC-2004, that in ROUGE-2 over PREFIX",
        margin_set=_SET,
        paper_effect="paper, DUC-2004: +4.12, +0.57, +2.40 over PREFIX, +15.49, +5.39, +12.38 over IR; all "
        "but the rows of ABS and PREFIX unverified",
        also_differs="the first 75 bytes are longer than summaries of the usual number of words, which is "
        "against the claim; measured apart in abs-over-prefix-step-by-step; a retrieved headline is as "
        "long as it is",
        levels=True,
    ),
    Claim(
        name="prefix-beats-retrieval",
        statement="The first 75 bytes of the input are a better summary than the headline of the training "
        f"input that is most like it: {_ALL}.",
        location="Table 1",
        check=f"{_CHECKS}:prefix_beats_retrieval",
        unit=_POINTS,
        margin=1.6,
        margin_reason=f"{_SMALLEST} on DUC-2004, that in ROUGE-2",
        margin_set=_SET,
        paper_effect="paper, DUC-2004: +11.37, +4.82, +9.98, IR's numbers unverified",
        also_differs="the first 75 bytes are usually longer than a headline, and recall grows with the "
        "length; measured apart in prefix-over-retrieval-step-by-step",
    ),
)

MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        name="word-order-step-by-step",
        statement="What the convolution gains over a bag of words, one difference at a time: its layers, "
        "with the input's words sorted so that their order tells nothing, then their order. The two add up "
        "to the effect of word-order-helps.",
        check=f"{_CHECKS}:word_order_step_by_step",
        unit=_NATS,
    ),
    Measurement(
        name="attention-step-by-step",
        statement="What attention gains over a bag of words, one difference at a time: weights in the mean's "
        "stead (Q = 0), then smoothing (Q > 0). The two add up to the effect of "
        "attention-beats-a-bag-of-words.",
        check=f"{_CHECKS}:attention_step_by_step",
        unit=_NATS,
    ),
    Measurement(
        name="smoothing-in-rouge",
        statement=f"What smoothing adds to the summaries of attention by beam search: {_ALL}.",
        check=f"{_CHECKS}:smoothing_in_rouge",
        unit=_POINTS,
    ),
    Measurement(
        name="perplexity-steps",
        statement="By how many percent perplexity changes from one row of Table 2 to the next, and from a "
        "bag of words to attention (the paper: -20, -70, -18, -25; -38).",
        check=f"{_CHECKS}:perplexity_steps",
        unit="%",
    ),
    Measurement(
        name="attention-by-length",
        statement="By how many nats a word attention is ahead of a bag of words on inputs of up to 20 "
        "words, on those of more than 30, and how much more there.",
        check=f"{_CHECKS}:attention_by_length",
        unit=_NATS,
    ),
    Measurement(
        name="attention-by-length-in-rouge",
        statement="The same in ROUGE-1, recall at 75 bytes, by beam search.",
        check=f"{_CHECKS}:attention_by_length_in_rouge",
        unit=_POINTS,
    ),
    Measurement(
        name="words-are-looked-at",
        statement="While a word is written that stands in the input: how much weight lies on the places "
        "where it stands, and how much more than in a uniform attention; and the same within two words of "
        "them, which is as far as values are smoothed: a word is written too where its neighbour is looked "
        "at. The paper shows this in a figure only.",
        check=f"{_CHECKS}:words_are_looked_at",
        unit="share",
    ),
    Measurement(
        name="gold-links-are-looked-at",
        statement="How often the largest weight lies on a word of the input that the written word was made "
        "of, or within two words of it, and how much more often than chance; where the corpus knows which "
        "those are.",
        check=f"{_CHECKS}:gold_links_are_looked_at",
        unit="share",
    ),
    Measurement(
        name="abs-over-prefix-step-by-step",
        statement="What ABS gains over the first 75 bytes of the input: over as many first words as ABS "
        "writes, and what these lack to 75 bytes. For each ROUGE the two add up to the effect in "
        "attention-beats-the-baselines.",
        check=f"{_CHECKS}:abs_over_prefix_step_by_step",
        unit=_POINTS,
    ),
    Measurement(
        name="prefix-over-retrieval-step-by-step",
        statement="What the first 75 bytes of the input gain over the retrieved headline: first words, as "
        "many as headlines have in the mean, over the headline, and what 75 bytes add to these. For each "
        "ROUGE the two add up to the effect in prefix-beats-retrieval.",
        check=f"{_CHECKS}:prefix_over_retrieval_step_by_step",
        unit=_POINTS,
    ),
    Measurement(
        name="on-duc-2004",
        statement="ABS over the first 75 bytes, and ABS+ over ABS, on the paper's own test set by its own "
        f"protocol, 14 words cut at 75 bytes: {_ALL} (the paper: +4.12, +0.57, +2.40; +1.63, +1.43, +1.76).",
        check=f"{_CHECKS}:on_duc_2004",
        unit=_POINTS,
    ),
    Measurement(
        name="copying",
        statement="Shares of the words of summaries by beam search that stand in the input, and of their "
        "word pairs that do not (the paper, words: ABS 0.854, ABS+ 0.915, IR 0.292; people 0.456; "
        "unverified).",
        check=f"{_CHECKS}:copying",
        unit="share",
    ),
)
