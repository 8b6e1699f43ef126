"""What the paper says, in our words, and the margin that each claim must clear.

Each claim says when its margin was set, and whether results had been seen by then. Scores are compared in
percent of each other, so that a margin means as much on another corpus. BLEU has no brevity penalty, as in
the paper; with it, it is measured. The paper has no system that is the same but for its attention, and
one training of each. What it shows in pictures only is measured.
"""

from __future__ import annotations

from attnbench.paper import Claim, Measurement

_CHECKS = "reproductions.xu2015.claims"
_MEASURED = "reproductions.xu2015.measured"
_PERCENT, _NATS = "% of the score", "nats a word"
_SET = "2026-11-26, fbe3c2f"
_ORDER = "the claim is an order; the paper gives no number"
_SAID = "paper: said, no number"
_LENGTH = (
    "how long captions are, which BLEU without a brevity penalty does not see: measured apart in brevity"
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="attention-beats-a-fixed-vector",
        statement="Soft attention writes better captions than the same decoder that is fed the mean "
        "annotation at every step, by BLEU-4 and by CIDEr, which stands for the paper's METEOR.",
        location="Table 1",
        check=f"{_CHECKS}:attention_beats_a_fixed_vector",
        unit=_PERCENT,
        margin=3.1,
        margin_reason="a third of the paper's smallest lead over the log-bilinear model in BLEU-4 and METEOR "
        "on Flickr8k and Flickr30k, 9.4 % in METEOR; on COCO BLEU-4 ties",
        margin_set=_SET,
        paper_effect="paper: against other systems only: BLEU-4 +10.2 % (17.7 to 19.5), +11.7 % (17.1 to "
        "19.1), 0 % (24.3); METEOR +9.4 % (17.31 to 18.93), +9.5 % (16.88 to 18.49), +19.3 % (20.03 to "
        "23.90)",
        also_differs="the scoring network, 1.18 of 34.8 million weights at scale `paper`, and the "
        f"doubly stochastic penalty; {_LENGTH}",
        levels=True,
    ),
    Claim(
        name="hard-beats-soft",
        statement="Hard attention writes better captions than soft attention by BLEU-4.",
        location="Table 1",
        check=f"{_CHECKS}:hard_beats_soft",
        unit=_PERCENT,
        margin=1.0,
        margin_reason="a third of the smallest of the paper's three effects, 2.9 % on COCO",
        margin_set=_SET,
        paper_effect="paper: +9.2 % (19.5 to 21.3), +4.2 % (19.1 to 19.9), +2.9 % (24.3 to 25.0)",
        also_differs="the doubly stochastic penalty, which soft attention alone has, see "
        "penalty-raises-bleu; both are used softly at test time, see uses-of-hard-attention; "
        f"{_LENGTH}",
        levels=True,
    ),
    Claim(
        name="hard-is-as-good-in-every-bleu",
        statement="By BLEU-1 to BLEU-4, hard attention is nowhere behind soft attention.",
        location="Table 1",
        check=f"{_CHECKS}:hard_is_as_good_in_every_bleu",
        unit=_PERCENT,
        margin=-1.5,
        margin_reason="as good is behind by less than half of the mean of the paper's twelve effects, 2.9 %",
        margin_set=_SET,
        paper_effect="paper: 0 % (67 both, BLEU-1 on Flickr8k) to +9.2 % (19.5 to 21.3, BLEU-4 there), none "
        "of twelve below 0",
        also_differs="as for hard-beats-soft",
        levels=True,
    ),
    Claim(
        name="penalty-raises-bleu",
        statement="With the doubly stochastic penalty soft attention writes better captions by BLEU-4 than "
        "without it.",
        location="Text on soft attention",
        check=f"{_CHECKS}:penalty_raises_bleu",
        unit=_PERCENT,
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs=f"nothing but the penalty; {_LENGTH}",
        levels=True,
    ),
    Claim(
        name="penalty-makes-captions-more-descriptive",
        statement="With the doubly stochastic penalty captions are richer: they have more words, and a "
        "larger share of words and of word pairs that are different.",
        location="Text on soft attention",
        check=f"{_CHECKS}:penalty_makes_captions_more_descriptive",
        unit=_PERCENT,
        margin=0.0,
        margin_reason=f"{_ORDER}, nor says how richness is measured, so all of ours must hold",
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs="nothing but the penalty; longer captions have a smaller share of different words, "
        "which is against the claim",
        levels=True,
    ),
    Claim(
        name="penalty-evens-attention",
        statement="With the doubly stochastic penalty attention is spread more evenly over the picture: what "
        "cells get in a whole caption varies less.",
        location="Text on soft attention",
        check=f"{_CHECKS}:penalty_evens_attention",
        unit="% of the variance",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs="nothing but the penalty, which is this very variance but for a factor, the number of "
        "cells, and a constant of the caption's length: it cannot but hold where training works",
    ),
    Claim(
        name="gate-opens-at-objects",
        statement="The gate before the context is opened wider at words that name objects than at function "
        "words.",
        location="Text on soft attention",
        check=f"{_CHECKS}:gate_opens_at_objects",
        unit="gate",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect="paper: said of objects, no number",
        also_differs="the words, and where in a caption they stand; without regions all content words count "
        "as naming objects",
    ),
    Claim(
        name="equal-lengths-converge-faster",
        statement="In batches of captions of one length, soft attention needs fewer updates until the "
        "validation set is as likely as it ever is to the one of both that ends up behind.",
        location="Text on training",
        check=f"{_CHECKS}:equal_lengths_converge_faster",
        unit="% of the updates",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=f"{_SAID}, of speed: what padding costs in time is not in it",
        also_differs="nothing but how batches are drawn; captions of rare lengths come in smaller batches, "
        "so that updates hold fewer captions in the mean; who ends up ahead is there sooner too",
    ),
    Claim(
        name="equal-lengths-cost-nothing",
        statement="In batches of captions of one length, soft attention is no worse by BLEU-4 than in mixed "
        "ones.",
        location="Text on training",
        check=f"{_CHECKS}:equal_lengths_cost_nothing",
        unit=_PERCENT,
        margin=-2.9,
        margin_reason="what cannot be noticed is less than the smallest step between soft and hard "
        "attention in BLEU-4, 0.7 of 24.3",
        margin_set=_SET,
        paper_effect="paper: about 0, no loss that is noticed",
        also_differs=f"as for equal-lengths-converge-faster; {_LENGTH}",
        levels=True,
    ),
    Claim(
        name="likelihood-and-bleu-part-late",
        statement="The likelihood and the BLEU-4 of the validation set, from evaluation to evaluation, agree "
        "less in the second half of training than in the first (rank correlations).",
        location="Text on training",
        check=f"{_CHECKS}:likelihood_and_bleu_part_late",
        unit="correlation",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect="paper: said to stop correlating, no number",
        also_differs="how much either changes: late steps are smaller, and noise of the validation set "
        "counts for more, so that two noisy curves that level off part by themselves; BLEU is of greedy "
        "search",
    ),
    Claim(
        name="moving-average-lowers-the-variance",
        statement="The moving average of the reward as a baseline lowers the variance of the gradient that "
        "draws give of hard attention's weights.",
        location="Text on hard attention",
        check=f"{_CHECKS}:moving_average_lowers_the_variance",
        unit="% of the variance",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs="nothing: one trained model, the same draws; rewards are all far below 0, and the "
        "baseline is their mean, where a moving average ends",
    ),
    Claim(
        name="entropy-lowers-the-variance",
        statement="The entropy term lowers the variance of that gradient too.",
        location="Text on hard attention",
        check=f"{_CHECKS}:entropy_lowers_the_variance",
        unit="% of the variance",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs="nothing: one trained model, the same draws; that the term keeps attention from "
        "settling too soon, and so acts on the model, is not in it",
    ),
    Claim(
        name="expected-contexts-lower-the-variance",
        statement="The expected context in the place of draws, in one half of the cases, lowers it too.",
        location="Text on hard attention",
        check=f"{_CHECKS}:expected_contexts_lower_the_variance",
        unit="% of the variance",
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs="the mean of the gradient too: where the expectation is used it is soft attention's; "
        "half as many draws halve the variance by themselves, so that it rises only where both means are "
        "far apart",
    ),
    Claim(
        name="variance-reduction-pays",
        statement="Trained with moving average, entropy term and expected contexts, hard attention writes "
        "better captions by BLEU-4 than with none of them.",
        location="Text on hard attention",
        check=f"{_CHECKS}:variance_reduction_pays",
        unit=_PERCENT,
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect=_SAID,
        also_differs="nothing but the three, which come and go together; expected contexts train the "
        "alignment by soft attention's gradient besides",
        levels=True,
    ),
    Claim(
        name="soft-is-near-the-marginal",
        statement="The prediction of soft attention is close to the mean of the predictions over the places "
        "that it might have looked at, each as likely as its weight.",
        location="Text on soft attention",
        check=f"{_CHECKS}:soft_is_near_the_marginal",
        unit=_NATS,
        margin=-0.1,
        margin_reason="ours: a word's probability is off by a tenth; the paper has an argument of first "
        "order and no number",
        margin_set=_SET,
        paper_effect="paper: an approximation, no number",
        also_differs="nothing: one trained model; the mean is over the places of one step, those before it "
        "being seen softly; a decoder that hardly heeds one step's context is near by that alone",
    ),
)

MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        name="attention-by-objects",
        statement="BLEU-4 and CIDEr of soft attention over those of the mean annotation in pictures of few "
        "and of many objects, and how much more it is in the latter.",
        check=f"{_MEASURED}:attention_by_objects",
        unit=_PERCENT,
    ),
    Measurement(
        name="brevity",
        statement="The same leads that claims are about by BLEU with a brevity penalty, which the paper does "
        "without, and in words a caption.",
        check=f"{_MEASURED}:brevity",
        unit=_PERCENT,
    ),
    Measurement(
        name="uses-of-hard-attention",
        statement="BLEU-4 of hard attention at test time on the likeliest place alone, and on one that is "
        "drawn, over that by expected weights, which its authors' code uses.",
        check=f"{_MEASURED}:uses_of_hard_attention",
        unit=_PERCENT,
    ),
    Measurement(
        name="attention-finds-objects",
        statement="At words that name an object: how often the strongest cell lies in its region, how much "
        "weight does, and how much more either is than for uniform weights, for the picture's middle, and "
        "for the weights of the caption's other words (the paper: pictures).",
        check=f"{_MEASURED}:attention_finds_objects",
        unit="share",
    ),
    Measurement(
        name="attention-finds-objects-among-few-and-many",
        statement="How often the strongest cell lies in the region of the object that is named, above that "
        "for the weights of the caption's other words, in pictures of few and of many objects.",
        check=f"{_MEASURED}:attention_finds_objects_among_few_and_many",
        unit="share",
    ),
    Measurement(
        name="shape-of-attention",
        statement="How attention is spread: over cells at a word (entropy, nats), over time (variance, dead "
        "attention has 0), and over cells in a whole caption (variance).",
        check=f"{_MEASURED}:shape_of_attention",
        unit="as said",
    ),
    Measurement(
        name="gate",
        statement="How far the gate before the context is open at words that name objects, and at function "
        "words.",
        check=f"{_MEASURED}:gate",
        unit="gate",
    ),
    Measurement(
        name="what-captions-are-like",
        statement="Words a caption, shares of different words and word pairs, and of captions that no "
        "training picture has.",
        check=f"{_MEASURED}:what_captions_are_like",
        unit="as said",
    ),
    Measurement(
        name="agreement-of-likelihood-and-bleu",
        statement="Rank correlations of the likelihood and the BLEU-4 of the validation set over the "
        "evaluations of the first and of the second half of training.",
        check=f"{_MEASURED}:agreement_of_likelihood_and_bleu",
        unit="correlation",
    ),
    Measurement(
        name="cost-of-choosing-by-likelihood",
        statement="By how much the BLEU-4 of the evaluation that likelihood would choose is below the best, "
        "both of the validation set; it cannot be negative, and so is no claim.",
        check=f"{_MEASURED}:cost_of_choosing_by_likelihood",
        unit="points",
    ),
    Measurement(
        name="variance-of-the-gradient",
        statement="By how much moving average, entropy term and expected contexts each lower the variance of "
        "the gradient of hard attention's weights, and all of them together.",
        check=f"{_MEASURED}:variance_of_the_gradient",
        unit="% of the variance",
    ),
    Measurement(
        name="distance-from-the-marginal",
        statement="How far the mean over places is from the soft prediction (kl), and how far predictions from "
        "single places are from their mean (kl-places: where it is nothing, so is the other), of every soft "
        "system.",
        check=f"{_MEASURED}:distance_from_the_marginal",
        unit=_NATS,
    ),
)
