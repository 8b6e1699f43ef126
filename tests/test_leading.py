"""What leads in the tables where no system that was run has the paper's headline."""

from pathlib import Path

from smoke import reproduce

from attnbench import comparison
from attnbench.results import Results

QUICK = {"data.limit": "40", "data.test_per_bin": "1"}


def test_language_models_alone_are_led_by_their_perplexity(tmp_path: Path) -> None:
    folder = reproduce("rush2015", tmp_path / "out", tmp_path / "work", ["kn-5"], changes=QUICK)
    results = Results(folder)
    assert (results.headline.name, results.decoding) == ("perplexity", "forced")
    head = f"{folder.name}, perplexity, forced, test set test: value [95 % interval] (examples)"
    assert comparison.show([results], comparison.View(by="length")).startswith(head)
    page = (folder / "report.md").read_text(encoding="utf-8")
    assert (
        "perplexity (nats|end:counted|unk:word), forced, test set `test`, by source length in words" in page
    )
    assert "| kn-5 |" in page.partition("## By length")[2].partition("## Systems")[0]


def test_the_headline_leads_where_one_system_has_it(tmp_path: Path) -> None:
    folder = reproduce("rush2015", tmp_path / "out", tmp_path / "work", ["kn-5", "lead"], changes=QUICK)
    results = Results(folder)
    assert (results.headline.name, results.decoding) == ("rouge-1-f1", "beam")
    shown = comparison.show([results], comparison.View())
    assert "| lead |" in shown and "kn-5" not in shown
