"""CIDEr-D by hand, and against the numbers of its published program."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest

from attnbench.scoring import cider
from attnbench.tasks.captioning.measures import METRICS

OUTPUTS = [
    "a red square left of a blue circle",
    "two small dogs",
    "a man rides a wave on top of a surfboard .",
    "",
    "the the the",
    "a small green star",
]
REFERENCES = [
    ["a red square is left of a blue circle", "a blue circle next to a square", "there is a red square"],
    ["two small dogs", "a small dog and a big dog play in the green grass by the old house near a lake"],
    ["a man riding a wave on a surfboard .", "a surfer rides a big wave .", "on top of a wave", "surfing"],
    ["a blue circle"],
    ["the star and the circle"],
    ["a small green star above a red square", "a green star ."],
]  # fmt: skip
PUBLISHED = [
    2.9223129002985266,
    3.7522411091038466,
    1.9648314855775109,
    0.0,
    1.2465987885888308,
    3.67524211448742,
]
"""What ``CiderScorer`` of pycocoevalcap 1.2 (``cider/cider_scorer.py``) returns for them: each output and its
references are added by ``scorer += (output, references)``, then ``scorer.compute_score()[1]``. It returns
their mean as ``[0]``."""
PUBLISHED_MEAN = 2.2602043996760224


def test_equals_the_published_program() -> None:
    scores = cider.statistics(OUTPUTS, REFERENCES)
    np.testing.assert_allclose(10 * scores, PUBLISHED, rtol=1e-12)
    sums = np.array([scores.sum(), len(scores)])
    assert float(METRICS["cider"].value(sums)) == pytest.approx(PUBLISHED_MEAN, rel=1e-12)


def test_by_hand() -> None:
    """Three pictures: ``a`` is in two of them, so it counts log 3/2; what is in one counts log 3."""
    common, rare = log(3 / 2), log(3)
    references = [["a b"], ["a c"], ["d"]]
    scores = cider.statistics(["a b", "a e", "c"], references)
    assert scores[0] == pytest.approx(2 / 4)  # words and pairs are the same; there is nothing longer
    # ``e`` and ``a e``, which no picture has, count log 3; of the words ``a`` is in both.
    assert scores[1] == pytest.approx(common**2 / (common**2 + rare**2) / 4)
    assert scores[2] == 0


def test_what_is_said_too_often_or_at_another_length_counts_less() -> None:
    """Every word counts log 2, as there is another picture, of other words."""
    (twice, _) = cider.statistics(["a a", "y"], [["a"], ["y z"]])
    # The output's weight is 2, the reference's 1: min(2, 1) 1 / (2 1), with a word too many.
    assert twice == pytest.approx(1 / 2 / 4 * exp(-1 / (2 * 6**2)))
    (longer, _) = cider.statistics(["a b c", "y"], [["a"], ["y z"]])
    assert longer == pytest.approx(1 / sqrt(3) / 4 * exp(-4 / 72))


def test_every_reference_counts_as_much() -> None:
    alone, both = (cider.statistics(["a", "y"], [some, ["y z"]])[0] for some in (["a"], ["a", "b"]))
    assert (alone, both) == (pytest.approx(1 / 4), pytest.approx(1 / 8))


def test_one_picture_alone_has_no_rare_words() -> None:
    assert cider.statistics(["a b"], [["a b"]]).tolist() == [0]
    assert cider.statistics([], []).shape == (0,)
    with pytest.raises(ValueError, match="1 outputs for the references of 2 examples"):
        cider.statistics(["a"], [["a"], ["b"]])


def test_the_signature_says_where_the_weights_come_from() -> None:
    assert METRICS["cider"].signed(None) == (
        "cider-d|orders:1-4|sigma:6|idf:references-of-the-test-set|words:lower-case,punctuation-apart"
    )
    assert METRICS["cider"].columns == ("cider/sum", "cider/pictures")
