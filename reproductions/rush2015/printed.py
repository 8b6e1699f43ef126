"""The numbers that Rush et al. (2015) print, for the comparison. None of them is ours.

On DUC they are recalls at 75 bytes over all references, as ROUGE-1.5.5 takes them by itself: so the first 75
bytes of the 500 articles have PREFIX's row, to a tenth of a point. Rows of systems that are not here
(COMPRESS, W&L, TOPIARY, MOSES+, and people against each other) stand in README.md.
"""

from __future__ import annotations

from attnbench.paper import Printed

_ROUGES = ("1", "2", "l")

_TABLE_1 = {
    # system: ROUGE-1, -2, -L on DUC-2004 (recall at 75 bytes), the same on Gigaword (recall); share copied
    "ir": ((11.06, 1.67, 9.67), (16.91, 5.55, 15.58), 0.292),
    "prefix": ((22.43, 6.49, 19.65), (23.14, 8.25, 21.73), 1.0),
    "abs": ((26.55, 7.06, 22.05), (30.88, 12.22, 27.77), 0.854),
    "abs-plus": ((28.18, 8.49, 23.81), (31.00, 12.65, 28.34), 0.915),
}

_VERIFIED = {
    *((system, "duc2004", rouge) for system in ("prefix", "abs", "abs-plus") for rouge in _ROUGES),
    *((system, "test", "1") for system in ("abs", "abs-plus")),
}
"""Cells of Table 1 that a second source has, or that the test set itself gives."""

_TABLE_2 = {
    # system: perplexity on the validation set
    "kn-5": 183.2,
    "nnlm": 145.9,
    "bow": 43.6,
    "tdnn": 35.9,
    "abs": 27.1,
}

_TABLE_3 = {
    # system, decoder and constraint, our decoding: ROUGE-1, -2, -L on DUC-2003 (recall at 75 bytes)
    ("abs-plus", "greedy, abstractive", "greedy"): (26.67, 6.72, 21.70),
    ("bow", "beam, abstractive", "beam-75"): (22.15, 4.60, 18.23),
    ("abs-plus", "beam, extractive", "beam-extractive"): (27.89, 7.56, 22.84),
    ("abs-plus", "beam, abstractive", "beam-75"): (28.48, 8.91, 23.97),
}

_CHOPRA = {
    # system: F1 on 1,951 pairs of Gigaword
    "abs": (29.55, 11.32, 26.42),
    "abs-plus": (29.76, 11.88, 26.96),
}

_UNVERIFIED = "unverified: found in no second source"
_QUOTED = "1,951 pairs of Gigaword; as NLP-progress quotes it, the table's number unverified"


def _rouges(
    system: str, test: str, measure: str, values: tuple[float, ...], location: str, note: str = "",
    decoding: str = "beam",
) -> list[Printed]:  # fmt: skip
    """Return a row for each ROUGE; a cell of Table 1 that no second source has is marked."""
    named = {f"rouge-{rouge}-{measure}": rouge for rouge in _ROUGES}
    found = []
    for (metric, rouge), value in zip(named.items(), values, strict=True):
        unsure = location == "Table 1" and (system, test, rouge) not in _VERIFIED
        said = "; ".join(filter(None, [note, _UNVERIFIED if unsure else ""]))
        found.append(Printed(system, test, metric, value, location, note=said, decoding=decoding))
    return found


def _table_1() -> list[Printed]:
    found = []
    for system, (duc, gigaword, copied) in _TABLE_1.items():
        found += _rouges(system, "duc2004", "75", duc, "Table 1", decoding="beam-75")
        found += _rouges(system, "test", "recall", gigaword, "Table 1", "2,000 random pairs of Gigaword")
        unsure = "" if system == "prefix" else f"; {_UNVERIFIED}"
        where = "on which test set is not said"
        found.append(
            Printed(system, "test", "extractive", copied, "Table 1", note=f"{where}{unsure}", decoding="beam")
        )
    return found


PRINTED: tuple[Printed, ...] = (
    *_table_1(),
    *(
        Printed(system, "valid", "perplexity", value, "Table 2", note="decimals unverified")
        for system, value in _TABLE_2.items()
    ),
    *(
        one
        for (system, how, decoding), values in _TABLE_3.items()
        for one in _rouges(system, "duc2003", "75", values, f"Table 3, {how}", _UNVERIFIED, decoding)
    ),
    *(
        one
        for system, values in _CHOPRA.items()
        for one in _rouges(system, "test", "f1", values, "Table 2 of Chopra et al. 2016", _QUOTED)
    ),
)
