"""What a person reads: one Markdown page a results folder, a section a function, all from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnbench import rendering, tables
from attnbench.claims import CONTRADICTED, REPRODUCED, counted
from attnbench.evidence import STILL_FALLING, last_fifth
from attnbench.machine.files import write_text
from attnbench.paper import Figure, Paper
from attnbench.results import Results
from attnbench.scoring.bootstrap import CONFIDENCE

FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""The shares of the updates at which the learning curves are shown."""

SETTLED = 0.01
"""A validation loss that changed by less than this share over the last fifth is called close to settled."""

ALPHA = 1 - CONFIDENCE
"""The share of false verdicts that is put up with."""


def write(path: Path, results: Results) -> None:
    """Write ``report.md``; the metric and the decoding that lead are those of ``results``.

    Of what run.json holds any key may be missing.
    """
    paper, run, scores = results.paper, results.run, results.table()
    main, leading = results.main_test(results.headline), (results.headline.name, results.decoding)
    views = [
        results.table(paper.views[0]),
        *(results.table(by, None, results.headline) for by in paper.views[1:]),
    ]
    sections = [
        title(paper, run),
        answer(paper, run, results.verdicts, scores),
        "## Claims\n\n" + claims_table(results.verdicts),
        "## Measurements\n\n" + measurements_table(results.measurements),
        "## Ours beside the paper's\n\n" + comparison(scores, paper, main),
        "## By length\n\n![Score by length](lengths.png)\n",
        *(length_tables(view, *leading) for view in views),
        *(figure_section(figure, table) for figure, table in results.figures),
        "## Systems against each other\n\n" + differences(results.differences, *leading, main),
        "## Learning curves\n\n" + learning_curves(results.history),
        "## Speed\n\n" + speed_table(results.speed, run),
        "## How it was run\n\n" + how_it_was_run(run, results.records.metadata),
        "## Licence of the data\n\n" + licence(run),
    ]
    write_text(path, "\n".join(sections))


def _data_and_scale(run: Mapping[str, Any]) -> str:
    data = str((run.get("data") or {}).get("data", "?"))
    return f"data {rendering.code(data)} at scale `{run.get('scale', '?')}`"


def title(paper: Paper, run: Mapping[str, Any]) -> str:
    """Return the heading: which paper, on which data, at which scale."""
    return (
        f"# {paper.title}\n\n{paper.authors}, {paper.venue}, <{paper.url}>. "
        f"Reproduced as `{paper.name}` on {_data_and_scale(run)}.\n"
    )


def answer(paper: Paper, run: Mapping[str, Any], claims: pd.DataFrame, scores: pd.DataFrame) -> str:
    """Return one paragraph: how many of the claims hold here, which do not, and how far to trust it."""
    found = {REPRODUCED: [], **counted(claims)}
    told = [f"{len(names)} {verdict}{_named(verdict, names, paper)}" for verdict, names in found.items()]
    sentences = [f"On {_data_and_scale(run)}, of {len(claims)} claims {', '.join(told)}."]
    single = scores[scores["seed"].astype(str) != tables.ALL]
    trained = single.groupby("system")["seed"].nunique()
    if trained.max() == 1:
        sentences.append(
            "**One training only** of each system: intervals are over examples, another training may come "
            "out otherwise, and so there is no verdict on the method. `--seeds 3` gives one."
        )
    else:
        sentences.append(
            "Up to " * int(trained.nunique() > 1) + f"{trained.max()} trainings of "
            "each system: intervals hold what another test set and other trainings would change"
            + ", those of one training what another test set would" * int(trained.min() == 1)
            + "."
        )
    if paper.deviations:
        sentences.append(paper.deviations)
    return " ".join(sentences) + "\n"


def _named(verdict: str, names: list[str], paper: Paper) -> str:
    """Return what stands in brackets: which claims; of those that hold, which follow from others."""
    if verdict != REPRODUCED:
        return f" ({', '.join(names)})"
    implied = [
        claim.name for claim in paper.claims
        if claim.name in names and claim.implied_by and set(claim.implied_by) <= set(names)
    ]  # fmt: skip
    return f" (of which {', '.join(implied)} follows from others)" if implied else ""


