"""Formulas, by hand."""

from dataclasses import replace

import pytest

from attnbench.profiling import counts, decoders
from attnbench.profiling.cases import OFFERED, PREFIX, Case

CASE = Case("additive", "naive", True, "cpu", "float32", 2, 3, 5, 7, "forward")
PAIRS = 2 * 3 * 5


def test_additive_by_hand() -> None:
    """Queries (2, 3, 7), keys (2, 5, 7): two projections, energies, contexts."""
    projections = 2 * (2 * 3 * 7 * 7) + 2 * (2 * 5 * 7 * 7)
    energies, contexts = 3 * PAIRS * 7, 2 * PAIRS * 7
    moved = 2 * 3 * 7 + 2 * 5 * 7 + 2 * 49 + 7 + 2 * 3 * 7 + PAIRS
    found = counts.work(CASE)
    assert found.gflop * 1e9 == pytest.approx(projections + energies + contexts)
    assert found.gbyte * 1e9 == pytest.approx(4 * moved)
    assert found.gtanh * 1e9 == pytest.approx(PAIRS * 7)
    assert counts.work(replace(CASE, mechanism="concat")) == found
    assert counts.work(replace(CASE, implementation="fused")) == found, "the work is that of the equations"


def test_what_gradients_and_types_add() -> None:
    forward = counts.work(replace(CASE, align=False))
    both = counts.work(replace(CASE, align=False, direction="both"))
    read, context = 2 * 8 * 7 + 2 * 49 + 7, 2 * 3 * 7
    assert both.gflop == pytest.approx(3 * forward.gflop)
    assert both.gbyte * 1e9 == pytest.approx(4 * (3 * read + 2 * context))
    assert both.gtanh == forward.gtanh
    assert counts.work(replace(CASE, dtype="bfloat16")).gbyte == pytest.approx(counts.work(CASE).gbyte / 2)


def test_dot_and_general_by_hand() -> None:
    dot = counts.work(replace(CASE, mechanism="scaled-dot"))
    assert dot.gflop * 1e9 == pytest.approx(4 * PAIRS * 7)
    assert dot.gbyte * 1e9 == pytest.approx(4 * (2 * 8 * 7 + 2 * 3 * 7 + PAIRS))
    assert dot.gtanh == 0
    general = counts.work(replace(CASE, mechanism="general"))
    assert (general.gflop - dot.gflop) * 1e9 == pytest.approx(2 * 2 * 5 * 49)
    assert (general.gbyte - dot.gbyte) * 1e9 == pytest.approx(4 * 49)


@pytest.mark.parametrize("name", decoders.MODELS)
def test_parameters_of_decoders_are_those_of_the_models(name: str) -> None:
    """Decoding reads every weight once; the formula leaves out biases and maps used once a sentence."""
    n = 32
    model = decoders.MODELS[name](n)
    matrices = sum(weight.numel() for weight in model.parameters() if weight.ndim > 1)
    case = Case(PREFIX + name, "auto", True, "cpu", "float32", 1, 2, 2, n, "decode")
    assert counts.work(case).gbyte * 1e9 / 4 == pytest.approx(matrices, rel=0.07)


def test_every_case_has_a_formula_and_a_model() -> None:
    assert [name.removeprefix(PREFIX) for name in OFFERED if name.startswith(PREFIX)] == [*decoders.MODELS]
    for mechanism, offered in OFFERED.items():
        for implementation, alignments in offered.items():
            for align in alignments:
                case = Case(mechanism, implementation, align, "cpu", "float32", 2, 64, 64, 32, "forward")
                for direction in ("decode", "train") if case.decodes else ("forward", "both"):
                    asked = replace(case, direction=direction)
                    assert counts.work(asked).gflop > 0
                    assert counts.estimated_bytes(asked) > 0


def test_estimates_by_hand() -> None:
    naive = replace(CASE, direction="both")
    assert counts.estimated_bytes(naive) == 4 * (3 * PAIRS * 7 + 2 * PAIRS + 4 * 2 * 8 * 7)
    lean = replace(naive, implementation="fused", align=False)
    assert counts.estimated_bytes(lean) == 4 * 9 * 2 * 8 * 7, "no tensor of queries by keys"
    steps = replace(naive, mechanism="location", implementation="fused")
    squares = 4 * (16 * PAIRS + 6 * 2 * 8 * 7)
    assert counts.estimated_bytes(steps) == squares, "no tensor of queries by keys by size"
    assert counts.estimated_bytes(replace(steps, implementation="naive")) == squares + int(4.8 * PAIRS * 7)


def test_a_window_bounds_what_a_query_is_compared_with() -> None:
    """1,000 keys: all, or 256 of them."""
    every = replace(CASE, mechanism="location", implementation="fused", keys=1000)
    window = replace(every, mechanism="location-windowed")
    projections = 2 * (2 * 3 * 7 * 7) + 2 * (2 * 1000 * 7 * 7)
    pair = (
        3 * 7 + 2 * 7 + 2 * 10 * (201 + 7) + 7
    )  # energies, contexts, filters and their features' map and sum
    for case, seen in ((every, 1000), (window, 256)):
        found = counts.work(case)
        assert found.gflop * 1e9 == pytest.approx(projections + 6 * seen * pair)
        assert found.gtanh * 1e9 == pytest.approx(6 * seen * 7)
    short = replace(every, keys=200)
    assert counts.work(short) == counts.work(replace(short, mechanism="location-windowed"))
    held = [counts.estimated_bytes(replace(case, direction="both")) for case in (every, window)]
    assert held[1] - held[0] == 4 * 3 * 6 * 256 * 7, "what windows of keys are copied"
    decoders = [
        replace(every, mechanism=f"decoder:{name}", queries=1000, direction="decode")
        for name in ("additive", "location", "location-windowed")
    ]
    additive, located, windowed = (counts.work(case) for case in decoders)
    assert located.gtanh == additive.gtanh
    pair = 10 * (201 + 7) + 7 / 2  # beyond additive attention's 1.5 + 2 squares
    assert (located.gflop - additive.gflop) * 1e9 / 2 == pytest.approx(2 * 1000 * 1000 * pair)
    pair += (1.5 + 2) * 7
    assert (located.gflop - windowed.gflop) * 1e9 / 2 == pytest.approx(2 * 1000 * (1000 - 256) * pair)
    assert windowed.gtanh * 1e9 == pytest.approx(2 * 1000 * 256 * 7)
