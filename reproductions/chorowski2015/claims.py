"""The checks behind this paper's claims: error rates of searches, and shares of labels in forced alignment.

Of joined utterances there are two test sets; a claim about them needs both.
"""

from __future__ import annotations

from collections.abc import Sequence

from attnbench.evidence import Evidence, Part
from attnbench.scoring import Estimate
from reproductions.chorowski2015.effects import FORCED, JOINED, MOST, SETS, TEN, Way, change, percent
from reproductions.chorowski2015.guards import FAILED, RESCUED, unaligned, unbroken, unlearnt

CONTENT, LOCATION, SMOOTH = "baseline", "conv", "conv-smooth"
SHARPER = {"inverse temperature": "forced-sharp", "best 10": "forced-top-10"}


def beam(evidence: Evidence) -> dict[str, int]:
    """Return the beam that was used, for the statement of the claim about it."""
    system = next(filter(evidence.ran, (LOCATION, CONTENT)), LOCATION)
    decoding = evidence.settings(system).get("decoding", {})
    return {"beam": int(decoding["beam"])} if "beam" in decoding else {}


def content_alone_is_competitive(evidence: Evidence) -> list[Part]:
    """Errors of conv minus the baseline's, in percent of conv's."""
    ahead = -percent(evidence, "per", Way(CONTENT), Way(LOCATION))
    return [_heard(evidence, "", ahead, CONTENT, LOCATION)]


def location_helps(evidence: Evidence) -> list[Part]:
    """Errors that conv saves, in percent of the baseline's."""
    return [_heard(evidence, "", _saved(evidence, LOCATION, CONTENT), LOCATION, CONTENT)]


def smoothing_helps(evidence: Evidence) -> list[Part]:
    """Errors that smooth focus saves, in percent of conv's."""
    return [_heard(evidence, "", _saved(evidence, SMOOTH, LOCATION), SMOOTH, LOCATION)]


def content_decoding_breaks(evidence: Evidence) -> list[Part]:
    """Error rate of the baseline on 8 or 11 utterances minus that on single ones."""
    return _at_ten(evidence, CONTENT, "long", sign=1)


def content_decoding_breaks_in_a_window(evidence: Evidence) -> list[Part]:
    """The same in a narrow window."""
    return _at_ten(evidence, CONTENT, "long-narrow", sign=1)


def location_decoding_survives_in_a_window(evidence: Evidence) -> list[Part]:
    """Error rate of conv on single utterances minus that on 8 or 11 in a wide window."""
    return _at_ten(evidence, LOCATION, "long-wide", sign=-1)


def content_alignment_breaks(evidence: Evidence) -> list[Part]:
    """Share of labels that the baseline aligns in single utterances minus that in 8 or 11."""
    parts = []
    for test in SETS:
        fall = change(evidence, "aligned", Way(CONTENT, FORCED), Way(CONTENT, "forced-long", test, TEN))
        parts.append(_aligned(evidence, test, fall, CONTENT))
    return parts


def content_keeps_the_beginning(evidence: Evidence) -> list[Part]:
    """Change of the labels before the first miss, from single utterances to 11 or 15, in percent."""
    parts = []
    for test in SETS:
        way = Way(CONTENT, "forced-long", test, MOST)
        kept = percent(evidence, "prefix", way, Way(CONTENT, FORCED))
        parts.append(_aligned(evidence, test, kept, CONTENT, broken=[(way, FAILED)]))
    return parts


def location_loses_everything_once_broken(evidence: Evidence) -> list[Part]:
    """By how many percent fewer labels conv aligns than the baseline in 11 or 15 utterances."""
    parts = []
    for test in SETS:
        content, location = (Way(one, "forced-long", test, MOST) for one in (CONTENT, LOCATION))
        fewer = -percent(evidence, "aligned-count", location, content)
        broken = [(content, FAILED), (location, FAILED)]
        parts.append(_aligned(evidence, test, fewer, CONTENT, LOCATION, broken=broken))
    return parts


def sharpening_rescues_location(evidence: Evidence) -> list[Part]:
    """What sharpening adds to conv's share of aligned labels in 8 or 11, over the baseline's gain."""
    parts = []
    for test in SETS:
        for name, decoding in SHARPER.items():
            location, content = (_rescued(evidence, one, decoding, test) for one in (LOCATION, CONTENT))
            broken = [(Way(LOCATION, "forced-long", test, TEN), RESCUED)]
            more, told = location - content, f"{test}, {name}"
            parts.append(_aligned(evidence, told, more, LOCATION, CONTENT, broken=broken))
    return parts


