"""From a paper, a scale and ``--set`` to the settings of every run, and the folders where it lives."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnbench import __version__, corpora
from attnbench.errors import BadInput
from attnbench.machine import manifest
from attnbench.machine.files import read_json
from attnbench.paper import Paper, Scale, Stage, System, load, resolve
from attnbench.settings import Settings, TrainingSettings, digest, override

if TYPE_CHECKING:
    from torch import nn

    from attnbench.tasks import Task
    from attnbench.tasks.engine import Engine, Tell

DESCRIPTION, SPEED = "run.json", "speed.json"
"""Beside a run's records: what it is; how fast it was, and in what circumstances."""

RECORDS = "records.parquet"


def task_of(paper: Paper) -> Task:
    """Return the paper's task."""
    task: Task = resolve(paper.task)
    return task


def engine_of(paper: Paper) -> Engine:
    """Return the engine of the paper's task."""
    engine: Engine = resolve(task_of(paper).engine)()
    return engine


def defaults(paper: Paper) -> Settings:
    """Return all settings as the paper has them."""
    task = task_of(paper)
    return Settings(task.data(), resolve(paper.model)(), TrainingSettings(), task.decoding())


@dataclass(frozen=True)
class Request:
    """What ``attnbench reproduce`` was asked for, checked."""

    paper: Paper
    source: corpora.Source
    scale: Scale
    systems: tuple[System, ...]
    seeds: Sequence[int]
    device: str
    out: Path
    work: Path
    changes: Mapping[str, str]
    label: str = ""
    """What tells its results folder from another one of the same data, scale and settings."""

    @property
    def folder(self) -> Path:
        """Where the results go: OUT/PAPER/DATA.SCALE, with a short hash of ``--set``, and the label."""
        changed = digest(dict(self.changes))[:6] if self.changes else ""
        parts = (self.source.slug, self.scale.name, changed, self.label)
        return self.out / self.paper.name / ".".join(filter(None, parts))

    def settings(self, system: System, stage: Stage | None = None) -> Settings:
        """Return the settings of one system, in one of its stages; see ``settings_of``."""
        embedded = self.source.kind == "embedded"
        return settings_of(self.paper, self.scale, system, stage, embedded=embedded, changes=self.changes)

    def side_by_side(self, jobs: int | None) -> int:
        """Return how many runs go side by side; None: one a core, on a GPU one after the other."""
        return jobs or (1 if self.device == "cuda" else os.cpu_count() or 1)

    @property
    def notes(self) -> list[str]:
        """What is to be said of how the corpus is read."""
        if self.source.kind == "embedded":
            return []
        return list(dict.fromkeys(note for one in self.systems for note in self.settings(one).data.notes))


@dataclass(frozen=True)
class Run:
    """One training: a paper's system on data at a scale with a seed. Plain values, so that it can travel."""

    paper: str
    system: str
    scale: str
    data: str
    seed: int
    device: str
    settings: Settings
    stages: Mapping[str, Settings]
    """The settings of each of the system's stages, by its name."""
    corpus: Path
    """The prepared corpus."""
    fingerprint: str
    root: Path
    """The work folder's ``runs``."""
    circumstances: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """When and how quietly it is trained; no part of what it is."""

    @classmethod
    def load(cls, decoded: Path) -> Run:
        """Return the run that is described beside its records; raise ``BadInput`` for another folder."""
        decoded = decoded.resolve()
        saved = _as_written(decoded, DESCRIPTION)
        if saved["key"] != decoded.parent.name.rpartition(".")[2]:
            raise BadInput(f"{decoded} is of another run; delete it, and run `attnbench reproduce` again")
        paper, root = load(saved["paper"]), decoded.parents[3]
        return cls(**{name: value for name, value in saved.items() if name != "key"} | {
            "settings": restored(paper, saved["settings"]),
            "stages": {name: restored(paper, one) for name, one in saved["stages"].items()},
            "corpus": root.parent / "corpora" / saved["corpus"], "root": root,
        })  # fmt: skip

    @staticmethod
    def begun(decoded: Path) -> str:
        """Return when the command was given by which the run in a folder was trained, as ISO 8601 has it."""
        return str(_as_written(decoded, SPEED)["circumstances"]["started"])

    @property
    def description(self) -> dict[str, Any]:
        """What ``load`` reads."""
        fields = ("key", "paper", "system", "scale", "data", "seed", "device", "fingerprint")
        stages = {name: settings.json() for name, settings in self.stages.items()}
        described = {name: getattr(self, name) for name in fields}
        return described | {"corpus": self.corpus.name, "settings": self.settings.json(), "stages": stages}

    @property
    def declared(self) -> list[Stage]:
        """Its stages as its paper declares them, without those that its scale leaves out."""
        return [stage for stage in load(self.paper).system(self.system).stages if stage.name in self.stages]

    @property
    def configuration(self) -> dict[str, Any]:
        """Its settings as JSON values, and under ``stages`` those of the stages that have others."""
        others = {name: one.json() for name, one in self.stages.items() if one != self.settings}
        return self.settings.json() | ({"stages": others} if others else {})

    @property
    def name(self) -> str:
        """SYSTEM.SEED, the name of its records."""
        return f"{self.system}.{self.seed}"

    @cached_property
    def key(self) -> str:
        """What names the trained weights: all that can change them, so how a stage decodes that tunes."""
        tuning = {stage.name for stage in self.declared if stage.tune}
        sections = [self.settings.identity(), *(one.identity() for one in self.stages.values())]
        for name, section in zip(("", *self.stages), sections, strict=True):
            if name not in tuning:
                del section["decoding"]
        identity = (__version__, self.paper, self.system, self.seed, self.device, self.fingerprint)
        return digest([*identity, *self.stages, sections])

    @property
    def folder(self) -> Path:
        """Where its checkpoint lies."""
        return self.root / self.paper / f"{self.data}.{self.scale}" / f"{self.name}.{self.key}"

    @property
    def decoded(self) -> Path:
        """Where its records and predictions lie, for these decoding settings."""
        return self.folder / f"decoded.{digest(self.settings.identity()['decoding'])}"

    @property
    def records(self) -> Path:
        """Its records."""
        return self.decoded / RECORDS

    def checkpoint(self, stage: str) -> Path:
        """Where a stage leaves its weights."""
        return self.folder / stage / "checkpoint"

    @property
    def speed(self) -> dict[str, Any]:
        """How fast it was, once it is finished, and in what circumstances."""
        return _as_written(self.decoded, SPEED)

    @property
    def finished(self) -> bool:
        """Whether its records are there, as they were written, and its weights."""
        weights = [self.checkpoint(stage) / manifest.MANIFEST for stage in self.stages]
        if manifest.fault(self.decoded) or not all(path.exists() for path in weights):
            return False
        return _as_written(self.decoded, DESCRIPTION)["key"] == self.key


