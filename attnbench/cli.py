"""The commands. They parse, call and print; nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from attnbench.errors import BadInput, RunFailed

STOPPED = 130
"""The exit code after a Ctrl-C."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Do the classic RNN-attention papers still hold, by how much, and at what cost?",
)
data_app = typer.Typer(no_args_is_help=True, help="The corpora: formats, sources, licences, checks.")
work_app = typer.Typer(no_args_is_help=True, help="What the cache of trained systems holds.")
app.add_typer(data_app, name="data")
app.add_typer(work_app, name="work")

PaperName = Annotated[
    str, typer.Argument(metavar="PAPER", help="Such as bahdanau2015; see `attnbench list`.")
]
Out = Annotated[Path, typer.Option(help="Where results folders lie.")]
Work = Annotated[Path | None, typer.Option(help="Weights and predictions; default: the user's cache folder.")]
Data = Annotated[str | None, typer.Option(help="embedded, files:DIR or hub:OWNER/NAME[:CONFIG][@REVISION].")]
Scale = Annotated[str, typer.Option(help="smoke, small, medium or paper.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting, such as training.updates=500; SYSTEM:KEY=VALUE for one system.",
    ),
]
SetData = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the data, such as data.limit=1000."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Places = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PAPER|DIR]...", help="Papers, or results folders; default: all."),
]


def main() -> None:
    """Run the command line; a mistake that a person can mend is one line and exit code 2."""
    try:
        code = app(prog_name="attnbench", standalone_mode=False) or 0
    except BadInput as error:
        code = _refuse(str(error), 2)
    except RunFailed as error:
        code = _refuse(str(error), 1)
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for words it cannot parse
            raise
        message, context = error.format_message(), getattr(error, "ctx", None)
        path = context.command_path if context else "attnbench"
        code = _refuse(f"{message.rstrip('.') or 'no command'}; see `{path} --help`", 2)
    if code == STOPPED:  # typer's answer to a Ctrl-C
        _refuse("stopped; the same command goes on where it stood", STOPPED)
    sys.exit(code)


def _refuse(message: str, code: int) -> int:
    print(f"attnbench: {message}", file=sys.stderr)
    return code


@app.command(name="list")
def list_papers(as_json: AsJson = False) -> None:
    """Show papers, systems, data, scales, decodings, claims and measurements."""
    from attnbench import paper

    papers = [paper.load(name) for name in paper.names()]
    if as_json:
        typer.echo(json.dumps([paper.describe(one) for one in papers], indent=1, ensure_ascii=False))
        return
    for one in papers:
        typer.echo(f"{one.name}  {one.title} ({one.venue})")
        for title, named in (
            ("systems", {system.name: system.summary for system in one.systems}),
            ("scales", {scale.name: scale.summary for scale in one.scales}),
            ("claims", {claim.name: claim.stated() for claim in one.claims}),
            ("measurements", {measured.name: measured.stated() for measured in one.measurements}),
        ):
            typer.echo(f"  {title}")
            for name, text in named.items():
                typer.echo(f"    {name:<24} {text}")
        typer.echo(f"  data       {', '.join(one.data)}")
        typer.echo(f"  decodings  {', '.join(decoding.name for decoding in one.decodings)}")


