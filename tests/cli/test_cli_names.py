"""Names that people give files, folders and test sets: text wherever they come out, and no two are one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attnbench.corpora import splits

LINES = ("a dog .\nthe cat , here .\n" * 6, "un chien .\nle chat , ici .\n" * 6)
SIZES = tuple(f"model.{name}=4" for name in ("embedding", "hidden", "alignment", "maxout"))
QUICK = ("training.updates=2", "training.evaluations=1", *SIZES)
TINY = ("--scale", "smoke", "--device", "cpu", *(word for one in QUICK for word in ("--set", one)))
ONE = ("--systems", "rnnsearch-50")
ODD = ("a/test", "b/test", "a.test", "$x_{$", "_a", "a|b", "<b>", "`x`", "[x](y)", r"\textbf%s", "猫")


def write(folder: Path, *names: str, languages: tuple[str, str] = ("en", "fr"), **texts: Any) -> Path:
    """Write parallel text under these names, and ``test_fr="..."`` in the place of ``test.fr``."""
    for name in ("train", "valid", *names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        for language, lines in zip(languages, LINES, strict=True):
            (folder / f"{name}.{language}").write_text(lines)
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def reproduce(attnbench: Callable, folder: str, places: list[str], *words: str) -> Any:
    return attnbench("reproduce", "bahdanau2015", "--data", f"files:{folder}", *TINY, *places, *words)


def test_names_are_text_from_the_files_to_every_table_and_figure(
    attnbench: Callable, here: Path, places: list[str]
) -> None:
    """Training, tables, the page, the figure and every format; nothing is said beside what is always said."""
    write(here / "[red] $x_{$", *ODD)
    said = reproduce(attnbench, "[red] $x_{$", places, *ONE, "--set", f"data.test={','.join(ODD)}")
    assert said.code == 0
    assert said.err.splitlines()[1:] == ["one seed: another training may come out otherwise; see --seeds"]
    (records,) = (here / "out").rglob("records")
    folder = records.parent.rename("results [red]")
    keys = splits.keys_of_tests(ODD)
    assert set(pd.read_csv(folder / "scores.csv")["test"]) == set(keys.values())
    decoded = {path.name for path in (here / "work").rglob("beam.*.jsonl")}
    assert decoded == {f"beam.{key}.jsonl" for key in keys.values()}
    page = (folder / "report.md").read_text()
    assert "On data `files:[red] $x_{$` at scale `smoke`" in page
    for shown in ("`a.test~52dcf5ee`", "`$x_{$`", "`_a`", "`a|b`", "`<b>`", "`` `x` ``", "`[x](y)`", "`猫`"):
        assert f"test set {shown}, by source length" in page
    shown = attnbench("compare", folder).out
    for name in ("_a", "a|b", r"\<b>", r"\`x\`", r"[x\](y)", r"\textbf%s", r"\$x_{\$"):
        assert f"results [red], bleu, beam, test set {name}: value" in shown
    latex = attnbench("compare", folder, "--format", "latex").out
    for name in (r"\$x\_\{\$", r"a\textbar{}b", r"\textless{}b\textgreater{}", r"{[}x](y)",
                 r"\textasciigrave{}x\textasciigrave{}", r"\textbackslash{}textbf\%s", "猫"):  # fmt: skip
        assert f"& {name} &" in latex
    rows = json.loads(
        attnbench("compare", folder, "--format", "json", "--test", "a|b", "--plot", "p.png").out
    )
    assert {row["test"] for row in rows} == {"a|b"} and Path("p.png").read_bytes()[:4] == b"\x89PNG"


def test_paths_that_look_like_addresses_or_say_something_are_paths(attnbench: Callable, here: Path) -> None:
    """``a:`` is no protocol, and ``seed=3`` no column of the records."""
    write(here / "s3:text", "test")
    said = reproduce(attnbench, "s3:text", ["--out", "o:ut/seed=3", "--work", "w:ork/system=x"], *ONE)
    assert said.code == 0
    shown = attnbench("compare", "bahdanau2015", "--out", "o:ut/seed=3", "--format", "json").out
    assert {(row["system"], row["seed"]) for row in json.loads(shown)} == {
        ("rnnsearch-50", "0"),
        ("rnnsearch-50", "all"),
    }


def test_a_corpus_behind_links_is_read_and_a_name_leads_into_it(
    attnbench: Callable, here: Path, places: list[str]
) -> None:
    write(here / "real", "test")
    (here / "corpus").mkdir()
    for link, place in {"in": "../real", "self": ".", "gone.en": "nowhere"}.items():
        (here / "corpus" / link).symlink_to(place)
    names = [f"data.{split}=in/{split}" for split in ("train", "valid", "test")]
    said = reproduce(attnbench, "corpus", places, *ONE, *(word for one in names for word in ("--set", one)))
    assert said.code == 0
    (scores,) = (here / "out").rglob("scores.csv")
    assert set(pd.read_csv(scores)["test"]) == {"test"}


@pytest.mark.parametrize("tokenizer", ["moses", "none"])
def test_what_the_tokeniser_lacks_for_a_language_is_said_before_and_after(
    attnbench: Callable, here: Path, places: list[str], tokenizer: str
) -> None:
    note = (
        "tokeniser: uk_UA: Moses has no rules for it; abbreviations are those of English, apostrophes stand "
    )
    write(here / "text", "test", languages=("eng", "uk_UA"))
    chosen = ["--set", "data.languages=eng-uk_UA", "--set", f"data.tokenizer={tokenizer}"]
    said = reproduce(attnbench, "text", places, *ONE, *chosen)
    assert said.code == 0
    (report,) = (here / "out").rglob("report.md")
    told = report.read_text(), attnbench("data", "check", "bahdanau2015", "--data", "files:text", *chosen).out
    if tokenizer == "none":
        assert note not in said.err + "".join(told)
    else:
        assert said.err.splitlines()[1].startswith(note)
        assert f"- corpus: {note}" in told[0] and f"\n{note}" in told[1]


@pytest.mark.parametrize(
    ("names", "texts", "changes", "says"),
    [
        ((), {"test_en": "\n\n", "test_fr": "\n\n"}, (), "no pair of 'test' has words on both sides; choose"),
        ((), {"test_en": "a\n\n", "test_fr": "\nb\n"}, (), "no pair of 'test' has words on both sides"),
        ((), {"test_fr": "\x01\n" * 12}, (), "no pair of 'test' has words on both sides; choose others with"),
        ((), {"valid_fr": " \n" * 12}, (), "no pair of 'valid' has words on both sides; choose others with"),
        ((), {"valid_fr": "\n" * 3 + "a\n" * 9}, ("data.valid_limit=3",), "no pair of 'valid' has words"),
        ((), {"train_en": "\x01\n" * 12}, (), "training split has no pair of sentences; 12 pairs with"),
        ((), {"train_en": "w " * 40 + "\n", "train_fr": "x\n"}, (), "no training pair has 30 words or fewer "
         "on both sides; raise data.max_length, to 40 at least"),
        (("nounk",), {}, ("data.test=nounk",), "a test set cannot be called nounk, which is attnbench's own"),
        (("NounK",), {}, ("data.test=NounK",), "a test set cannot be called nounk, which is attnbench's own"),
        ((), {}, ("data.test=test,test",), "data.test has 'test' twice, which would count it twice; name it"),
        ((), {}, ("data.train=train,train",), "data.train has 'train' twice, which would count it twice"),
        ((), {}, ("data.languages=en-**",), "train.**[.gz] is missing; a name needs a file in each language"),
        ((), {}, ("data.languages=en-en",), "reads 'en' as both sides; name two"),
        ((), {}, ("data.languages=en-zh-CN",), "SOURCE:TARGET where a name has a hyphen, such as en:zh-CN"),
    ],
)  # fmt: skip
def test_what_can_be_known_before_is_said_before_any_training(
    attnbench: Callable, here: Path, places: list[str], refused: Callable,
    names: tuple[str, ...], texts: dict[str, Any], changes: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    """Of two systems neither is trained, though one of them could be."""
    write(here / "text", "test", *names, **texts)
    sets = [word for one in changes for word in ("--set", one)]
    both = ["--systems", "rnnsearch-50,rnnsearch-30"]
    refused(reproduce(attnbench, "text", places, *both, *sets), says)
    assert not (here / "work" / "runs").exists()


def test_the_advice_for_blank_and_long_sets_works(attnbench: Callable, here: Path, places: list[str]) -> None:
    blank, long = "\n" * 12, "w " * 40 + "\n"
    write(here / "text", "test", "other", train_en=long, train_fr="x\n", test_fr=blank)
    sets = ["--set", "data.test=other", "--set", "data.max_length=40"]
    assert reproduce(attnbench, "text", places, "--systems", "rnnsearch-30", *sets).code == 0
