"""Commands killed at every single place where they change a file or folder.

Afterwards the same command, or another that is told below, is run undisturbed. It must end in the same bytes
as if nothing had been killed, and leave nothing hidden. A few places are tried by killing a process there. To
try all of them (``pytest -m slow tests/damage``), one undisturbed process keeps a copy of its folder at each,
which is what a kill would leave: nothing else outlives a process.
"""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from forking import Forks
from outcome import differences, hidden, outcome, renewed

SMOKE = ("--scale", "smoke", "--device", "cpu")
SETTINGS = (
    "data.limit=40", "data.valid_limit=5",
    "training.updates=6", "training.evaluations=3", "training.checkpoint_seconds=0",
)  # fmt: skip
"""A checkpoint every second update."""

Words = tuple[str, ...]


def reproduce(paper: str, systems: str, *more: str, settings: Sequence[str] = ()) -> Words:
    changes = [word for text in (*SETTINGS, *settings) for word in ("--set", text)]
    return "reproduce", paper, "--systems", systems, *SMOKE, *changes, *more, "--out", "out", "--work", "work"


MADE = ["data.test_per_bin=1"]
"""Of generated data alone."""
PATIENT = [*MADE, "training.patience=3"]
TRANSLATE = reproduce("bahdanau2015", "rnnsearch-50", settings=PATIENT)
MORE = reproduce("bahdanau2015", "rnnencdec-50", settings=PATIENT)
ENTAIL = reproduce("rocktaschel2016", "attention", settings=MADE)
SUMMARIZE = reproduce("rush2015", "abs-plus", settings=MADE)
"""It trains, then tunes."""
FILES = reproduce("bahdanau2015", "rnnencdec-50", "--data", "files:text")
PREDICT = (
    "predict",
    "bahdanau2015/rnnsearch-50",
    "--input",
    "in.txt",
    "--output",
    "said/out.txt",
    "--work",
    "work",
)
PROFILE = (
    "profile", "--mechanisms", "additive", "--implementations", "naive", "--lengths", "4,8", "--dim", "4",
    "--threads", "1", "--device", "cpu", "--no-backward", "--memory-limit", "1GiB",
    "--out", "costs/profile.csv",
)  # fmt: skip
CLEAN = ("work", "clean", "--work", "work")


class Scene(NamedTuple):
    """What is killed, and what comes before and after."""

    killed: Words
    before: Sequence[Words] = ()
    """Run first, undisturbed."""
    after: Words = ()
    """Run afterwards; default: the killed one again."""
    step: int = 1
    """Of what stands at its places, every how many-th is tried; not all where another scene has the like."""


SCENES = {
    "translate": Scene(TRANSLATE),
    "entail": Scene(ENTAIL),
    "summarize": Scene(SUMMARIZE, step=2),
    "files": Scene(FILES, step=3),
    "one more system": Scene(MORE, [TRANSLATE], step=3),
    "force": Scene((*TRANSLATE, "--force"), [TRANSLATE], TRANSLATE, step=2),
    "rebuild": Scene(("rebuild", "--out", "out"), [TRANSLATE]),
    "predict": Scene(PREDICT, [TRANSLATE]),
    "profile": Scene(PROFILE),
    "clean": Scene((*CLEAN, "--all"), [TRANSLATE]),
    "clean, then reproduce": Scene((*CLEAN, "--all"), [TRANSLATE], TRANSLATE),
}


