"""The numbers that the READMEs quote, and the tool that reads them."""

import json
from pathlib import Path

import pytest
import quoted
from quoted_rows import find

from attnbench import comparison
from attnbench.results import Results

FOLDERS = sorted(path.parent for path in quoted.ROOT.glob("results/*/*/records"))
FEWEST = 20
"""A paper's README quotes at least so many numbers."""

TABLES = {
    "scores.csv": """system,seed,decoding,test,metric,value,ci_low,ci_high,n
big,0,beam,test,bleu,1234.54,1200,1300,700
big,all,beam,test,bleu,1234.56,1200.04,1300.06,700
big,all,greedy,test,bleu,1000,900,1100,700
big,all,beam,nounk,bleu,1300,1290,1310,500
big,all,forced,test,aer,0.105,0.1,0.11,700
small,0,beam,test,bleu,-0.04,-0.5,0.36,700
small,all,beam,test,bleu,-0.04,-0.5,0.36,700
""",
    "lengths.csv": """system,seed,decoding,test,metric,value,ci_low,ci_high,bin_low,bin_high
big,all,beam,test,bleu,90.44,88.5,91.99,21,31
big,all,beam,test,bleu,86.37,81.7,88.7,31,41
""",
    "claims.csv": """claim,effect,ci_low,ci_high,margin,verdict
it-helps,-12.34,-13.5,-11.1,1,held once
it-is-untried,,,,1,not run
""",
    "measurements.csv": """measurement,part,value,ci_low,ci_high
pointing,hits,0.2169,0.1890,0.2449
pointing,above chance,0.1235,0.0956,0.1514
""",
    "history.csv": """system,seed,stage,update,valid_nll
big,0,fit,100,3.0
big,0,fit,200,2.0
big,1,fit,100,2.0
small,0,fit,200,9.0
""",
    "empty.csv": "system,value\n",
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a paper's folder of results in which ``t`` holds made-up tables."""
    folder = tmp_path / "results" / "bahdanau2015" / "t"
    folder.mkdir(parents=True)
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    examples = {"train": 9, "valid": 8, "second": 7, "first": 6}
    (folder / "run.json").write_text(json.dumps({"seconds": 218.7, "data": {"examples": examples}}))
    return folder.parent


@pytest.mark.parametrize("path", quoted.READMES, ids=lambda path: str(path.relative_to(quoted.ROOT)))
def test_every_number_is_what_its_table_gives(path: Path) -> None:
    text, base = path.read_text(encoding="utf-8"), quoted.base_of(path)
    assert quoted.problems(text, base) == []
    if path.parent != quoted.ROOT:
        assert len(quoted.SECTION.findall(text)) == 1
        assert len(list(quoted.quotes(text, base))) >= FEWEST


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_what_is_not_said_is_what_leads(folder: Path) -> None:
    results = Results(folder)
    row = find(folder / "scores.csv", {"": results.records.frame["system"].iloc[0]})
    asked = row["test"], row["decoding"], row["metric"], row["seed"]
    assert asked == (results.main_test(results.headline), results.decoding, results.headline.name, "all")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("t/scores.csv big: value .1f", "1234.6"),
        ("t/scores.csv big: value ,.1f ci", "1,234.6 [1,200.0, 1,300.1]"),
        ("t/scores.csv big seed=0: value .2f", "1234.54"),
        ("t/scores.csv big metric=aer: value .2f ci", "0.10 [0.10, 0.11]"),
        ("t/scores.csv big: n .0f", "700"),
        ("t/scores.csv small: value .1f ci", "0.0 [−0.5, 0.4]"),
        ("t/scores.csv small: value +.2f", "−0.04"),
        ("t/scores.csv big test=nounk minus test=test: value +.1f", "+65.4"),
        ("t/scores.csv big decoding=greedy minus small decoding=beam: value .2f", "1000.04"),
        ("t/lengths.csv big bin_low=21: value .1f", "90.4"),
        ("t/claims.csv it-helps: effect*-1 .1f ci", "12.3 [11.1, 13.5]"),
        ("t/claims.csv it-helps: effect +.1f ci", "−12.3 [−13.5, −11.1]"),
        ("t/claims.csv it-helps: verdict", "held once"),
        ('t/measurements.csv pointing part="above chance": value*100 .0f', "12"),
        ("t/history.csv big update=100: valid_nll .1f", "2.5"),
        ("t/history.csv big: valid_nll .1f", "2.0"),
        ("t/history.csv big seed=0: valid_nll .1f", "2.0"),
        ("t/history.csv big seed=0 update=100: valid_nll .1f", "3.0"),
        ("t/history.csv small: update .0f", "200"),
        ("t/run.json: data.examples.first .0f", "6"),
        ("printed rnnsearch-50 test=nounk minus test=test: value .2f", "7.41"),
        ("printed rnnsearch-50 length=40: value .1f", "26.8"),
    ],
)
def test_a_query_gives(query: str, text: str, base: Path) -> None:
    assert quoted.look_up(query, base) == text
    (quote,) = quoted.quotes(f"has <!--= {query} -->{text} [7] of it", base)
    assert (quote.right, quote.written) == (True, text)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("t/scores.csv huge: value .1f", "scores.csv: no rows, not one"),
        ("t/lengths.csv big: value .1f", "lengths.csv: 2 rows, not one"),
        ("t/lengths.csv big bin_low=11: value .1f", "lengths.csv: no rows, not one"),
        ("t/scores.csv big bin_low=21: value .1f", "scores.csv: no bin_low"),
        ("t/scores.csv: value .1f", "scores.csv: no system"),
        ("t/scores.csv big: effect .1f", "nothing in column effect"),
        ("t/scores.csv big: decoding .1f", "no number in column decoding: beam"),
        ("t/claims.csv it-is-untried: effect .1f", "nothing in column effect"),
        ("t/history.csv small: valid_nll .1f ci", "nothing in column ci_low"),
        ("t/missing.csv big: value .1f", "no file t/missing.csv"),
        ("t/empty.csv big: value .1f", "no rows in t/empty.csv"),
        ("t/scores.csv big minus small: value .1f ci", "a difference of two rows has no interval"),
        ('t/scores.csv big test="x: value .1f', "No closing quotation"),
        ("t/scores.csv big: value", "not FILE NAME"),
        ("t/scores.csv big: value .1g", "not FILE NAME"),
        ("t/scores.csv big value .1f", "not FILE NAME"),
    ],
)
def test_a_query_that_gives_nothing_says_why(query: str, problem: str, base: Path) -> None:
    with pytest.raises(quoted.Unfounded, match=problem):
        quoted.look_up(query, base)
    (found,) = quoted.problems(f"it has <!--= {query} -->1.0", base)
    assert problem in found


