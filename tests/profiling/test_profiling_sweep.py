"""Sweeps of tiny cases: rows, resuming, running out of memory, and being stopped."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from attnbench.errors import BadInput, RunFailed
from attnbench.profiling import figure, isolation, page, request, sweep
from attnbench.profiling.cases import KEY, OFFERED, Case
from attnbench.profiling.ceilings import Ceilings
from attnbench.profiling.isolation import OutOfMemory
from attnbench.profiling.machine import Machine
from attnbench.profiling.measure import STATUS
from attnbench.profiling.mechanisms import build
from attnbench.profiling.sweep import COLUMNS, Request
from attnbench.profiling.trial import Measured

GIB = 1 << 30
CASE = Case("additive", "naive", True, "cpu", "float32", 1, 8, 8, 8, "forward")
HERE = Machine("cpu", "a processor", 1, 4 * GIB)
BEST = Ceilings(gbyte_per_s=10, gflop_per_s=100, gtanh_per_s=1)

Answer = Callable[[Case], Measured]


def tiny(**options: Any) -> list[Case]:
    defaults: dict[str, Any] = {
        "mechanisms": "additive", "implementations": None, "lengths": "8,16", "batch": "1", "dim": "8",
        "dtype": "float32", "device": "cpu", "align": None, "backward": True,
    }  # fmt: skip
    return request.cases(**defaults | options)


class Children:
    """In the place of child processes: known answers, and which cases were asked for."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen: list[Case] = []
        self.machine = HERE
        self.ceilings = 0

    def call(self, function: Callable[..., Any], *arguments: Any, limit: int | None = None) -> Any:
        if function is sweep.measured:
            self.seen.append(arguments[0])
            return self.answer(arguments[0])
        if function is sweep.ceilings.measure:
            self.ceilings += 1
            return BEST
        return self.machine


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Children:
    made = Children(lambda case: Measured([0.004, 0.001, 0.002, 0.003, 0.005], 3 << 20))
    monkeypatch.setattr(isolation, "call", made.call)
    return made


def quiet(line: str) -> None:
    pass


def test_real_children_measure_every_kind_of_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SECONDS", 0.0)
    cases = tiny(mechanisms="additive,scaled-dot", implementations="blocked,sdpa", lengths="8", align=False)
    cases += tiny(mechanisms="location,decoder:additive", implementations="naive,auto", lengths="8")
    rows = sweep.run(Request(cases, tmp_path / "a.csv", threads=1), quiet).rows
    assert (rows["status"] == "ok").all() and len(rows) == len(cases) == 2 * 4
    assert list(rows.columns) == COLUMNS
    assert (rows["ms_median"] > 0).all() and (rows["share_of_limit"] > 0).all()
    assert ((rows["ms_p25"] <= rows["ms_median"]) & (rows["ms_median"] <= rows["ms_p75"])).all()
    if STATUS.exists():
        assert (rows["peak_mib"] < 4).all() and (rows["peak_mib"] > 0).any()


