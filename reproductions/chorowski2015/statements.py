"""What the paper says, in our words, and the margin that each claim must clear.

Each claim says when its margin was set, and whether results had been seen by then. Error rates (PER, or word
error rate of digits) of single utterances are compared in percent of each other, so that a margin means as
much on another corpus; TIMIT's core test set has 192 utterances, and 0.4 points are about one standard error
there. Lengths are counted in joined utterances, so in lengths of training inputs, not in phones: a corpus may
have shorter utterances than TIMIT. What the paper shows in a figure only is measured.
"""

from __future__ import annotations

from typing import Any

from attnbench.paper import Claim, Measurement

_CHECKS = "reproductions.chorowski2015.claims"
_MEASURED = "reproductions.chorowski2015.measured"
_PERCENT, _POINTS, _SHARE = "% of the errors", "points", "share of labels"
_SET = "2026-11-26, 6efb175"
_THIRD = "a third of the paper's effect"
_ORDER = "the claim is an order; the paper gives no number"
_TEN = "8 or 11 joined utterances"
_BEAM: dict[str, Any] = {"terms": {"beam": 10}, "terms_of": f"{_CHECKS}:beam"}
_JOINTS = (
    "joined inputs have cross-fades and pauses, which no training input has; what these alone do shows in "
    "error-by-pieces at 2 and 3"
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        name="content-alone-is-competitive",
        statement="On single utterances, attention by content alone recognises nearly as well as attention "
        "that also knows where it looked before.",
        location="Table 1",
        check=f"{_CHECKS}:content_alone_is_competitive",
        unit=_PERCENT,
        margin=-12.0,
        margin_reason="three times as far behind as in the paper, where 18.7 against 18.0 is 3.9 %",
        margin_set=_SET,
        paper_effect="paper: -3.9 % (18.7 against 18.0)",
        also_differs="nothing: it is the comparison of location-helps, and asks that the gap be small",
        levels=True,
    ),
    Claim(
        name="location-helps",
        statement="On single utterances, convolutional features of the alignment before lower the error "
        "rate.",
        location="Table 1",
        check=f"{_CHECKS}:location_helps",
        unit=_PERCENT,
        margin=1.2,
        margin_reason=_THIRD,
        margin_set=_SET,
        paper_effect="paper: +3.7 % (18.7 to 18.0; the baseline is 18.6 in the abstract of the proceedings)",
        also_differs="nothing but the filters F and their projection U, 7,130 of 4.2 million weights at "
        "scale `paper`",
        levels=True,
    ),
    Claim(
        name="smoothing-helps",
        statement="On single utterances, smooth focus (a logistic function in the exponential's place) "
        "lowers the error rate of location-aware attention further.",
        location="Table 1",
        check=f"{_CHECKS}:smoothing_helps",
        unit=_PERCENT,
        margin=0.7,
        margin_reason=f"{_THIRD}, the step from 18.0 to 17.6; the 5.9 % of its text are both steps together",
        margin_set=_SET,
        paper_effect="paper: +2.2 % (18.0 to 17.6)",
        also_differs="a scalar bias of the score, as in the authors' code, which a softmax cannot see",
        levels=True,
    ),
    Claim(
        name="content-decoding-breaks",
        statement=f"On {_TEN}, attention by content alone makes far more errors than on single ones, be they "
        "repeats of one utterance or different ones.",
        location="Figure 5",
        check=f"{_CHECKS}:content_decoding_breaks",
        unit=_POINTS,
        margin=10.0,
        margin_reason="five times the rise that the paper calls surviving, about 2 points; how far it rises "
        "is in a figure only",
        margin_set=_SET,
        paper_effect="paper: fails, no number",
        also_differs=_JOINTS,
    ),
    Claim(
        name="content-decoding-breaks-in-a-window",
        statement="So it does where its alignment sees a narrow window around the median of the one before.",
        location="Figure 5",
        check=f"{_CHECKS}:content_decoding_breaks_in_a_window",
        unit=_POINTS,
        margin=10.0,
        margin_reason="as for content-decoding-breaks",
        margin_set=_SET,
        paper_effect="paper: fails, no number",
        also_differs=f"{_JOINTS}; single inputs are decoded without a window",
    ),
    Claim(
        name="content-alignment-breaks",
        statement=f"On {_TEN}, forced alignment by content alone finds a far smaller share of the labels "
        "than on single ones.",
        location="Figure 4",
        check=f"{_CHECKS}:content_alignment_breaks",
        unit=_SHARE,
        margin=0.3,
        margin_reason="a third of the paper's effect: from about all to 40 or 50 of some 370 phones",
        margin_set=_SET,
        paper_effect="paper: about +0.88; it aligns up to about 120 phones (repeats) or 150 (different), "
        "then 40 to 50 of them",
        also_differs=_JOINTS,
    ),
    Claim(
        name="location-decoding-survives-in-a-window",
        statement=f"On {_TEN}, location-aware attention in a wide window makes hardly more errors than on "
        "single ones without a window.",
        location="Figure 5",
        check=f"{_CHECKS}:location_decoding_survives_in_a_window",
        unit=_POINTS,
        margin=-4.0,
        margin_reason="twice the paper's rise",
        margin_set=_SET,
        paper_effect="paper: about -2 (18.0 to about 20; inputs ten times longer, says the abstract)",
        also_differs=f"{_JOINTS}; single inputs are decoded without a window",
    ),
    Claim(
        name="content-keeps-the-beginning",
        statement="On 11 or 15 joined utterances, forced alignment by content alone still finds about as "
        "many labels before its first miss as on single ones.",
        location="Figure 4",
        check=f"{_CHECKS}:content_keeps_the_beginning",
        unit="% of the labels",
        margin=-50.0,
        margin_reason="ours: half of the beginning may be lost; the paper's 40 to 50 phones are about one of "
        "its utterances",
        margin_set=_SET,
        paper_effect="paper: the first 40 to 50 phones, where an utterance has about 38",
        also_differs=f"{_JOINTS}; the labels before the first miss of a single utterance end with it, those "
        "of a joined one may go on, which favours the claim",
    ),
    Claim(
        name="location-loses-everything-once-broken",
        statement="On 11 or 15 joined utterances, where forced alignment fails for either, location-aware "
        "attention finds fewer labels than attention by content alone, which keeps the beginning.",
        location="Figure 4",
        check=f"{_CHECKS}:location_loses_everything_once_broken",
        unit="% of the labels",
        margin=33.0,
        margin_reason=f"{_THIRD}: almost none against 40 to 50",
        margin_set=_SET,
        paper_effect="paper: about +100 % (almost none against 40 to 50)",
        also_differs="nothing; it has a verdict only where either finds less than half of the labels",
    ),
    Claim(
        name="sharpening-rescues-location",
        statement=f"On {_TEN}, sharpening (inverse temperature 2, or the best 10 frames alone) raises the "
        "share of labels that forced alignment finds, for location-aware attention more than for attention "
        "by content alone.",
        location="Figure 4",
        check=f"{_CHECKS}:sharpening_rescues_location",
        unit=_SHARE,
        margin=0.1,
        margin_reason="ours: a tenth of all labels shows in a figure like the paper's, which gives no number",
        margin_set=_SET,
        paper_effect="paper: location-aware attention improves, content alone hardly",
        also_differs="nothing: each system beside itself",
    ),
    Claim(
        name="a-window-rescues-alignment",
        statement=f"On {_TEN}, a wide window raises the share of labels that forced alignment finds, for "
        "location-aware attention and for attention by content alone.",
        location="Figure 4",
        check=f"{_CHECKS}:a_window_rescues_alignment",
        unit=_SHARE,
        margin=0.1,
        margin_reason="as for sharpening-rescues-location",
        margin_set=_SET,
        paper_effect="paper: both improve, location-aware attention aligns nearly everything",
        also_differs="nothing: each system beside itself",
    ),
    Claim(
        name="a-window-rescues-decoding-by-location-alone",
        statement=f"On {_TEN}, both in a wide window, location-aware attention makes far fewer errors than "
        "attention by content alone, which a window does not rescue where its labels are not given.",
        location="Figure 5",
        check=f"{_CHECKS}:a_window_rescues_decoding_by_location_alone",
        unit=_POINTS,
        margin=10.0,
        margin_reason="as for content-decoding-breaks",
        margin_set=_SET,
        paper_effect="paper: about 20 against a failure without a number",
        also_differs="nothing but what differs on single utterances, see location-helps",
        levels=True,
    ),
    Claim(
        name="a-wide-window-beats-a-narrow-one",
        statement=f"On {_TEN}, location-aware attention makes fewer errors in a wide window than in a narrow "
        "one.",
        location="Figure 5",
        check=f"{_CHECKS}:a_wide_window_beats_a_narrow_one",
        unit=_POINTS,
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect="paper: better, no number",
        also_differs="nothing: one system; the windows are a half and a quarter of a mean training input to "
        "either side, about the paper's 150 and 75 frames (unverified)",
        levels=True,
    ),
    Claim(
        name="the-best-frame-alone-hurts",
        statement="On single utterances, sharpening to the best frame alone raises the error rate (the "
        "paper: validation set).",
        location="Section 2.3",
        check=f"{_CHECKS}:the_best_frame_alone_hurts",
        unit=_POINTS,
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect="paper: worse, no number",
        also_differs="nothing: each system beside itself",
        levels=True,
    ),
    Claim(
        name="a-narrow-beam-suffices",
        statement="On single utterances, a beam of 40 is hardly better than one of {beam}, nor worse.",
        location="Figure 2",
        check=f"{_CHECKS}:a_narrow_beam_suffices",
        unit=_POINTS,
        margin=-0.3,
        margin_reason="less than the smallest step of Table 1, 0.4 points; either may be ahead by less",
        margin_set=_SET,
        paper_effect="paper: almost no gain, about 0",
        also_differs="nothing: each system beside itself; at scales `medium` and `paper` the beam of 10 is "
        "widened up to 40 where it yields no end, at `small` that of 5 is not",
        levels=True,
        **_BEAM,
    ),
    Claim(
        name="repeats-are-easier",
        statement="Forced alignment by location-aware attention finds a larger share of the labels where "
        "one utterance is repeated than where different ones are joined.",
        location="Figure 4",
        check=f"{_CHECKS}:repeats_are_easier",
        unit=_SHARE,
        margin=0.0,
        margin_reason=_ORDER,
        margin_set=_SET,
        paper_effect="paper: slightly better on repeats",
        also_differs="the labels: both sets have the same first utterances, what follows is not alike",
    ),
)