class Stage:
    """A scene with the folder that it plays in, and how it ends undisturbed."""

    def __init__(self, scene: Scene, forks: Forks, folder: Path, keep: bool = False) -> None:
        self.forks, self.folder, self.before = forks, folder / "here", folder / "before"
        self.killed, self.after = map(self._here, (scene.killed, scene.after or scene.killed))
        self.kept, self.step = folder / "kept", scene.step
        _texts(self.folder)
        for words in scene.before:
            self._whole(self._here(words))
        renewed(self.folder, self.before)
        self.places = self._whole(self.killed, self.kept if keep else None)
        self._check_all_are_told()
        if self.after != self.killed:
            self._whole(self.after)
        self.expected = outcome(self.folder)
        assert not hidden(self.folder)

    def _here(self, words: Words) -> Words:
        """Return a command with the names of folders made absolute."""
        places = {"--out", "--work", "--input", "--output"}
        named = zip(("", *words), words, strict=False)
        made = (str(self.folder / word) if option in places else word for option, word in named)
        return tuple(word.replace("files:text", f"files:{self.folder / 'text'}") for word in made)

    def _whole(self, words: Words, keep: Path | None = None) -> list[tuple[str, int]]:
        said = self.forks(words, self.folder, keep=keep)
        assert said.code == 0, said.err
        return said.places

    def _check_all_are_told(self) -> None:
        """See to it that nothing was written that no place tells of."""
        touched = {Path(path).name for what, _ in self.places for path in what.split(" ")[1:]}
        new = outcome(self.folder).keys() - outcome(self.before).keys()
        assert {Path(name).name for name in new} <= touched

    def kill(self, *fatal: int) -> str:
        """Kill the command at some places, in turn; return what is wrong when it has been repeated."""
        renewed(self.before, self.folder)
        for place in fatal:
            said = self.forks(self.killed, self.folder, place)
            if said.code != -signal.SIGKILL:
                return f"exit code {said.code} where it was to be killed: {said.err[-500:]}"
        return self._repeat(" then ".join(self.places[place - 1][0] for place in fatal))

    def walk(self) -> Iterator[str]:
        """Yield what is wrong when the command is repeated on what stood at each place, none twice."""
        first = {copy: what for what, copy in reversed(self.places)}
        for copy, what in sorted(first.items())[:: self.step]:
            renewed(self.kept / str(copy), self.folder)
            yield self._repeat(what)

    def _repeat(self, killed: str) -> str:
        said = self.forks(self.after, self.folder)
        if said.code != 0:
            return f"{killed}: exit code {said.code}: {said.err[-500:]}"
        wrong = differences(outcome(self.folder), self.expected)
        wrong += [f"{name} (left behind)" for name in hidden(self.folder)]
        return f"{killed}: {'; '.join(wrong)}" if wrong else ""


def _texts(folder: Path) -> None:
    """Write a small parallel corpus, and a text to translate."""
    (folder / "text").mkdir(parents=True)
    for name in ("train", "valid", "test"):
        for language in ("en", "fr"):
            (folder / "text" / f"{name}.{language}").write_text("a b c\nd e\nf g a b\n")
    (folder / "in.txt").write_text("the man sees a dog .\n")


@pytest.fixture
def stage(request: pytest.FixtureRequest, forks: Forks, tmp_path: Path) -> Iterator[Stage]:
    walks = request.node.get_closest_marker("slow") is not None
    yield Stage(SCENES[request.param], forks, tmp_path, keep=walks)
    shutil.rmtree(tmp_path)


def spread(count: int, of: int) -> list[int]:
    """Return ``count`` of the places from 1 to ``of``, evenly."""
    return [1 + (2 * place + 1) * of // (2 * count) for place in range(count)]


def listed(problems: Sequence[str]) -> str:
    return "\n".join(filter(None, problems))


@pytest.mark.parametrize(("stage", "count"), [("translate", 4), ("force", 2)], indirect=["stage"])
def test_a_command_killed_here_and_there_ends_as_if_never_killed(stage: Stage, count: int) -> None:
    wrong = listed([stage.kill(place) for place in spread(count, len(stage.places))])
    assert not wrong, wrong


@pytest.mark.slow
@pytest.mark.parametrize("stage", SCENES, indirect=True)
def test_a_command_killed_at_any_place_ends_as_if_never_killed(stage: Stage) -> None:
    found = list(stage.walk())
    print(f"{len(stage.places)} places, {len(found)} states")
    assert len(found) * stage.step > len(stage.places) / 4
    assert not any(found), listed(found)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["translate", "entail"], indirect=True)
def test_a_command_killed_twice_ends_as_if_never_killed(stage: Stage) -> None:
    draw = random.Random(0)
    pairs = [(draw.randint(1, len(stage.places)), draw.randint(1, 30)) for _ in range(10)]
    wrong = listed([stage.kill(*pair) for pair in pairs])
    assert not wrong, wrong