@pytest.mark.skipif(not STATUS.exists(), reason="memory is measured from /proc")
def test_the_naive_form_is_seen_to_hold_the_big_tensors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sum and tanh forward; with gradients the stored tanh and two gradients of its size."""
    monkeypatch.setattr(sweep, "SECONDS", 0.0)
    cases = tiny(implementations="naive,blocked", lengths="64", dim="128", align=True)
    rows = sweep.run(Request(cases, tmp_path / "a.csv", threads=1), quiet).rows.set_index(
        ["implementation", "direction"]
    )
    big = 64 * 64 * 128 * 4 / 2**20
    assert 2 * big < rows.loc[("naive", "forward"), "peak_mib"] < 2.2 * big
    assert 3 * big < rows.loc[("naive", "both"), "peak_mib"] < 3.4 * big
    assert rows.loc[("blocked", "both"), "peak_mib"] < 1.7 * big


@pytest.mark.parametrize(
    "mechanism", ["additive", "concat", "dot", "scaled-dot", "general", "location", "location-windowed"]
)
def test_implementations_of_a_mechanism_are_the_same_case(mechanism: str) -> None:
    """All start from one seed, so contexts and gradients of all implementations agree."""
    found = {}
    for name in OFFERED[mechanism]:
        if name in ("compiled", "fused"):
            continue
        torch.manual_seed(0)
        aligned = OFFERED[mechanism][name][0]
        case = Case(mechanism, name, aligned, "cpu", "float64", 2, 3, 5, 4, "both")
        found[name] = build(case)()
    first, *others = found.values()
    assert others
    for other in others:
        torch.testing.assert_close(other, first)


def test_a_window_leaves_out_what_is_far() -> None:
    """The same weights over 300 tokens: a window of 128 on either side is another context."""
    found = []
    for mechanism in ("location", "location-windowed"):
        torch.manual_seed(0)
        found.append(build(Case(mechanism, "blocked", True, "cpu", "float64", 1, 2, 300, 4, "forward"))())
    (_, every), (_, window) = found
    assert (every > 0).all()
    assert window[0, 0].nonzero().flatten().tolist() == [*range(128)], (
        "before the first step, the first token"
    )


@pytest.mark.slow
@pytest.mark.parametrize("mechanism", ["additive", "dot"])
def test_compiled_cases_run_in_children(mechanism: str, tmp_path: Path) -> None:
    cases = tiny(mechanisms=mechanism, implementations="naive,compiled", lengths="8")
    rows = sweep.run(Request(cases, tmp_path / "a.csv", threads=1), quiet).rows
    assert set(rows["status"]) == {"ok"} and len(rows) == 4


def test_what_needs_a_compiler_is_skipped_without_one(
    tmp_path: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(case: Case) -> Measured:
        build(case)
        return Measured([1.0] * 3, 0)

    def lacking(implementation: str, device: torch.device) -> str:
        raise ValueError("no numba")

    children.answer = answer
    monkeypatch.setenv("CXX", "no-such-compiler")
    monkeypatch.setattr("attnbench.profiling.mechanisms.pick", lacking)
    cases = tiny(implementations="naive,compiled,fused", lengths="8", align=True, backward=False)
    cases += tiny(mechanisms="dot", implementations="compiled", lengths="8", backward=False)
    rows = sweep.run(Request(cases, tmp_path / "a.csv"), quiet).rows
    assert rows["status"].tolist() == ["ok", "skipped", "skipped", "skipped"]
    lacks = "torch.compile needs a C++ compiler, and there is no no-such-compiler"
    assert rows["reason"].tolist() == ["", lacks, "no numba", lacks]


def test_a_row_by_hand(tmp_path: Path, children: Children) -> None:
    swept = sweep.run(Request([CASE], tmp_path / "a.csv"), quiet)
    (row,) = swept.rows.to_dict("records")
    assert {name: row[name] for name in KEY} == asdict(CASE)
    assert (row["ms_p25"], row["ms_median"], row["ms_p75"]) == (2, 3, 4)
    assert row["peak_mib"] == 3 and row["status"] == "ok" and row["reason"] == ""
    assert row["share_of_limit"] == pytest.approx(8 * 8 * 8 / 1e9 / 0.003), "tanh is what binds"
    written = pd.read_csv(tmp_path / "a.csv", keep_default_na=False)
    assert list(written.columns) == COLUMNS and written["ms_median"].tolist() == [3]
    about = json.loads((tmp_path / "a.json").read_text())
    assert about["machine"]["name"] == "a processor" and about["memory_limit_bytes"] == int(0.8 * 4 * GIB)
    assert about["ceilings"]["float32"] == asdict(BEST)


def test_a_second_call_measures_only_what_is_missing(tmp_path: Path, children: Children) -> None:
    out = tmp_path / "a.csv"
    sweep.run(Request(tiny(lengths="8,16", implementations="naive"), out), quiet)
    assert len(children.seen) == 4 and children.ceilings == 1
    more = Request(tiny(lengths="16,32", implementations="naive"), out)
    rows = sweep.run(more, quiet).rows
    assert [case.keys for case in children.seen[4:]] == [32, 32] and children.ceilings == 1
    assert sorted(set(rows["keys"])) == [8, 16, 32], "earlier rows stay"
    sweep.run(replace(more, force=True), quiet)
    assert len(children.seen) == 6 + 4 and children.ceilings == 2
    assert sorted(set(pd.read_csv(out)["keys"])) == [16, 32]


def test_cheap_cases_come_first(tmp_path: Path, children: Children) -> None:
    sweep.run(
        Request(tiny(lengths="32,8", implementations="naive,blocked", batch="4,1"), tmp_path / "a.csv"), quiet
    )
    work = [(case.direction == "both", case.batch * case.keys**2) for case in children.seen]
    assert [pairs for both, pairs in work if both] == sorted(pairs for both, pairs in work if both)
    assert children.seen[0].keys == 8 and children.seen[-1].keys == 32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: Machine("cpu", "another", 1, GIB), "measured elsewhere (name: a processor, here another)"),
        (lambda: HERE._replace(threads=2), "measured elsewhere (threads: 1, here 2)"),
    ],
)
def test_rows_from_elsewhere_are_refused(
    tmp_path: Path, children: Children, change: Callable[[], Machine], message: str
) -> None:
    out = tmp_path / "a.csv"
    sweep.run(Request([CASE], out), quiet)
    before = out.read_bytes()
    children.machine = change()
    with pytest.raises(BadInput) as refused:
        sweep.run(Request([CASE], out), quiet)
    assert message in str(refused.value) and "--force" in str(refused.value)
    assert out.read_bytes() == before
    sweep.run(Request([CASE], out, force=True), quiet)


@pytest.mark.parametrize("broken", ["a,b\n1,2\n", "", None])
def test_a_file_that_is_no_sweep_is_refused(tmp_path: Path, children: Children, broken: str | None) -> None:
    out = tmp_path / "a.csv"
    sweep.run(Request([CASE], out), quiet)
    if broken is None:
        out.with_suffix(".json").unlink()
    else:
        out.write_text(broken)
    with pytest.raises(BadInput, match=r"cannot be read .*--force"):
        sweep.run(Request([CASE], out), quiet)


def test_what_would_exceed_the_limit_is_skipped(tmp_path: Path, children: Children) -> None:
    cases = tiny(lengths="8,1024", dim="1024", implementations="naive,fused", align=True, backward=False)
    rows = sweep.run(Request(cases, tmp_path / "a.csv", limit=1 << 30), quiet).rows
    skipped = rows[rows["status"] == "skipped"]
    assert skipped[["implementation", "keys"]].to_numpy().tolist() == [["naive", 1024]]
    assert skipped["reason"].tolist() == ["needs about 8.01 GiB, the limit is 1 GiB"]
    assert skipped["ms_median"].isna().all()
    assert len(children.seen) == 3
    again = sweep.run(Request(cases[:1], tmp_path / "a.csv", limit=1 << 30), quiet)
    assert "| additive, naive | forward | 3 ms | skipped |" in page.text(again.rows, again.limit)
    sweep.run(Request(cases, tmp_path / "a.csv", limit=16 << 30), quiet)
    assert children.seen[3:] == [
        case for case in cases if case.keys == 1024 and case.implementation == "naive"
    ]


def test_out_of_memory_is_a_row_and_the_sweep_goes_on(tmp_path: Path, children: Children) -> None:
    def answer(case: Case) -> Measured:
        if case.keys == 8:
            raise OutOfMemory("can't allocate memory")
        return Measured([1.0] * 3, None)

    children.answer = answer
    rows = sweep.run(Request(tiny(implementations="naive", backward=False), tmp_path / "a.csv"), quiet).rows
    assert rows["status"].tolist() == ["oom", "ok"]
    assert rows["reason"].tolist() == ["can't allocate memory", "memory is not measured on this system"]


@pytest.mark.skipif(not STATUS.exists(), reason="the limit needs Linux")
def test_a_real_child_runs_out_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The estimate is made to miss it; what holds the child to the limit does not."""
    monkeypatch.setattr(sweep.counts, "estimated_bytes", lambda case: 0)
    monkeypatch.setattr(sweep, "SECONDS", 0.0)
    monkeypatch.setattr(sweep, "_ceilings", lambda *dtypes: {"float32": BEST})
    cases = [replace(CASE, queries=n, keys=n, dim=512) for n in (8, 1024)]  # the larger sums to 2 GiB
    rows = sweep.run(Request(cases, tmp_path / "a.csv", threads=1, limit=1 << 20), quiet).rows
    assert rows["status"].tolist() == ["ok", "oom"]
    assert "can't allocate memory" in rows["reason"].iloc[1]