def test_the_readme_of_the_root_says_which_paper(base: Path) -> None:
    assert quoted.look_up("bahdanau2015/t/scores.csv big: value .1f", base.parent) == "1234.6"
    assert quoted.look_up("bahdanau2015/printed rnnsearch-50: value .2f", base.parent) == "26.75"
    assert quoted.base_of(quoted.READMES[0]) / "bahdanau2015" == quoted.base_of(quoted.READMES[1])


def test_the_mean_over_seeds_is_of_all_of_them(base: Path) -> None:
    table = base / "t" / "history.csv"
    table.write_text("system,seed,update,loss\na,0,1,1.0\na,0,2,3.0\na,1,1,5.0\nb,2,1,9.0\n")
    assert quoted.look_up("t/history.csv a: loss .1f", base) == "4.0"
    assert quoted.look_up("t/history.csv a update=1: loss .1f", base) == "3.0"
    with pytest.raises(quoted.Unfounded, match="1 of 2 seeds"):
        quoted.look_up("t/history.csv a update=2: loss .1f", base)


RIGHT = """# A paper

It has 0.5 of it.

## What came out

- It has <!--= t/scores.csv big: value .1f ci -->1234.6
  [1200.0, 1300.1] of 700, 5 [1] and `0.7 [0.1, 0.2]` of [version 2.6](https://a.b/1.5) <!-- 9.9 -->at 11–20,
  as **it <!--= t/claims.csv it-helps:
  verdict -->held once**, and <!--= t/scores.csv big: n .0f -->700.

## Margins

They are 0.5 [0.1, 0.9].
"""