def a_window_rescues_alignment(evidence: Evidence) -> list[Part]:
    """What a wide window adds to the share that conv, and the baseline, aligns in 8 or 11 utterances."""
    parts = []
    for system in (LOCATION, CONTENT):
        for test in SETS:
            rescued = _rescued(evidence, system, "forced-wide", test)
            broken = [(Way(system, "forced-long", test, TEN), RESCUED)]
            parts.append(_aligned(evidence, f"{system}, {test}", rescued, system, broken=broken))
    return parts


def a_window_rescues_decoding_by_location_alone(evidence: Evidence) -> list[Part]:
    """Error rate of the baseline minus that of conv on 8 or 11 utterances, both in a wide window."""
    parts = []
    for test in SETS:
        content, location = (Way(one, "long-wide", test, TEN) for one in (CONTENT, LOCATION))
        effect = change(evidence, "per", content, location)
        parts.append(_heard(evidence, test, effect, LOCATION, CONTENT))
    return parts


def a_wide_window_beats_a_narrow_one(evidence: Evidence) -> list[Part]:
    """Error rate of conv on 8 or 11 utterances in a narrow window minus that in a wide one."""
    parts = []
    for test in SETS:
        narrow, wide = (Way(LOCATION, one, test, TEN) for one in ("long-narrow", "long-wide"))
        parts.append(_heard(evidence, test, change(evidence, "per", narrow, wide), LOCATION))
    return parts


def the_best_frame_alone_hurts(evidence: Evidence) -> list[Part]:
    """Error rate on single utterances with the best frame alone minus that with all."""
    return [
        _heard(evidence, system, change(evidence, "per", Way(system, "beam-top-1"), Way(system)), system)
        for system in (LOCATION, CONTENT)
    ]


def a_narrow_beam_suffices(evidence: Evidence) -> list[Part]:
    """Error rates of a beam of 40 and of the narrow one, each minus the other."""
    parts = []
    for system in (LOCATION, CONTENT):
        lost = change(evidence, "per", Way(system, "beam-40"), Way(system))
        parts.append(_heard(evidence, f"{system}, narrow over wide", lost, system))
        parts.append(_heard(evidence, f"{system}, wide over narrow", -lost, system))
    return parts


def repeats_are_easier(evidence: Evidence) -> list[Part]:
    """Share of labels that conv aligns where one utterance is repeated minus that where others follow."""
    repeated, mixed = (Way(LOCATION, "forced-long", test, JOINED) for test in SETS)
    return [_aligned(evidence, "", change(evidence, "aligned", repeated, mixed), LOCATION)]


def _at_ten(evidence: Evidence, system: str, decoding: str, *, sign: int) -> list[Part]:
    """Return for either set the rise of the error rate from single utterances to 8 or 11, times a sign."""
    parts = []
    for test in SETS:
        rise = change(evidence, "per", Way(system, decoding, test, TEN), Way(system))
        parts.append(_heard(evidence, test, rise * sign, system))
    return parts


def _saved(evidence: Evidence, system: str, other: str) -> Estimate:
    return -percent(evidence, "per", Way(system), Way(other))


def _rescued(evidence: Evidence, system: str, decoding: str, test: str) -> Estimate:
    """Return what a decoding adds to the share of labels that are aligned in 8 or 11 utterances."""
    changed, plain = (Way(system, one, test, TEN) for one in (decoding, "forced-long"))
    return change(evidence, "aligned", changed, plain)


def _heard(evidence: Evidence, name: str, effect: Estimate, lead: str, *lags: str) -> Part:
    """Return a part about error rates."""
    return Part(name, effect, (lead,), lags, unlearnt(evidence, effect, lead, *lags))


def _aligned(
    evidence: Evidence, name: str, effect: Estimate, lead: str, *lags: str,
    broken: Sequence[tuple[Way, float]] = (),
) -> Part:  # fmt: skip
    """Return a part about forced alignment; ``broken`` are ways in which at most such a share is found."""
    doubts = [unaligned(evidence, effect, lead, *lags)]
    doubts += [unbroken(evidence, effect, way, bound) for way, bound in broken]
    return Part(name, effect, (lead,), lags, "; ".join(filter(None, doubts)))
