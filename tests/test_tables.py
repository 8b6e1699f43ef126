"""Tables from made-up records: values by hand, columns as promised, rows in a fixed order."""

import io
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sacrebleu

from attnbench import rendering, tables
from attnbench.errors import BadInput
from attnbench.paper import Paper, Printed
from attnbench.records import RUN, Records, read_file, write
from attnbench.scoring import AllExamples, bleu
from attnbench.tasks import Length
from attnbench.tasks.entailment.measures import METRICS as ENTAILMENT
from attnbench.tasks.translation import TASK
from attnbench.tasks.translation.measures import METRICS

TEXT = {
    # system: hypotheses of two seeds; references below
    "fixed": [["a b", "a b c d x", "c d e f g h i j k l m n"], ["a b", "x x c d e", "c d e f"]],
    "search": [["a b", "a b c d e", "c d e f g h i j k l m n o"], ["a b", "a b c d e", "c d e f g"]],
}
REFERENCES = ["a b", "a b c d e", "c d e f g h i j k l m n o"]
LENGTHS = [2, 5, 23]
SOURCE, TARGET = TASK.lengths


@pytest.fixture
def frame() -> pd.DataFrame:
    frames = []
    for system, seeds in TEXT.items():
        for seed, hypotheses in enumerate(seeds):
            about = {"paper": "p", "data": "embedded", "scale": "small", "system": system, "seed": seed}
            keys = {"test": "test", "id": ["0", "1", "2"], "source_length": LENGTHS, "target_length": LENGTHS}
            beam = pd.DataFrame({**about, "decoding": "beam", **keys})
            beam[list(METRICS["bleu"].columns)] = bleu.statistics(
                hypotheses, [[one] for one in REFERENCES], "none"
            )
            forced = pd.DataFrame({**about, "decoding": "forced", **keys})
            forced[list(METRICS["nll"].columns)] = np.array([[3.0 + seed, 3, 1], [6, 6, 1], [24, 24, 1]])
            frames += [beam, forced]
    return pd.concat(frames[::-1], ignore_index=True)


def examples(frame: pd.DataFrame) -> AllExamples:
    metadata = [
        {"system": system, "seed": 0, "signatures": {"bleu": f"tok:none|of:{system}"}} for system in TEXT
    ]
    return AllExamples(Records(frame, metadata))