def claims_table(claims: pd.DataFrame) -> str:
    """Return each claim with its effect against its margin, its verdict and the reason."""
    rows = []
    for row in claims.to_dict("records"):
        judged = not pd.isna(row["effect"])
        effect = rendering.with_interval(row["effect"], row["ci_low"], row["ci_high"]) if judged else ""
        why = (
            f"{row['margin_reason']} ({row['margin_set']}{', after results' if row['after_results'] else ''})"
        )
        rows.append(
            {
                "claim": f"**{row['claim']}**: {row['statement']} ({row['paper_location']})",
                "effect [95 %]": f"{effect} {row['unit']}" if judged else "",
                "must exceed": f"{row['margin']:g} {row['unit']}: {why}",
                "verdict": f"**{row['verdict']}**",
                "q": row["q"],
                "reason": row["reason"],
                "would settle it": row["needed"],
                "what else differs": row["also_differs"],
                "paper's effect": row["paper_effect"],
            }
        )
    explained = (
        "Effects are signed so that larger favours the claim. Beside each margin stand the day and the "
        "commit in which it was set, and whether results had been seen by then."
    )
    marked = ("claim", "must exceed", "verdict", "what else differs", "paper's effect")
    return f"{explained} {chances(claims)}\n\n{rendering.render(pd.DataFrame(rows), 'md', marked)}"


def chances(claims: pd.DataFrame) -> str:
    """Return how many verdicts chance would give, and which do not stand among so many."""
    tested = claims[claims["p"].notna()]
    if not len(tested):
        return (
            "No claim has a q: each had one training only, was not run, or rests on a system that has not "
            "learnt enough."
        )
    weak = tested.loc[tested["verdict"].isin([REPRODUCED, CONTRADICTED]) & (tested["q"] > ALPHA), "claim"]
    names = f"{', '.join(weak)} would not be a verdict" if len(weak) else "every verdict would stay one"
    return (
        f"{len(tested)} claims were tested at {100 * CONFIDENCE:.0f} %: were every effect on its margin, "
        f"{ALPHA * len(tested):.2g} verdicts would come out by chance. q is the false discovery rate after "
        f"Benjamini and Hochberg: at {100 * ALPHA:.0f} % {names}."
    )


def measurements_table(measured: pd.DataFrame) -> str:
    """Return what was measured that the paper does not claim, each part with its interval."""
    if not len(measured):
        return "None.\n"
    rows = []
    for row in measured.to_dict("records"):
        found = not pd.isna(row["value"])
        value = rendering.with_interval(row["value"], row["ci_low"], row["ci_high"]) if found else ""
        rows.append(
            {
                "measurement": f"**{row['measurement']}**: {row['statement']}",
                "of": row["part"],
                "value [95 %]": f"{value} {row['unit']}" if found else "",
                "examples": row["n"],
                "remark": row["reason"],
            }
        )
    return "The paper claims none of these, so none has a margin or a verdict.\n\n" + rendering.render(
        pd.DataFrame(rows), "md", ("measurement",)
    )


def comparison(scores: pd.DataFrame, paper: Paper, main: str = "test") -> str:
    """Return our scores beside the printed ones."""
    table = tables.beside_paper(scores, paper, main)
    if not len(table):
        return "The paper prints no number for a whole test set that is recorded here.\n"
    explained = (
        "Numbers under **paper's** are the paper's own, on its data and sizes; the others are ours.\n\n"
    )
    return explained + rendering.render(table, "md")


def length_tables(lengths: pd.DataFrame, metric: str, decoding: str) -> str:
    """Return a metric by length for each test set."""
    parts = []
    for test in sorted(lengths["test"].unique()):
        rows = tables.view(lengths, metric, decoding, test)
        if len(rows):
            signature, by = rows.iloc[0][["signature", "by"]]
            head = f"{metric} ({signature}), {decoding}, test set {rendering.code(test)}, by {by}"
            table = rendering.render(tables.pivot(lengths, metric, decoding, test), "md")
            parts.append(f"{head}: value [95 % interval] (examples).\n\n{table}")
    return "\n".join(parts)


def figure_section(figure: Figure, lengths: pd.DataFrame) -> str:
    """Return a declared figure, and what it draws as tables."""
    parts = [f"## {figure.title}\n\n![{figure.title}]({figure.name}.png)\n"]
    return "\n".join([*parts, *(length_tables(lengths, figure.metric, name) for name in figure.decodings)])


def differences(pairs: pd.DataFrame, metric: str, decoding: str, main: str) -> str:
    """Return the table of ``tables.differences``."""
    if not len(pairs):
        return "Fewer than two systems were run.\n"
    head = f"{metric}, {decoding}, test set {rendering.code(main)}; "
    head += "the interval is that of the paired difference"
    if "McNemar's p" in pairs.columns:
        head += "; right alone: examples that only the first got right : only the other, a pair a seed"
    return f"{head}.\n\n{rendering.render(pairs, 'md')}"


