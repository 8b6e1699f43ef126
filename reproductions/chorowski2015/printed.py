"""The numbers that Chorowski et al. (2015) print, for the comparison. None of them is ours.

Phone error rates on TIMIT, 39 phones. The abstract of the proceedings has 18.6 for the baseline, arXiv's
version 18.7. The order on the development set is not that on the test set. What figures 4 and 5 show was not
read off: of the latter the text says that location-aware attention in a wide window has about 20 % on up to
11 joined utterances.
"""

from __future__ import annotations

from attnbench.paper import Printed

_TABLE_1 = {
    # system: development set, core test set
    "baseline": (15.9, 18.7),
    "conv": (16.1, 18.0),
    "conv-smooth": (15.8, 17.6),
}

_UNVERIFIED = "TIMIT's development set; unverified: found in no second source"
_TWICE = "TIMIT's core test set; 18.6 in the abstract of the proceedings"
_ABOUT = "about; 11 joined utterances: the text, not read off; the abstract: ten times longer"

PRINTED: tuple[Printed, ...] = (
    *(
        Printed(system, "valid", "per", dev, "Table 1", note=_UNVERIFIED, decoding="beam")
        for system, (dev, _) in _TABLE_1.items()
    ),
    *(
        Printed(system, "test", "per", test, "Table 1", decoding="beam",
                note=_TWICE if system == "baseline" else "TIMIT's core test set")
        for system, (_, test) in _TABLE_1.items()
    ),
    *(
        Printed(system, "repeated", "per", 20.0, "Figure 5", "11", _ABOUT, "long-wide")
        for system in ("conv", "conv-smooth")
    ),
)  # fmt: skip