@app.command()
def reproduce(
    paper: PaperName,
    data: Data = None,
    scale: Scale = "small",
    systems: Annotated[
        str | None, typer.Option(help="Names joined by commas, or all; default: the paper's main ones.")
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(help="How many, counted from 0; or which, as 1-2; default: the scale's.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    jobs: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Runs side by side; default: one a core.")
    ] = None,
    out: Out = Path("results"),
    label: Annotated[str, typer.Option(help="Results folder DATA.SCALE.LABEL, beside DATA.SCALE.")] = "",
    work: Work = None,
    changes: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Start over, even what is finished.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Train nothing; say what it would take.")] = False,
) -> None:
    """Train and test a paper's systems, and write tables, curves, verdicts and a report.

    Example: attnbench reproduce bahdanau2015 --systems rnnsearch-50,rnnencdec-50 --seeds 3
    """
    from rich.console import Console

    from attnbench import harness
    from attnbench.settings import parse

    asked = harness.request(
        paper, data=data, scale=scale, systems=() if systems is None else systems.split(","), seeds=seeds,
        device=device, out=out, work=work, changes=parse(changes or []), label=label,
    )  # fmt: skip
    console = Console(stderr=True)
    if plan:
        from attnbench.harness.plan import estimate
        from attnbench.rendering import render

        typer.echo(render(estimate(asked, jobs=jobs, console=console), "md"), nl=False)
        return
    results = harness.reproduce(asked, jobs=jobs, force=force, console=console)
    if len(asked.seeds) == 1:
        console.print("one seed: another training may come out otherwise; see --seeds", style="yellow")
    from attnbench import comparison

    typer.echo(comparison.show([results], comparison.View(by="length")))
    typer.echo(comparison.show_verdicts(comparison.verdicts([results]), as_json=False))
    typer.echo(f"the whole report: {results.folder}/report.md")


@app.command()
def compare(
    places: Places = None,
    by: Annotated[
        str | None,
        typer.Option(help="`length`, which is the task's first, or another of its lengths: a column a bin."),
    ] = None,
    bins: Annotated[
        str | None, typer.Option(help="Bin edges such as 1,11,21,31 or 0,0.5,1; each bin holds its first.")
    ] = None,
    metric: Annotated[str | None, typer.Option(help="Default: the paper's headline.")] = None,
    decoding: Annotated[str | None, typer.Option(help="Default: the paper's first.")] = None,
    test: Annotated[str | None, typer.Option(help="Default: every test set.")] = None,
    form: Annotated[str, typer.Option("--format", help="md, csv, json or latex.")] = "md",
    plot: Annotated[Path | None, typer.Option(help="Also draw the length curves into this PNG.")] = None,
    out: Out = Path("results"),
) -> None:
    """Compare systems side by side, over all or by length, from their records.

    Example: attnbench compare bahdanau2015 --by length --bins 1,21,41,61
    """
    from attnbench import comparison

    asked = comparison.View(by, bins, metric, decoding, test, form)
    typer.echo(comparison.show(comparison.find(places or [], out), asked, plot), nl=False)


@app.command()
def claims(
    places: Places = None,
    as_json: AsJson = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 1 if a claim is contradicted; one training alone contradicts none."
        ),
    ] = False,
    out: Out = Path("results"),
) -> None:
    """Judge every claim from the records, and say why."""
    from attnbench import comparison
    from attnbench.claims import CONTRADICTED

    verdicts = comparison.verdicts(comparison.find(places or [], out))
    typer.echo(comparison.show_verdicts(verdicts, as_json), nl=False)
    if strict and (verdicts["verdict"] == CONTRADICTED).any():
        raise typer.Exit(1)


@app.command()
def rebuild(places: Places = None, out: Out = Path("results")) -> None:
    """Write every table, curve, verdict and page anew from the records; train nothing."""
    from attnbench import comparison
    from attnbench.harness import results

    found = comparison.find(places or [], out)
    while found:  # what a folder holds leaves the memory with it
        one = found.pop(0)
        results.rebuild(one)
        typer.echo(f"{one.folder}/report.md")


@app.command()
def predict(
    trained: Annotated[
        str,
        typer.Argument(
            metavar="PAPER[/SYSTEM[.SEED]]|RUN", help="A trained system, such as bahdanau2015/rnnsearch-50."
        ),
    ],
    source: Annotated[
        str, typer.Option("--input", help="A file with one input a line, or - for standard input.")
    ],
    output: Annotated[Path | None, typer.Option(help="Default: standard output.")] = None,
    work: Work = None,
) -> None:
    """Use a trained system on new input.

    Example: echo "the man sees a dog ." | attnbench predict bahdanau2015/rnnsearch-50 --input -
    """
    from attnbench.files import write_text
    from attnbench.harness.predict import find, predict_lines, read_lines

    lines = predict_lines(trained, read_lines(source), work)
    if output is None:
        for line in lines:
            typer.echo(line)
    else:
        write_text(output, "".join(f"{line}\n" for line in lines))
    typer.echo(f"attnbench: from {find(trained, work).folder}", err=True)