def test_another_error_names_its_case_and_keeps_the_rows(tmp_path: Path, children: Children) -> None:
    def answer(case: Case) -> Measured:
        if case.keys == 16:
            raise RunFailed("ValueError('odd')")
        return Measured([1.0] * 3, 0)

    children.answer = answer
    cases = Request(tiny(implementations="naive", backward=False), tmp_path / "a.csv")
    with pytest.raises(
        RunFailed, match=r"additive, naive, forward, batch 1, length 16, .*odd.*finished rows"
    ):
        sweep.run(cases, quiet)
    assert pd.read_csv(tmp_path / "a.csv")["keys"].tolist() == [8]


def test_ctrl_c_keeps_the_finished_rows(tmp_path: Path, children: Children) -> None:
    def stop(case: Case) -> Measured:
        if len(children.seen) == 3:
            raise KeyboardInterrupt
        return Measured([1.0] * 3, 1 << 20)

    children.answer = stop
    cases = Request(tiny(implementations="naive"), tmp_path / "a.csv")
    with pytest.raises(KeyboardInterrupt):
        sweep.run(cases, quiet)
    assert len(pd.read_csv(tmp_path / "a.csv")) == 2
    children.answer = lambda case: Measured([1.0] * 3, 1 << 20)
    rows = sweep.run(cases, quiet).rows
    assert len(rows) == 4 and len(children.seen) == 3 + 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_page_says_it_at_a_glance(tmp_path: Path, children: Children) -> None:
    def answer(case: Case) -> Measured:
        factor = 8 * case.dim * case.keys**2 if case.implementation == "naive" else 64 * case.keys
        if case.implementation == "naive" and case.keys == 512:
            raise OutOfMemory("none left")
        return Measured([factor / 1e9] * 3, factor)

    children.answer = answer
    cases = tiny(lengths="64:512", implementations="naive,fused", align=True, backward=False)
    swept = sweep.run(Request(cases, tmp_path / "a.csv", limit=GIB), quiet)
    figure.draw(swept.rows, tmp_path / "a.png")
    shown = page.write(tmp_path / "a.csv", swept)
    assert "- **additive**, forward at 512: naive oom; fused 32 KiB in 0.0328 ms\n" in shown
    assert "| additive, naive | forward | 256 KiB | 1 MiB | 4 MiB | oom |" in shown
    reach = f"about {float(f'{(2**30 / 64) ** 0.5:.2g}'):,.0f}"
    assert "| additive, naive | forward | n^2.00 | n^2.00 |" in shown and f"| 256 | {reach} |" in shown
    assert (
        "| additive, fused | forward | n^1.00 | n^1.00 |" in shown and "| 512 | about 17,000,000 |" in shown
    )
    written = (tmp_path / "a.md").read_text()
    assert shown in written and "a processor, 1 threads" in written and "(a.png)" in written
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("peak", [None, 0])
def test_times_alone_are_drawn_where_no_memory_is_known(
    tmp_path: Path, children: Children, peak: int | None
) -> None:
    children.answer = lambda case: Measured([1.0] * 3, peak)
    swept = sweep.run(Request(tiny(implementations="naive"), tmp_path / "a.csv"), quiet)
    figure.draw(swept.rows, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_disk_that_fills_keeps_the_rows_and_is_one_line(
    tmp_path: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, **_: Any) -> int:
        if len(children.seen) > 1:
            raise OSError(28, "No space left on device")
        return write(path, text, **_)

    write = Path.write_text
    monkeypatch.setattr(Path, "write_text", full)
    cases = Request(tiny(implementations="naive"), tmp_path / "a.csv")
    with pytest.raises(BadInput, match=r"^cannot write .*a\.csv: No space left on device; [^\n]*$"):
        sweep.run(cases, quiet)
    assert len(pd.read_csv(tmp_path / "a.csv")) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json"]


def test_every_setting_has_a_section_and_nothing_ok_draws_nothing(tmp_path: Path, children: Children) -> None:
    swept = sweep.run(Request(tiny(implementations="naive", batch="1,2"), tmp_path / "a.csv"), quiet)
    shown = page.text(swept.rows, swept.limit)
    assert "## cpu, float32, batch 1, dim 8\n" in shown and "## cpu, float32, batch 2, dim 8\n" in shown
    skipped = sweep.run(Request([CASE], tmp_path / "b.csv", limit=1), quiet).rows
    assert skipped["status"].tolist() == ["skipped"]
    figure.draw(skipped, tmp_path / "b.png")
    assert not (tmp_path / "b.png").exists()
    assert "| additive, naive | forward | skipped |" in page.text(skipped, 1)


def test_sizes_and_times_as_a_person_reads_them() -> None:
    assert [sweep.size(n) for n in (12, 2048, 3 << 20, 8.1 * GIB)] == ["12 B", "2 KiB", "3 MiB", "8.1 GiB"]
    assert [sweep.duration(ms) for ms in (0.1234, 12.34, 1500)] == ["0.123 ms", "12.3 ms", "1.5 s"]
