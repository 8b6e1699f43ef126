"""What a person reads: one Markdown page a results folder, a section a function, all from its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnbench import rendering, tables
from attnbench.claims import CONTRADICTED, NOT_RUN, REPRODUCED, UNDECIDED
from attnbench.files import write_text
from attnbench.paper import Paper
from attnbench.results import Results
from attnbench.scoring.bootstrap import ENOUGH_SEEDS

FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""The shares of the updates at which the learning curves are shown."""

STILL_FALLING = 0.01
"""A validation loss that fell by more than this share over the last fifth is called still falling."""


def write(path: Path, results: Results) -> None:
    """Write ``report.md``; the paper's headline metric and its first decoding lead.

    Of what run.json holds any key may be missing.
    """
    paper, run, scores = results.paper, results.run, results.table()
    main = results.main_test(results.headline)
    views = [
        results.table(paper.views[0]),
        *(results.table(by, None, results.headline) for by in paper.views[1:]),
    ]
    sections = [
        title(paper, run),
        answer(paper, run, results.verdicts, scores),
        "## Claims\n\n" + claims_table(results.verdicts),
        "## Ours beside the paper's\n\n" + comparison(scores, paper, main),
        "## By length\n\n![Score by length](lengths.png)\n",
        *(length_tables(view, paper) for view in views),
        "## Systems against each other\n\n" + differences(results.differences, paper, main),
        "## Learning curves\n\n" + learning_curves(results.history),
        "## Speed\n\n" + speed_table(results.speed, run),
        "## How it was run\n\n" + how_it_was_run(run),
        "## Licence of the data\n\n" + licence(run),
    ]
    write_text(path, "\n".join(sections))


def _data_and_scale(run: Mapping[str, Any]) -> str:
    return f"data `{(run.get('data') or {}).get('data', '?')}` at scale `{run.get('scale', '?')}`"


def title(paper: Paper, run: Mapping[str, Any]) -> str:
    """Return the heading: which paper, on which data, at which scale."""
    return (
        f"# {paper.title}\n\n{paper.authors}, {paper.venue}, <{paper.url}>. "
        f"Reproduced as `{paper.name}` on {_data_and_scale(run)}.\n"
    )


def answer(paper: Paper, run: Mapping[str, Any], claims: pd.DataFrame, scores: pd.DataFrame) -> str:
    """Return one paragraph: how many of the claims hold here, which do not, and how far to trust it."""
    counts = Counter(claims["verdict"])
    verdicts = [f"On {_data_and_scale(run)}, of {len(claims)} claims {counts[REPRODUCED]} reproduced"]
    for verdict in (CONTRADICTED, UNDECIDED, NOT_RUN):
        names = claims.loc[claims["verdict"] == verdict, "claim"]
        if len(names):
            verdicts.append(f"{len(names)} {verdict} ({', '.join(names)})")
    sentences = [", ".join(verdicts) + "."]
    seeds = scores.loc[scores["seed"].astype(str) != tables.ALL, "seed"].nunique()
    if seeds == 1:
        sentences.append(
            "**One seed only:** another training may come out otherwise; intervals are over examples."
        )
    elif seeds < ENOUGH_SEEDS:
        sentences.append(f"{seeds} seeds: intervals are over examples, and verdicts need the seeds to agree.")
    if paper.deviations:
        sentences.append(paper.deviations)
    return " ".join(sentences) + "\n"


def claims_table(claims: pd.DataFrame) -> str:
    """Return each claim with its effect against its margin, its verdict and the reason."""
    rows = []
    for row in claims.to_dict("records"):
        judged = not pd.isna(row["effect"])
        effect = rendering.with_interval(row["effect"], row["ci_low"], row["ci_high"]) if judged else ""
        rows.append(
            {
                "claim": f"**{row['claim']}**: {row['statement']} ({row['paper_location']})",
                "effect [95 %]": f"{effect} {row['unit']}" if judged else "",
                "must exceed": f"{row['margin']:g} {row['unit']}",
                "verdict": f"**{row['verdict']}**",
                "reason": row["reason"],
                "would settle it": row["needed"],
                "paper's effect": row["paper_effect"],
            }
        )
    explained = "Effects are signed so that larger favours the claim. Margins were set before any run.\n"
    return explained + "\n" + rendering.render(pd.DataFrame(rows), "md")


def comparison(scores: pd.DataFrame, paper: Paper, main: str = "test") -> str:
    """Return our scores beside the printed ones."""
    table = tables.beside_paper(scores, paper, main)
    if not len(table):
        return "The paper prints no number for a whole test set that is recorded here.\n"
    explained = (
        "Numbers under **paper's** are the paper's own, on its data and sizes; the others are ours.\n\n"
    )
    return explained + rendering.render(table, "md")


def length_tables(lengths: pd.DataFrame, paper: Paper) -> str:
    """Return the headline metric by length for each test set."""
    metric, decoding = paper.headline, paper.decodings[0].name
    parts = []
    for test in sorted(lengths["test"].unique()):
        rows = tables.view(lengths, metric, decoding, test)
        if len(rows):
            signature, by = rows.iloc[0][["signature", "by"]]
            head = f"{metric} ({signature}), {decoding}, test set `{test}`, by {by}"
            table = rendering.render(tables.pivot(lengths, metric, decoding, test), "md")
            parts.append(f"{head}: value [95 % interval] (examples).\n\n{table}")
    return "\n".join(parts)


def differences(pairs: pd.DataFrame, paper: Paper, main: str) -> str:
    """Return the table of ``tables.differences``."""
    if not len(pairs):
        return "Fewer than two systems were run.\n"
    decoding = paper.decodings[0].name
    head = f"{paper.headline}, {decoding}, test set `{main}`; the interval is a paired bootstrap's"
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
        progress.append(f"- {name}: {_progress(points)}")
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


def _progress(points: list[tuple[float, float]]) -> str:
    (before, _), (after, _) = points[-2:]
    if np.isnan(before) or np.isnan(after):
        return "too few evaluations to tell."
    change = after / before - 1
    state = "**still falling**" if change < -STILL_FALLING else "close to settled"
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


def how_it_was_run(run: Mapping[str, Any]) -> str:
    """Return command, versions, hardware, seeds and corpus, as far as they are known."""
    data = run.get("data") or {}
    lines = {
        "command": f"`{run['command']}`" if run.get("command") else None,
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
    known += [f"- corpus: {note}\n" for note in data.get("notes") or ()]
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
