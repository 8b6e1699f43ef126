"""One server of children for all tests, which has imported what they need."""

import pytest

from attnbench.profiling import isolation


@pytest.fixture(scope="session", autouse=True)
def _prepared() -> None:
    isolation.prepare("attnbench.profiling.trial")