def test_a_readme_that_is_right(base: Path) -> None:
    assert quoted.problems(RIGHT, base) == []
    assert quoted.rewritten(RIGHT, base) == RIGHT


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (
            "-->1234.6",
            "-->1234.5",
            "it says '1234.5\\n  [1200.0, 1300.1]', its table '1234.6 [1200.0, 1300.1]'",
        ),
        ("1300.1] of", "1300.2] of", "its table '1234.6 [1200.0, 1300.1]'"),
        ("-->held once", "-->reproduced", "it says 'reproduced', its table 'held once'"),
        ("-->700", "-->701", "it says '701', its table '700'"),
        ("-->700", "-->many", "it says '', its table '700'"),
        ("big: n", "huge: n", "no rows, not one"),
        ("of 700", "of 70.5", "no table is named for 70.5"),
        ("of 700", "of −1,070.5", "no table is named for −1,070.5"),
        ("of 700", "of 700 [690, 710]", "no table is named for [690, 710]"),
        ("value .1f ci", "value .1f", "no table is named for [1200.0, 1300.1]"),
        ("It has <!--= t/s", "<!--= t/s", "a comment begins the line '- <!--= t/scores.csv big"),
        ("It has <!--= t/s", "It has\n  <!--= t/s", "a comment begins the line '  <!--= t/scores.csv big"),
    ],
)
def test_a_readme_that_is_wrong(before: str, after: str, problem: str, base: Path) -> None:
    assert RIGHT.count(before) == 1
    found = quoted.problems(RIGHT.replace(before, after), base)
    assert len(found) == 1 and problem in found[0]


def test_numbers_are_written_anew(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quoted, "ROOT", base.parents[1])
    path = base.parents[1] / "reproductions" / "bahdanau2015" / "README.md"
    path.parent.mkdir(parents=True)
    stale = RIGHT.replace("1234.6", "7").replace("-->held once", "-->not run").replace("-->700", "-->")
    path.write_text(stale, encoding="utf-8")
    assert quoted.main([str(path)]) == 1
    assert capsys.readouterr().out.startswith(
        "reproductions/bahdanau2015/README.md: 3 numbers\nt/scores.csv big"
    )
    assert path.read_text(encoding="utf-8") == stale
    assert quoted.main(["--write", str(path)]) == 0
    assert path.read_text(encoding="utf-8").split() == RIGHT.split()


def test_what_has_no_table_stays_as_it_is(base: Path) -> None:
    text = RIGHT.replace("big: n", "huge: n").replace("-->700", "-->701")
    assert quoted.rewritten(text, base) == text


def test_whole_tables_are_those_of_their_commands() -> None:
    """A stale table of the README is found, and written anew."""
    folder = "results/rocktaschel2016/embedded.small"
    shown = comparison.show([Results(quoted.ROOT / folder)], comparison.View(by="length"))
    table = shown.split("\n\n")[1].strip()
    right = f"<!-- attnbench compare {folder} --by length -->\n\n{table}\n\nSo it is.\n"
    assert quoted.problems(right, quoted.ROOT) == []
    stale = right.replace("(300)", "(299)", 1)
    assert quoted.problems(stale, quoted.ROOT) == [f"not the table of {folder}"]
    assert quoted.rewritten(stale, quoted.ROOT) == right
