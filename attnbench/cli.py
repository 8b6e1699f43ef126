"""The commands. They parse, call and print; nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from attnbench import door
from attnbench.door import note, say
from attnbench.machine.places import named, writable_file

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # which would take [@REVISION] for markup
    help="Do the classic RNN-attention papers still hold, by how much, and at what cost?",
)
data_app = typer.Typer(rich_markup_mode=None, help="The corpora: formats, sources, licences, checks.")
work_app = typer.Typer(rich_markup_mode=None, help="What the cache of trained systems holds.")
app.add_typer(data_app, name="data")
app.add_typer(work_app, name="work")

PaperName = Annotated[
    str, typer.Argument(metavar="PAPER", help="Such as bahdanau2015; see `attnbench list`.")
]
PLACE: dict[str, Any] = {"parser": named, "metavar": "PATH"}
"""Of every option that names a file or folder."""
Out = Annotated[Path, typer.Option(help="Where results folders lie.", **PLACE)]
Work = Annotated[
    Path | None, typer.Option(help="Weights and predictions; default: the user's cache folder.", **PLACE)
]
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
    list[Path] | None,
    typer.Argument(metavar="PAPER|DIR", help="Papers, or results folders; default: all.", parser=named),
]


def main() -> None:
    """Run the command line; a mistake that a person can mend is one line and exit code 2."""
    sys.exit(door.run(lambda: app(prog_name="attnbench", standalone_mode=False)))


@app.command(name="list")
def list_papers(as_json: AsJson = False) -> None:
    """Show papers, systems, data, scales, decodings and claims."""
    from attnbench import paper

    papers = [paper.load(name) for name in paper.names()]
    if as_json:
        say(json.dumps([paper.describe(one) for one in papers], indent=1, ensure_ascii=False))
        return
    for one in papers:
        say(f"{one.name}  {one.title} ({one.venue})")
        for title, texts in (
            ("systems", {system.name: system.summary for system in one.systems}),
            ("scales", {scale.name: scale.summary for scale in one.scales}),
            ("claims", {claim.name: claim.stated() for claim in one.claims}),
            ("measurements", {measured.name: measured.stated() for measured in one.measurements}),
        ):
            say(f"  {title}")
            for name, text in texts.items():
                say(f"    {name:<24} {text}")
        say(f"  data       {', '.join(one.data)}")
        say(f"  decodings  {', '.join(decoding.name for decoding in one.decodings)}")


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
    """Train and test a paper's systems; write tables and a report.

    Example: attnbench reproduce bahdanau2015 --systems rnnsearch-50,rnnencdec-50 --seeds 3
    """
    from attnbench import harness
    from attnbench.settings import parse

    asked = harness.request(
        paper, data=data, scale=scale, systems=() if systems is None else systems.split(","), seeds=seeds,
        device=device, out=out, work=work, changes=parse(changes or []), label=label,
    )  # fmt: skip
    console = door.console()
    if plan:
        from attnbench.harness.plan import estimate
        from attnbench.rendering import render

        say(render(estimate(asked, jobs=jobs, console=console), "md"), end="")
        return
    results = harness.reproduce(asked, jobs=jobs, force=force, console=console)
    if len(asked.seeds) == 1:
        console.print("one seed: another training may come out otherwise; see --seeds", style="yellow")
    from attnbench import comparison

    say(comparison.show([results], comparison.View(by="length")))
    say(comparison.show_verdicts(comparison.verdicts([results]), as_json=False))
    say(f"the whole report: {results.folder}/report.md")


@app.command()
def compare(
    places: Places = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="`length`, the first of the task's that is known, or another of them: a column a bin."
        ),
    ] = None,
    bins: Annotated[
        str | None, typer.Option(help="Bin edges such as 1,11,21,31 or 0,0.5,1; each bin holds its first.")
    ] = None,
    metric: Annotated[str | None, typer.Option(help="Default: the paper's headline.")] = None,
    decoding: Annotated[str | None, typer.Option(help="Default: the paper's first.")] = None,
    test: Annotated[str | None, typer.Option(help="Default: every test set.")] = None,
    form: Annotated[str, typer.Option("--format", help="md, csv, json or latex.")] = "md",
    plot: Annotated[
        Path | None, typer.Option(help="Also draw the length curves into this .png file.", **PLACE)
    ] = None,
    out: Out = Path("results"),
) -> None:
    """Compare systems side by side, over all or by length.

    Example: attnbench compare bahdanau2015 --by length --bins 1,21,41,61
    """
    from attnbench import comparison

    if plot is not None:
        writable_file(plot, "--plot", ".png")
    asked = comparison.View(by, bins, metric, decoding, test, form)
    say(comparison.show(comparison.find(places or [], out), asked, plot), end="")


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
    say(comparison.show_verdicts(verdicts, as_json), end="")
    if strict and (verdicts["verdict"] == CONTRADICTED).any():
        raise typer.Exit(1)


@app.command()
def rebuild(places: Places = None, out: Out = Path("results")) -> None:
    """Write every table, curve and verdict anew from the records."""
    from attnbench import comparison
    from attnbench.harness import results

    found = comparison.find(places or [], out)
    while found:  # what a folder holds leaves the memory with it
        one = found.pop(0)
        for gone in results.rebuild(one):
            note(f"{gone} is no longer there, and forgotten")
        say(f"{one.folder}/report.md")


@app.command()
def predict(
    trained: Annotated[
        Path,
        typer.Argument(
            metavar="PAPER[/SYSTEM[.SEED]]|RUN", help="Such as bahdanau2015/rnnsearch-50.", parser=named
        ),
    ],
    source: Annotated[
        Path, typer.Option("--input", help="A file with one input a line, or - for standard input.", **PLACE)
    ],
    output: Annotated[Path | None, typer.Option(help="Default: standard output.", **PLACE)] = None,
    work: Work = None,
) -> None:
    """Use a trained system on new input.

    Example: echo "the man sees a dog ." | attnbench predict bahdanau2015/rnnsearch-50 --input -
    """
    from attnbench.harness.predict import find, predict_lines, read_lines
    from attnbench.machine.files import write_out

    if output is not None:
        writable_file(output, "--output")
    lines = predict_lines(str(trained), read_lines(str(source)), work)
    if output is None:
        for line in lines:
            say(line)
    else:
        write_out(output, "".join(f"{line}\n" for line in lines))
    door.note(f"from {find(str(trained), work).folder}")


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
        Path,
        typer.Option(help="A csv file; a page, a figure and a json of the same name go beside it.", **PLACE),
    ] = Path("profile.csv"),
    force: Annotated[bool, typer.Option("--force", help="Measure again what the file holds.")] = False,
) -> None:
    """Measure the time and memory of attention over the length.

    Example: attnbench profile --mechanisms additive --lengths 64:4096 --memory-limit 8GiB
    """
    from attnbench.harness.configure import pick_device
    from attnbench.profiling import figure, page, request, sweep

    wanted = request.sweep(
        mechanisms=mechanisms, implementations=implementations, lengths=lengths, batch=batch, dim=dim,
        dtype=dtype, align=align, backward=backward, device=pick_device(device), memory_limit=memory_limit,
        threads=threads, out=out, force=force,
    )  # fmt: skip
    swept = sweep.run(wanted, door.console().print)
    figure.draw(swept.rows, out.with_suffix(".png"))
    say(page.write(out, swept), end="")
    say(f"the whole page: {out.with_suffix('.md')}")


@data_app.command(name="list")
def data_list() -> None:
    """Show the corpora that papers use, and how to get them."""
    from attnbench.corpora import catalogue

    say(catalogue.listing(), end="")


@data_app.command(name="show")
def data_show(task: Annotated[str, typer.Argument(help="Such as translation.")]) -> None:
    """Show the file formats of a task, and its embedded corpus."""
    from attnbench.corpora import catalogue

    say(catalogue.show(task), end="")


@data_app.command(name="check")
def data_check(paper: PaperName, data: Data = None, changes: SetData = None) -> None:
    """Read a corpus as a paper would, and count it."""
    from attnbench.harness.check import check
    from attnbench.rendering import render
    from attnbench.settings import parse

    counts = check(paper, data, parse(changes or []))
    say(render(counts, "md"), end="")
    for line in counts.attrs["left_out"]:
        say(line)


@work_app.command(name="list")
def work_list(work: Work = None) -> None:
    """Show trained runs, whether they are finished, and their size."""
    from attnbench.harness.work import listing
    from attnbench.rendering import render

    say(render(listing(work), "md"), end="")


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
    for reason in busy:
        door.note(f"stays: {reason}")
    say(f"freed {freed / 2**20:.1f} MiB")
