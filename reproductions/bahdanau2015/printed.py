"""The numbers that Bahdanau et al. (2015) print, for the comparison. None of them is ours."""

from __future__ import annotations

from attnbench.paper import Printed

_TABLE_1 = {
    # system: BLEU on all of news-test-2014, BLEU on its sentences without unknown words
    "rnnencdec-30": (13.93, 24.19),
    "rnnsearch-30": (21.50, 31.44),
    "rnnencdec-50": (17.82, 26.71),
    "rnnsearch-50": (26.75, 34.16),
    "rnnsearch-50-star": (28.45, 36.15),
}

_TABLE_2 = {
    # system: negative log-likelihood of the development set, in nats a sentence
    "rnnencdec-30": 53.0,
    "rnnencdec-50": 43.6,
    "rnnsearch-30": 47.2,
    "rnnsearch-50": 38.1,
    "rnnsearch-50-star": 35.2,
}

_OLDER = (
    Printed("cho2014-grconv", "test", "bleu", 9.97, "Table 1 of Cho et al. 2014b (1409.1259)"),
    Printed("cho2014-grconv", "nounk", "bleu", 18.22, "Table 1 of Cho et al. 2014b (1409.1259)"),
    Printed("sutskever2014", "test", "bleu", 30.59, "Table 1 of Sutskever et al. 2014 (1409.3215)",
            note="a single reversed LSTM, beam 12"),
)  # fmt: skip

_FIGURE_2 = {
    # source length in words: BLEU, read off the figure by eye, about 0.5 either way
    "rnnsearch-50": {5: 21, 10: 24.6, 15: 26.3, 20: 27.0, 30: 27.5, 40: 26.8, 50: 26.2, 59: 26.5},
    "rnnsearch-30": {5: 21.5, 10: 25.0, 15: 26.6, 20: 26.9, 30: 23.3, 40: 15.4, 50: 9.7, 59: 7.6},
    "rnnencdec-50": {5: 18.5, 10: 21.1, 15: 22.4, 20: 22.5, 30: 19.0, 40: 13.8, 50: 8.8, 59: 6.5},
    "rnnencdec-30": {5: 19.5, 10: 21.4, 15: 21.8, 20: 20.6, 30: 14.4, 40: 6.6, 50: 3.4, 59: 1.9},
}

PRINTED: tuple[Printed, ...] = (
    *(Printed(system, "test", "bleu", value, "Table 1, All") for system, (value, _) in _TABLE_1.items()),
    *(Printed(system, "nounk", "bleu", value, "Table 1, No UNK") for system, (_, value) in _TABLE_1.items()),
    *(
        Printed(system, "valid", "nll", value, "Table 2, dev NLL", note="nats a sentence")
        for system, value in _TABLE_2.items()
    ),
    *_OLDER,
    *(
        Printed(system, "test", "bleu", value, "Figure 2", str(length), "read off the figure, about 0.5")
        for system, curve in _FIGURE_2.items()
        for length, value in curve.items()
    ),
)