def learning_curves(history: pd.DataFrame) -> str:
    """Return validation loss and score at each fifth of the updates, and how far each system has come.

    A system's stages stand apart where any has several; one that was not trained is not there.
    """
    if not len(history):
        return "No training history was kept.\n"
    rows, progress = [], []
    apart = history["stage"].nunique() > 1
    for (system, stage), curve in history.groupby(["system", "stage"], sort=False):
        name = f"{system}, {stage}" if apart else system
        points = _at_fifths(curve)
        cells = {f"{share:.0%}": _point(point) for share, point in zip(FIFTHS, points, strict=True)}
        rows.append({"system": name, "updates": int(curve["update"].max()), **cells})
        progress.append(f"- {name}: {_progress(last_fifth(curve))}")
    table = rendering.render(pd.DataFrame(rows), "md")
    return f"Validation loss in nats (score), mean over seeds, by share of the updates:\n\n{table}\n" + (
        "How far each system is from having learnt what it can; what is still falling is partly "
        "too little training:\n\n" + "\n".join(progress) + "\n"
    )


def _at_fifths(curve: pd.DataFrame) -> list[tuple[float, float]]:
    """Return validation loss and score, mean over seeds, last measured before each share of the updates."""
    points = []
    for share in FIFTHS:
        reached = curve[curve["update"] <= share * curve["update"].max() + 1e-9]
        last = reached.dropna(subset=["valid_nll"]).groupby("seed").last()
        points.append((last["valid_nll"].mean(), last["valid_score"].mean()))
    return points


def _point(point: tuple[float, float]) -> str:
    loss, score = point
    if np.isnan(loss):
        return ""
    return f"{loss:.3f}" if np.isnan(score) else f"{loss:.3f} ({score:.1f})"


def _progress(change: float) -> str:
    if np.isnan(change):
        return "too few evaluations to tell."
    if change < -STILL_FALLING:
        state = "**still falling**: no verdict on levels where it is the side that is behind"
    elif abs(change) <= SETTLED:
        state = "close to settled"
    else:
        state = "still falling a little" if change < 0 else "**rising**"
    return f"the validation loss changed by {change:+.1%} over the last fifth of the updates: {state}."


def speed_table(speed: pd.DataFrame, run: Mapping[str, Any]) -> str:
    """Return the speeds, and whether other work may have disturbed them."""
    quiet = run.get("quiet")
    known = {
        True: "The machine was quiet.",
        False: "**The machine was not quiet**: other work slowed these runs.",
        None: "Whether the machine was quiet was not recorded.",
    }
    told = quiet if isinstance(quiet, str) else known[quiet]
    return f"{told}\n\n" + (rendering.render(speed, "md") if len(speed) else "No speed was recorded.\n")


def how_it_was_run(run: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> str:
    """Return command, versions, hardware, seeds and corpus, as far as they are known.

    Where systems had corpora of their own, as some of the ``records`` tell, the corpus of each is named.
    """
    data = run.get("data") or {}
    lines = {
        "command": rendering.code(run["command"]) if run.get("command") else None,
        "before it": ", ".join(map(rendering.code, run.get("earlier_commands", ()))) or None,
        "versions": _pairs(run.get("versions")),
        "commit": run.get("commit"),
        "hardware": _pairs(run.get("hardware")),
        "device": run.get("device"),
        "threads": run.get("threads"),
        "seeds": _pairs(run.get("seeds")),
        "corpus fingerprint": data.get("fingerprint"),
        "corpus revision": data.get("revision"),
    }
    known = [f"- {name}: {text}\n" for name, text in lines.items() if text not in (None, "")]
    known += [f"- corpus: {rendering.plain(note)}\n" for note in data.get("notes") or ()]
    of_systems = {one["system"]: (one.get("corpus"), _pairs(one.get("examples"))) for one in records}
    if len({corpus for corpus, _ in of_systems.values()}) > 1:
        known += [f"- corpus of {name}: {corpus}, {sizes}\n" for name, (corpus, sizes) in of_systems.items()]
    for one in records:
        for name, numbers in one.get("tuned", {}).items():
            known.append(f"- {one['system']}, seed {one['seed']}, tuned {name}: {_pairs(numbers)}\n")
    return "".join(known) + "- everything else: `run.json`\n"


def _pairs(value: Any) -> str | None:
    """Return a mapping or a list of run.json in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {text}" for key, text in value.items() if text is not None)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return None if value is None else str(value)


def licence(run: Mapping[str, Any]) -> str:
    """Return the licence of the data."""
    return str((run.get("data") or {}).get("licence") or "Not recorded; see `attnbench data show`.") + "\n"