@app.command()
def profile(
    mechanisms: Annotated[
        str | None, typer.Option(help="By commas, such as additive,scaled-dot,location,decoder:additive.")
    ] = None,
    implementations: Annotated[
        str | None, typer.Option(help="By commas: naive, compiled, blocked, fused, sdpa; default: all.")
    ] = None,
    lengths: Annotated[
        str, typer.Option(help="Queries and keys: 64,100, or doublings such as 64:4096.")
    ] = "128:1024",
    batch: Annotated[str, typer.Option(help="By commas.")] = "1",
    dim: Annotated[str, typer.Option(help="Size of queries, annotations and alignment; by commas.")] = "256",
    dtype: Annotated[str, typer.Option(help="float32, float64, bfloat16, float16; by commas.")] = "float32",
    align: Annotated[
        bool | None,
        typer.Option("--align/--no-align", help="Ask for the alignment; default: both, where it matters."),
    ] = None,
    backward: Annotated[bool, typer.Option("--backward/--no-backward", help="Gradients too.")] = True,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    memory_limit: Annotated[
        str | None, typer.Option(help="Skip what needs more, such as 8GiB; default: 80 % of what is free.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="On a CPU; default: torch's choice.")] = None,
    out: Annotated[
        Path, typer.Option(help="A csv file; a page, a figure and a json of the same name go beside it.")
    ] = Path("profile.csv"),
    force: Annotated[bool, typer.Option("--force", help="Measure again what the file holds.")] = False,
) -> None:
    """Measure the time and memory of attention mechanisms over the length, on this machine.

    Example: attnbench profile --mechanisms additive --lengths 64:4096 --memory-limit 8GiB
    """
    from rich.console import Console

    from attnbench.harness.configure import pick_device
    from attnbench.profiling import figure, page, request, sweep

    console = Console(stderr=True)
    wanted = request.sweep(
        mechanisms=mechanisms, implementations=implementations, lengths=lengths, batch=batch, dim=dim,
        dtype=dtype, align=align, backward=backward, device=pick_device(device), memory_limit=memory_limit,
        threads=threads, out=out, force=force,
    )  # fmt: skip
    swept = sweep.run(wanted, lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True))
    figure.draw(swept.rows, out.with_suffix(".png"))
    typer.echo(page.write(out, swept), nl=False)
    typer.echo(f"the whole page: {out.with_suffix('.md')}")


@data_app.command(name="list")
def data_list() -> None:
    """Show the corpora that papers use, and how to get them."""
    from attnbench.corpora import catalogue

    typer.echo(catalogue.listing(), nl=False)


@data_app.command(name="show")
def data_show(task: Annotated[str, typer.Argument(help="Such as translation.")]) -> None:
    """Show the file formats of a task, and its embedded corpus."""
    from attnbench.corpora import catalogue

    typer.echo(catalogue.show(task), nl=False)


@data_app.command(name="check")
def data_check(paper: PaperName, data: Data = None, changes: SetData = None) -> None:
    """Read a corpus as a paper would, and count it."""
    from attnbench.harness.check import check
    from attnbench.rendering import render
    from attnbench.settings import parse

    counts = check(paper, data, parse(changes or []))
    typer.echo(render(counts, "md"), nl=False)
    for note in counts.attrs["left_out"]:
        typer.echo(note)


@work_app.command(name="list")
def work_list(work: Work = None) -> None:
    """Show trained runs, whether they are finished, and their size."""
    from attnbench.harness.work import listing
    from attnbench.rendering import render

    typer.echo(render(listing(work), "md"), nl=False)


@work_app.command(name="clean")
def work_clean(
    paper: Annotated[str | None, typer.Argument(help="Only this paper's runs.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Finished runs too, and prepared corpora.")
    ] = False,
    work: Work = None,
) -> None:
    """Delete unfinished runs and what was half written, or everything."""
    from attnbench.harness.work import clean

    freed, busy = clean(work, paper, everything)
    for run in busy:
        typer.echo(f"{run} stays: a process is at work on it", err=True)
    typer.echo(f"freed {freed / 2**20:.1f} MiB")
