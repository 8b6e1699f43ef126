"""Who may import whom, and what must start without the heavy packages."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import attnbench

ROOT = Path(attnbench.__file__).parent

LAYERS = (
    ("errors", "values", "settings", "paper", "machine", "rendering", "canvas"),
    ("corpora", "zoo", "scoring", "records"),
    ("decoding",),
    ("tasks", "checkpoints", "column_norm", "weight_noise"),
    ("training", "batching"),
    ("tables", "evidence", "claims", "plots", "results", "report", "comparison", "profiling"),
    ("harness",),
    ("cli", "door"),
    ("__main__",),
)
"""Low to high. A part imports from lower layers only."""

BESIDE = {
    "values": {"errors"},
    "machine": {"errors"},
    "settings": {"errors", "values"},
    "paper": {"errors"},
    "rendering": {"errors"},
    "canvas": {"machine"},
    "training": {"batching"},
    "scoring": {"records"},
    "claims": {"evidence"},
    "results": {"tables", "claims"},
    "report": {"tables", "evidence", "claims", "results"},
    "comparison": {"tables", "claims", "plots", "results"},
    "profiling": {"tables", "plots"},
    "cli": {"door"},
}
"""What a part may import from its own layer."""

WITHOUT_TORCH = (
    "errors", "machine.children", "machine.files", "machine.manifest", "machine.places",
    "machine.provenance", "machine.room", "rendering", "values", "settings", "paper", "cli", "corpora",
    "records", "scoring", "tables", "evidence", "claims", "plots", "results", "report",
    "comparison",
)  # fmt: skip
LIGHT = ("errors", "values", "settings", "paper", "cli")
HEAVY = ("torch", "accelerate", "pandas", "datasets", "sacrebleu", "matplotlib")

FILES = sorted(ROOT.rglob("*.py"))


def _module(path: Path) -> str:
    parts = ("attnbench", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield what is imported, anywhere but under ``if TYPE_CHECKING``; ``from a import b`` gives ``a.b``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _imports(ast.Module(node.orelse, []))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "one import style: no relative imports"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imports(node)


def _part(name: str) -> str:
    """Return the part of attnbench that a dotted name lies in; the package itself is the empty part."""
    part = name.split(".")[1] if "." in name else ""
    return part if (ROOT / part).is_dir() or (ROOT / f"{part}.py").is_file() else ""


def _layer(part: str) -> int:
    return next(place for place, parts in enumerate(LAYERS) if part in parts)


def _wrong(module: str, imported: str) -> bool:
    """Return whether this arrow points the wrong way."""
    if imported.split(".")[0] != "attnbench":
        return imported.split(".")[0] == "reproductions"
    here, there = _part(module), _part(imported)
    if here in ("", there):  # what the package itself offers stands above all parts
        return False
    if there == "":
        return imported != "attnbench.__version__"
    if here == "zoo":
        return True
    return there not in BESIDE.get(here, ()) and _layer(there) >= _layer(here)


def test_every_part_has_a_layer() -> None:
    parts = {_part(_module(path)) for path in FILES} - {""}
    assert parts <= {part for layer in LAYERS for part in layer}
    assert len(FILES) > 40


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_imports_point_down(path: Path) -> None:
    module = _module(path)
    imported = list(_imports(ast.parse(path.read_text(encoding="utf-8"))))
    assert [name for name in imported if _wrong(module, name)] == []


@pytest.mark.parametrize(
    ("module", "imported", "wrong"),
    [
        ("attnbench.scoring.bleu", "attnbench.tables", True),
        ("attnbench.tables", "attnbench.scoring.Metric", False),
        ("attnbench.tables", "attnbench.claims.judge", True),
        ("attnbench.report", "attnbench.tables", False),
        ("attnbench.zoo.attention", "attnbench.errors.BadInput", True),
        ("attnbench.zoo.attention", "attnbench.zoo.recurrent", False),
        ("attnbench.cli", "reproductions.bahdanau2015", True),
        ("attnbench.decoding", "attnbench.tasks.Task", True),
        ("attnbench.harness.run", "attnbench.cli", True),
        ("attnbench.records", "attnbench.__version__", False),
        ("attnbench.records", "attnbench.build", True),
        ("attnbench", "attnbench.harness.request", False),
        ("attnbench.records", "torch", False),
    ],
)
def test_the_walk_tells_right_from_wrong(module: str, imported: str, wrong: bool) -> None:
    assert _wrong(module, imported) is wrong


def test_the_walk_sees_imports_in_functions_but_none_for_types_alone() -> None:
    source = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
        "def f():\n    if 1:\n        from c.d import e\n"
    )
    assert list(_imports(ast.parse(source))) == ["typing.TYPE_CHECKING", "b", "c.d.e"]


def _loaded(steps: list[str], banned: tuple[str, ...]) -> str:
    """Return what a fresh interpreter prints: after which step a banned package was first there."""
    script = (
        f"import sys\nfor step in {steps!r}:\n    exec(step)\n"
        f"    found = [name for name in {banned!r} if name in sys.modules]\n"
        "    if found:\n        sys.exit(f'{step}: {found}')\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.returncode in (0, 1)
    return run.stderr.strip()


def test_what_needs_no_tensor_imports_no_torch() -> None:
    steps = [f"import attnbench.{part}" for part in WITHOUT_TORCH]
    assert _loaded(steps, ("torch", "accelerate")) == ""


def test_commands_and_papers_import_nothing_heavy() -> None:
    steps = [f"import attnbench.{part}" for part in LIGHT]
    papers = "papers = [attnbench.paper.load(name) for name in attnbench.paper.names()]; assert papers"
    assert _loaded([*steps, papers], HEAVY) == ""


def test_a_heavy_import_would_be_seen() -> None:
    assert _loaded(["import json", "import torch"], HEAVY).startswith("import torch: ['torch'")
