"""What stands in a table is text, whatever it looks like; what is Markdown says so."""

import io
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attnbench import plots, rendering, tables
from attnbench.scoring import bleu

PLAIN = [
    "RNNsearch-50*", "7.50 [6.00, 9.00] BLEU", "79.5 [77, 81] (90)", "test_2016_flickr", "p < 0.05", "a & b",
    "_a", "x_.smoke", r"\textbf", "it's", "11–20", "5 % of $3", "~8d0bd25f", "猫",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *((text, text) for text in PLAIN),
        ("`x`", r"\`x\`"), (r"\*x*", r"\\\*x\*"),
        ("**b**", r"\*\*b\*\*"), ("_a_", r"\_a\_"), ("_a b_c d_", r"\_a b_c d\_"), ("<b>", r"\<b>"),
        ("<unk>", r"\<unk>"), ("<!--", r"\<!--"), ("[x](y)", r"[x\](y)"), ("[x][y]", r"[x\][y]"),
        ("&amp;", r"\&amp;"), ("&#35;", r"\&#35;"), (r"\*", r"\\*"), ("~~s~~", r"\~\~s\~\~"),
        ("$x_{$", r"\$x_{\$"), ("a\nb\r\n\tc", "a b c"), ("a\u2028b\x1bc", "a b c"),
    ],
)  # fmt: skip
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert rendering.plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b*", "`a_b*`"), ("`x`", "`` `x` ``"), ("a``b`c", "```a``b`c```"), ("`", "`` ` ``"),
        ("a\nb", "`a b`"), ("$x_{$", "`$x_{$`"),
    ],
)  # fmt: skip
def test_code_is_longer_fenced_than_what_is_in_it(text: str, shown: str) -> None:
    assert rendering.code(text) == shown


def test_cells_are_escaped_unless_their_column_is_markdown() -> None:
    frame = pd.DataFrame({"*a* *b*": ["**x** | <b>"], "bold": ["**x** | <b>\n"]})
    assert rendering.render(frame, "md", ["bold"]) == (
        "| \\*a\\* \\*b\\* | bold |\n| --- | --- |\n| \\*\\*x\\*\\* \\| \\<b> | **x** \\| <b>  |\n"
    )
    assert rendering.render(frame, "md").count("**") == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&%$#_{}", r"\&\%\$\#\_\{\}"), ("\\~^", r"\textbackslash{}\textasciitilde{}\textasciicircum{}"),
        ("<a|b>", r"\textless{}a\textbar{}b\textgreater{}"), ("`x`", r"\textasciigrave{}x\textasciigrave{}"),
        ("[x]", "{[}x]"), ("*x", "{*}x"), ("--set", "-{}-set"), ("a\n\nb", "a b"), ("猫 é", "猫 é"),
    ],
)  # fmt: skip
def test_latex_sets_a_text_as_it_is(text: str, shown: str) -> None:
    """A bracket or star at a line's beginning would belong to the end of the row above."""
    table = rendering.render(pd.DataFrame({"a": ["x", text]}), "latex")
    assert table.splitlines()[-3] == f"{shown} \\\\"


def test_csv_and_json_give_back_what_was_put_in() -> None:
    names = [*PLAIN, 'a,"b"', "a\nb", "<b>", "`x`"]
    frame = pd.DataFrame({"name": names})
    assert list(pd.read_csv(io.StringIO(rendering.render(frame, "csv")))["name"]) == names
    assert list(pd.read_json(io.StringIO(rendering.render(frame, "json")))["name"]) == names


def curves(*systems: str) -> pd.DataFrame:
    rows = [
        ("p", "d", "small", system, "all", "beam", "test", "bleu", "s", value, value - 1, value + 1, 90,
         "words", low, low + 10)
        for value, system in enumerate(systems) for low in (1, 11)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=tables.LENGTHS)


@pytest.mark.parametrize("name", ["$x_{$", r"$\frac{$", "_a", "a|b", "<b>", "é", "مرحبا", "%s"])
def test_names_in_figures_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Not mathematics, nor hidden for an underscore."""
    from matplotlib.figure import Figure

    drawn, save = [], Figure.savefig

    def savefig(figure: Figure, *words: Any, **options: Any) -> None:
        drawn.append(figure)
        save(figure, *words, **options)

    monkeypatch.setattr(Figure, "savefig", savefig)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric = bleu.metric("bleu", "none")
        plots.length_curves(curves(name, "other"), tmp_path / "a.png", metric, "beam", "test", name)
    (figure,) = drawn
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(shown) == sorted([name, "other"])
    assert figure.axes[0].get_title(loc="left") == name
    colours = {line.get_color() for line in figure.legends[0].get_lines()}
    assert colours == {line.get_color() for line in figure.axes[0].get_lines()} and len(colours) == 2


def test_a_long_title_has_several_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.axes import Axes

    titles: list[str] = []
    monkeypatch.setattr(Axes, "set_title", lambda self, title, **_: titles.append(title))
    metric = bleu.metric("bleu", "none")
    for title in ("p, d at scale small: BLEU, beam, test", "x" * 200):
        plots.length_curves(curves("a"), tmp_path / "a.png", metric, "beam", "test", title)
    assert titles[0] == "p, d at scale small: BLEU, beam, test"
    assert titles[1].split("\n") == ["x" * 90, "x" * 90, "x" * 20]