_PIECES = "on single utterances and on 2 to 15 joined ones"

MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        name="error-by-pieces",
        statement=f"Error rate of every system and search, {_PIECES} (the paper: a figure; about 20 % for "
        "location-aware attention in a wide window on up to 11).",
        check=f"{_MEASURED}:error_by_pieces",
        unit="%",
    ),
    Measurement(
        name="aligned-by-pieces",
        statement=f"Share of labels that forced alignment finds, by every system and normaliser, {_PIECES}.",
        check=f"{_MEASURED}:aligned_by_pieces",
        unit=_SHARE,
    ),
    Measurement(
        name="failure-point",
        statement="From which length on forced alignment finds less than half of the labels, in inputs that "
        "are as long or longer (the paper, of failing at all: about 120 phones of repeats and 150 of "
        "different utterances by content alone, 200 by location-aware attention).",
        check=f"{_MEASURED}:failure_point",
        unit="labels",
    ),
    Measurement(
        name="entropy-of-attention",
        statement="Entropy of attention while labels are read, in single utterances, in 11 or 15 joined "
        "ones, and the rise: the paper tells of location-aware attention that spreads where it fails, and of "
        "attention by content alone that stays at the end.",
        check=f"{_MEASURED}:entropy_of_attention",
        unit="nats a step",
    ),
    Measurement(
        name="what-is-left",
        statement="How many labels of an input forced alignment finds, and how many before its first miss, "
        "in single utterances and in 11 or 15 joined ones (the paper: 40 to 50 by content alone, hardly any "
        "by location-aware attention, where they fail).",
        check=f"{_MEASURED}:what_is_left",
        unit="labels",
    ),
    Measurement(
        name="smoothing-without-location",
        statement="A control: errors that smooth focus saves attention by content alone, and that location "
        "then saves. The paper has smoothing on top of location only.",
        check=f"{_MEASURED}:smoothing_without_location",
        unit=_PERCENT,
    ),
    Measurement(
        name="sharpening-on-single-utterances",
        statement="By how much sharpened attention raises the error rate of single utterances.",
        check=f"{_MEASURED}:sharpening_on_single_utterances",
        unit=_POINTS,
    ),
    Measurement(
        name="what-a-window-saves",
        statement=f"By how much a window lowers the error rate on {_TEN}.",
        check=f"{_MEASURED}:what_a_window_saves",
        unit=_POINTS,
    ),
    Measurement(
        name="location-without-a-window",
        statement=f"By how much location-aware attention has the lower error rate on {_TEN}, without any "
        "window.",
        check=f"{_MEASURED}:location_without_a_window",
        unit=_POINTS,
    ),
    Measurement(
        name="attention-finds-its-label",
        statement="In single utterances: how often the largest weight lies within the label that is read, "
        "how many labels are aligned, and how much more either is than by uniform weights.",
        check=f"{_MEASURED}:attention_finds_its_label",
        unit=_SHARE,
    ),
)