def scores(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return tables.scores(examples(frame), [METRICS[name] for name in names or METRICS])


def lengths(
    frame: pd.DataFrame, *names: str, edges: list[float] | None = None, length: Length = SOURCE
) -> pd.DataFrame:
    return tables.lengths(examples(frame), [METRICS[name] for name in names or METRICS], length, edges)


def value(table: pd.DataFrame, system: str, metric: str, seed: str = "all", **where: int) -> float:
    rows = table[(table["system"] == system) & (table["metric"] == metric) & (table["seed"] == seed)]
    for column, wanted in where.items():
        rows = rows[rows[column] == wanted]
    assert len(rows) == 1
    return float(rows["value"].iloc[0])


def theirs(system: str, seed: int, chosen: list[int]) -> float:
    hypotheses = [TEXT[system][seed][i] for i in chosen]
    references = [REFERENCES[i] for i in chosen]
    return sacrebleu.corpus_bleu(hypotheses, [references], tokenize="none", force=True).score


@pytest.fixture(autouse=True)
def _intervals_for_few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the three sentences of these tests have intervals, but where their absence is tested."""
    if "few_examples" not in request.node.name:
        monkeypatch.setattr(tables, "FEWEST_EXAMPLES", 1)


def test_few_examples_have_a_value_and_no_interval(frame: pd.DataFrame) -> None:
    table = scores(frame)
    assert table["value"].notna().all()
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert rendering.with_interval(24.0, math.nan, math.nan) == "24.00"


def test_scores(frame: pd.DataFrame) -> None:
    table = scores(frame)
    assert ",".join(table.columns) == (
        "paper,data,scale,system,seed,decoding,test,metric,signature,value,ci_low,ci_high,n"
    )
    for system in TEXT:
        by_seed = [theirs(system, seed, [0, 1, 2]) for seed in (0, 1)]
        assert [value(table, system, "bleu", str(seed)) for seed in (0, 1)] == pytest.approx(by_seed)
        assert value(table, system, "bleu") == pytest.approx(sum(by_seed) / 2)
    assert value(table, "search", "nll", "1") == pytest.approx(34 / 3)
    assert value(table, "search", "perplexity", "0") == pytest.approx(math.e)
    assert set(table["n"]) == {3}
    assert (table["ci_low"] <= table["value"]).all()
    assert (table["value"] <= table["ci_high"]).all()
    beam = table[table["decoding"] == "beam"]
    assert (beam["signature"] == "tok:none|of:" + beam["system"]).all()


def test_rows_come_in_one_order_whatever_the_records_order(frame: pd.DataFrame) -> None:
    table = scores(frame)
    keys = table[["system", "decoding", "metric", "seed"]].agg(" ".join, axis=1).tolist()
    assert keys[:4] == ["fixed beam bleu 0", "fixed beam bleu 1", "fixed beam bleu all", "fixed forced nll 0"]
    mixed = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(table, scores(mixed))
    pd.testing.assert_frame_equal(lengths(frame), lengths(mixed))


def test_lengths_score_the_corpus_of_each_bin(frame: pd.DataFrame) -> None:
    table = lengths(frame)
    assert list(table.columns) == [*tables.SCORES, "by", "bin_low", "bin_high"]
    assert set(table["by"]) == {"source length in words"}
    bins = table[["bin_low", "bin_high"]].drop_duplicates().to_numpy().tolist()
    assert bins == [[1, 11], [11, 21], [21, 31]]
    assert value(table, "fixed", "bleu", "1", bin_low=1) == pytest.approx(theirs("fixed", 1, [0, 1]))
    assert value(table, "fixed", "bleu", "0", bin_low=21) == pytest.approx(theirs("fixed", 0, [2]))


def test_an_empty_bin_is_empty_not_zero(frame: pd.DataFrame) -> None:
    empty = lengths(frame).query("bin_low == 11")
    assert len(empty) == 2 * 3 * 3  # systems, seeds and all, metrics
    assert empty[["value", "ci_low", "ci_high"]].isna().all(axis=None)
    assert (empty["n"] == 0).all()


def test_a_long_tail_is_one_bin() -> None:
    tens = list(range(1, 122, 10))
    assert tables.bin_edges(1) == [1, 11]
    assert tables.bin_edges(20) == [1, 11, 21]
    assert tables.bin_edges(120) == tens
    assert tables.bin_edges(121) == [*tens, 131]
    assert tables.bin_edges(903) == [*tens, 911]
    assert tables.bin_edges(10.5) == [1, 11]
    assert tables.bin_edges(3.9, (0, 0.5, 4)) == (0, 0.5, 4)
    assert tables.bin_edges(4.0, (0, 0.5, 4)) == [0, 0.5, 4, 5]


def test_edges_are_half_open_and_other_lengths_can_be_used(frame: pd.DataFrame) -> None:
    table = lengths(frame.assign(target_length=frame["target_length"] + 1), edges=[3, 6, 24], length=TARGET)
    assert set(table["by"]) == {"target length in words"}
    assert sorted(set(zip(table["bin_low"], table["bin_high"], table["n"], strict=True))) == [
        (3, 6, 1),
        (6, 24, 1),
    ]


SECONDS = Length("speech-length", "seconds", (0, 0.5, 1, 4))


def test_fractional_lengths_have_the_task_s_own_bins_and_a_tail(frame: pd.DataFrame) -> None:
    """Two of 0.5 and 0.9 seconds, one of 6.2; all edges are shown as those of fractions."""
    spoken = frame.assign(speech_length=frame["source_length"].map({2: 0.5, 5: 0.9, 23: 6.2}))
    table = lengths(spoken, "nll", length=SECONDS)
    assert set(table["by"]) == {"speech length in seconds"}
    counts = table.groupby(["bin_low", "bin_high"])["n"].max().to_dict()
    assert counts == {(0.0, 0.5): 0, (0.5, 1.0): 2, (1.0, 4.0): 0, (4.0, 7.0): 1}
    shown = tables.pivot(table, "nll", "forced", "test")
    assert list(shown.columns) == ["system", "0–0.5", "0.5–1", "1–4", "4–7"]
    assert value(table, "search", "nll", "0", bin_low=4) == 24


def test_lengths_that_are_all_there_are_have_a_bin_each(frame: pd.DataFrame) -> None:
    pieces = Length("pieces", "utterances", (1, 2, 8, 15), exact=True)
    joined = frame.assign(pieces=frame["source_length"].map({2: 1, 5: 8, 23: 15}))
    table = lengths(joined, "nll", length=pieces)
    counts = table.groupby(["bin_low", "bin_high"])["n"].max().to_dict()
    assert counts == {(1, 2): 1, (2, 3): 0, (8, 9): 1, (15, 16): 1}
    shown = tables.pivot(table, "nll", "forced", "test")
    assert list(shown.columns) == ["system", "1", "2", "8", "15"]
    asked = lengths(joined, "nll", length=pieces, edges=[1, 9, 16])
    assert asked.groupby(["bin_low", "bin_high"])["n"].max().to_dict() == {(1, 9): 2, (9, 16): 1}


def test_a_fraction_at_an_edge_is_in_its_bin_as_records_keep_it(frame: pd.DataFrame, tmp_path: Path) -> None:
    """0.7 and 1.1 in single precision, 0.699999988 and 1.10000002, are those edges."""
    spoken = frame.assign(speech_length=frame["source_length"].map({2: 0.7, 5: 0.3, 23: 1.1}))
    write(tmp_path / "kept.parquet", spoken, dict.fromkeys(RUN, "x"))
    kept, _ = read_file(tmp_path / "kept.parquet")
    assert kept["speech_length"].tolist() != spoken["speech_length"].tolist()
    for edges in ([0, 0.7, 1.1, 2], [0, 0.3, 0.7, 1.1]):
        length = Length("speech-length", "seconds", tuple(edges))
        binned = [lengths(one, "nll", length=length).groupby("bin_low")["n"].max() for one in (kept, spoken)]
        assert (
            binned[0].to_dict()
            == binned[1].to_dict()
            == dict.fromkeys(edges[:-1], 1) | ({0.0: 0, 1.1: 1} if 0.3 in edges else {})
        )


def test_a_length_that_some_examples_lack_leaves_them_out(frame: pd.DataFrame) -> None:
    """A test set without any has no rows; whole numbers stay whole beside what is missing."""
    objects = frame.assign(objects=frame["source_length"].map({2: 1, 5: np.nan, 23: 2}))
    other = objects.assign(test="other", objects=np.nan)
    table = lengths(pd.concat([objects, other]), "nll", length=Length("objects", "objects", (1, 2, 3)))
    assert set(table["test"]) == {"test"}
    assert set(table["n"]) == {1}
    assert list(tables.pivot(table, "nll", "forced", "test").columns) == ["system", "1", "2"]


def test_systems_are_set_against_each_other_by_hand(frame: pd.DataFrame) -> None:
    """The better one comes first; McNemar's columns are there where every example is right or wrong."""
    nll = tables.differences(examples(frame), METRICS["nll"], "forced", "test")
    assert nll.columns.tolist() == ["system", "other", "seeds", "difference [95 %]"]
    assert nll["difference [95 %]"].tolist() == ["0.000 [0.000, 0.000]"]
    assert set(nll.loc[0, ["system", "other"]]) == {"search", "fixed"}
    right = {"a": [1, 1, 1, 0, 1], "b": [1, 0, 0, 1, 1], "c": [0, 0, 0, 0, 1]}
    keys = {"paper": "p", "data": "d", "scale": "s", "decoding": "argmax", "test": "t", "seed": 0}
    answers = pd.DataFrame(
        [
            {**keys, "system": system, "id": str(place),
             "accuracy/correct": float(one), "accuracy/pairs": 1.0}
            for system, marks in right.items() for place, one in enumerate(marks)
        ]
    )  # fmt: skip
    tested, accuracy = examples(answers), ENTAILMENT["accuracy"]
    table = tables.differences(tested, accuracy, "argmax", "t")
    assert table[["system", "other"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert table["right alone"].tolist() == ["2 : 1", "3 : 0", "2 : 0"]
    assert table["McNemar's p"].tolist() == ["1", "0.25", "0.5"]
    assert [cell.split()[0] for cell in table["difference [95 %]"]] == ["20.00", "60.00", "40.00"]
    assert not len(tables.differences(tested, accuracy, "argmax", "other"))


def test_systems_on_other_examples_are_not_set_against_each_other() -> None:
    right = {"accuracy/correct": 1.0, "accuracy/pairs": 1.0, "decoding": "argmax", "test": "test", "seed": 0}
    ids = {"x": ["0", "1"], "y": ["0", "2"], "z": ["0", "1"]}
    rows = [{"system": system, "id": one, **right} for system, its in ids.items() for one in its]
    table = tables.differences(
        AllExamples(Records(pd.DataFrame(rows))), ENTAILMENT["accuracy"], "argmax", "test"
    )
    assert table[["system", "other"]].to_numpy().tolist() == [["x", "z"]]


def test_who_is_better_is_so_over_the_seeds_that_both_have() -> None:
    """Of a's two trainings one went wrong, which b has not; c shares no seed with any, d has no score."""
    shares = {("a", 0): 0.9, ("a", 1): 0.1, ("b", 0): 0.8, ("c", 2): 0.5, ("d", 0): np.nan}
    rows = [
        {"system": system, "seed": seed, "id": f"{place:02d}", "decoding": "argmax", "test": "test",
         "accuracy/correct": float(place < 10 * share) if share == share else 0.0,
         "accuracy/pairs": 1.0 if share == share else 0.0}
        for (system, seed), share in shares.items() for place in range(10)
    ]  # fmt: skip
    table = tables.differences(
        AllExamples(Records(pd.DataFrame(rows))), ENTAILMENT["accuracy"], "argmax", "test"
    )
    assert table[["system", "other"]].to_numpy().tolist() == [["a", "b"]]
    assert table.loc[0, "difference [95 %]"].startswith("10.00 [")


def test_only_the_named_metrics_are_scored(frame: pd.DataFrame) -> None:
    for table, some in (
        (scores(frame), scores(frame, "nll")),
        (lengths(frame), lengths(frame, "nll")),
    ):
        pd.testing.assert_frame_equal(some, table[table["metric"] == "nll"].reset_index(drop=True))


def test_of_an_error_the_smaller_is_the_better(frame: pd.DataFrame) -> None:
    worse = frame["system"] == "search"
    table = tables.differences(
        examples(frame.assign(**{"nll/nats": frame["nll/nats"] + 9 * worse})),
        METRICS["nll"],
        "forced",
        "test",
    )
    assert table.loc[0, ["system", "other", "difference [95 %]"]].tolist() == [
        "fixed", "search", "-9.00 [-9.00, -9.00]",
    ]  # fmt: skip


def test_pivots(frame: pd.DataFrame) -> None:
    table = tables.pivot(lengths(frame), "nll", "forced", "test")
    assert list(table.columns) == ["system", "1–10", "11–20", "21–30"]
    assert table["system"].tolist() == ["fixed", "search"]
    assert table.loc[0, "11–20"] == ""
    assert table.loc[0, "21–30"] == "24.00 [24.00, 24.00] (1)"
    whole = tables.pivot(scores(frame), "nll", "forced", "test")
    assert list(whole.columns) == ["system", "nll"]
    assert whole.loc[1, "nll"].startswith("11.17 [")
    assert whole.loc[1, "nll"].endswith("] (3)")


def test_beside_the_papers_numbers(frame: pd.DataFrame) -> None:
    printed = (
        Printed("search", "test", "bleu", 26.75, "Table 1"),
        Printed("search", "nounk", "bleu", 34.16, "Table 1"),
        Printed("search", "test", "bleu", 27.5, "Figure 2", length="30"),
        Printed("search", "test", "bleu", 26.0, "Table 1", decoding="greedy"),
        Printed("search", "test", "bleu", 26.5, "Table 1", decoding="beam"),
    )
    paper = Paper(
        name="p", title="", authors="", venue="", url="", task="", model="", systems=(), scales=(), claims=(),
        printed=printed, headline="bleu", decodings=("beam",), own_data=("hub-owner-name",),
    )  # fmt: skip
    ours = scores(frame)
    table = tables.beside_paper(ours, paper)
    assert table["paper's"].tolist() == [26.75, 34.16, 26.0, 26.5]
    assert table["ours"].iloc[0] == table["ours"].iloc[3] == value(ours, "search", "bleu")
    assert table["ours"].iloc[1:3].isna().all()
    assert "difference" not in table, "on other data it would say nothing"
    assert table["decoding"].tolist() == ["beam", "", "greedy", "beam"]
    own = tables.beside_paper(ours.assign(data="hub-owner-name-revision"), paper)
    assert own["difference"].iloc[0] == pytest.approx(value(ours, "search", "bleu") - 26.75)
    assert own[["ours", "difference"]].iloc[1].isna().all()


TABLE = pd.DataFrame({"name": ["a|b_c", "d"], "value": [1.23456789, math.nan], "n": [3, 0]})


def test_rendering() -> None:
    assert rendering.render(TABLE, "md") == (
        "| name | value | n |\n| --- | --- | --- |\n| a\\|b_c | 1.235 | 3 |\n| d |  | 0 |\n"
    )
    assert rendering.render(TABLE, "csv") == "name,value,n\na|b_c,1.23457,3\nd,,0\n"
    assert json.loads(rendering.render(TABLE, "json"))[1] == {"name": "d", "value": None, "n": 0}
    assert "a\\textbar{}b\\_c & 1.235 & 3 \\\\\n" in rendering.render(TABLE, "latex")
    with pytest.raises(BadInput, match="unknown format 'mdx'; did you mean 'md'"):
        rendering.render(TABLE, "mdx")


def test_csv_reads_back(frame: pd.DataFrame) -> None:
    table = lengths(frame[frame["seed"] == 0])
    back = pd.read_csv(io.StringIO(rendering.render(table, "csv")), dtype={"seed": str})
    np.testing.assert_allclose(back["value"], table["value"], rtol=1e-5)
    assert tables.pivot(back, "bleu", "beam", "test").equals(tables.pivot(table, "bleu", "beam", "test"))