def _as_written(decoded: Path, name: str) -> dict[str, Any]:
    """Return what a JSON file beside a run's records holds; raise ``BadInput`` if it has changed since."""
    if fault := manifest.fault(decoded, lambda one: one == name):
        raise BadInput(f"{fault}; the `attnbench reproduce` command that trained it mends that")
    saved: dict[str, Any] = read_json(decoded / name)
    return saved


def restored(paper: Paper, saved: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Return settings from what ``Settings.json`` gave; a field that is not there as it is by default."""
    changes = {f"{section}.{name}": v for section, fields in saved.items() for name, v in fields.items()}
    return override(defaults(paper), changes)


def settings_of(
    paper: Paper, scale: Scale, system: System, stage: Stage | None = None, *, embedded: bool,
    changes: Mapping[str, str],
) -> Settings:  # fmt: skip
    """Return the settings of one system: the paper's, then the scale's, the system's, and ``changes``.

    A stage's come before ``changes``. A change whose key is ``SYSTEM:KEY`` is for that system alone, and
    comes last.
    """
    base = defaults(paper)
    for key in changes:
        if ":" in key:
            paper.system(key.partition(":")[0])
    own = {
        key.partition(":")[2]: value for key, value in changes.items() if key.startswith(f"{system.name}:")
    }
    layers = (
        scale.settings,
        scale.embedded if embedded else {},
        system.settings,
        scale.systems.get(system.name, {}),
        stage.settings if stage else {},
        scale.stages.get(stage.name, {}) if stage else {},
        {key: value for key, value in changes.items() if ":" not in key},
        own,
    )
    for layer in layers:
        base = override(base, layer)
    return base


def build(name: str, scale: str) -> nn.Module:
    """Return the model of ``PAPER/SYSTEM`` at a scale, with vocabularies of the size that it sets."""
    paper_name, _, system_name = name.partition("/")
    paper = load(paper_name)
    system = paper.system(system_name)
    settings = settings_of(paper, paper.scale(scale), system, embedded=False, changes={})
    model: nn.Module = resolve(system.build)(settings.model, engine_of(paper).features(settings.data))
    return model


def default_work() -> Path:
    """Return the user's cache folder for attnbench; raise ``BadInput`` where no home folder is known."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # which is to be ignored, says its specification
        try:
            cache = Path.home() / ".cache"
        except RuntimeError:
            cache = Path()
    if not cache.is_absolute():
        raise BadInput("no home folder is known here (HOME names none); name a folder with --work")
    return cache / "attnbench"


def pick_device(device: str) -> str:
    """Return ``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``; raise ``BadInput`` for another."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device not in ("cpu", "cuda"):  # the nearest to gpu would be cpu
        raise BadInput(f"unknown device {device!r}; choose from: auto, cpu, cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise BadInput("no CUDA device here; use --device cpu, or --device auto")
    return device


def runs(request: Request, tell: Tell) -> list[Run]:
    """Prepare the corpora, telling how far it is, and return every run of a request, seeds within systems."""
    prepared: dict[Any, Path] = {}
    listed = []
    for system in request.systems:
        settings = request.settings(system)
        if settings.data not in prepared:
            engine, root = engine_of(request.paper), request.work / "corpora"
            prepared[settings.data] = engine.prepare(request.source, settings.data, root, tell)
        corpus = prepared[settings.data]
        listed += [
            Run(
                paper=request.paper.name,
                system=system.name,
                scale=request.scale.name,
                data=request.source.slug,
                seed=seed,
                device=request.device,
                settings=settings,
                stages={stage.name: request.settings(system, stage) for stage in system.stages},
                corpus=corpus,
                fingerprint=corpora.about(corpus)["fingerprint"],
                root=request.work / "runs",
            )
            for seed in request.seeds
        ]
    return listed
