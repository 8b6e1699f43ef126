from __future__ import annotations

import pytest

from attnbench.settings import TrainingSettings
from attnbench.training import learning_rate


def test_the_learning_rate_by_hand() -> None:
    settings = TrainingSettings(updates=11, learning_rate=0.8, warmup=4, decay_from=6 / 11, decay_to=0.25)
    rates = [learning_rate(settings, update) for update in range(11)]
    expected = [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 0.65, 0.5, 0.35, 0.2]
    assert rates == pytest.approx(expected, abs=1e-12)


def test_the_learning_rate_stays_flat_by_default() -> None:
    settings = TrainingSettings(updates=100, learning_rate=1.0)
    assert {learning_rate(settings, update) for update in range(100)} == {1.0}


def test_the_learning_rate_of_one_update() -> None:
    assert learning_rate(TrainingSettings(updates=1, decay_from=0.5, learning_rate=0.3), 0) == 0.3


def test_the_learning_rate_halves_again_and_again() -> None:
    """Flat to update 8 of 16, then a half more every two updates, however long the warm-up was."""
    settings = TrainingSettings(
        updates=16, learning_rate=0.8, warmup=2, decay_from=0.5, halve_every=0.125, decay_to=0.9
    )
    rates = [learning_rate(settings, update) for update in range(16)]
    expected = [0.4, *[0.8] * 8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.05]
    assert rates == pytest.approx(expected, abs=1e-12)
