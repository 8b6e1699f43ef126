"""The commands that README.md shows, run in its order, at the smallest scale."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from smoke import train_here

from attnbench import cli, paper
from attnbench.harness import pool

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FEWEST = 4
"""README.md shows at least so many commands that need no data."""


def commands(text: str) -> Iterator[str]:
    """Yield the attnbench commands of the bash blocks, lines that end in a backslash joined, comments cut."""
    for block in re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.sub(r"(^|\s)#.*", "", line).split("&&"):
                if re.search(r"(^|\|)\s*attnbench\s", part):
                    yield " ".join(part.split())


def needs_data(command: str) -> bool:
    """Return whether a command reads files or a hub that a reader has to bring."""
    return re.search(r"\b(files|hub):", command) is not None


def at_smoke(command: str) -> str:
    """Return the command at scale smoke: as an option where it trains, and in folders' names."""
    command = re.sub(r"(embedded)\.(small|medium|paper)\b", r"\1.smoke", command)
    if not command.startswith("attnbench reproduce "):
        return command
    return re.sub(r" --scale \S+", "", command) + " --scale smoke"


def test_what_is_found_in_a_text() -> None:
    text = (
        "attnbench list\n```bash\npip install attnbench\n. x && attnbench a b  # hi\nattnbench c \\\n    d\n"
        'echo "x" | attnbench e -\ncat attnbench.txt\n```\n```python\nattnbench f\n```\n'
    )
    assert list(commands(text)) == ["attnbench a b", "attnbench c d", 'echo "x" | attnbench e -']
    assert (
        at_smoke("attnbench reproduce p --scale medium --seeds 3")
        == "attnbench reproduce p --seeds 3 --scale smoke"
    )
    assert (
        at_smoke("attnbench claims results/p/embedded.small") == "attnbench claims results/p/embedded.smoke"
    )
    assert needs_data("attnbench reproduce p --data files:x") and not needs_data("attnbench reproduce p")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trainings run in this process: torch is imported once for all commands."""
    monkeypatch.setattr(pool, "execute_all", train_here)


def called(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Run a command; one with a pipe or a redirection in a shell. Return its exit code, stdout and stderr."""
    if re.search(r"[|<>]", command):
        env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        shell = ["bash", "-o", "pipefail", "-c", command]
        run = subprocess.run(shell, capture_output=True, text=True, timeout=120, env=env)
        return run.returncode, run.stdout, run.stderr
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), *capsys.readouterr()


@pytest.mark.usefixtures("in_process")
def test_the_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = [at_smoke(command) for command in commands(README) if not needs_data(command)]
    assert len(found) >= FEWEST
    assert any(command.startswith("attnbench reproduce ") for command in found)
    for command in found:
        code, out, err = called(command, monkeypatch, capsys)
        assert code == 0, f"{command}\n{err}"
        assert out.strip(), command
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == paper.names()


def test_the_options_of_the_others_exist(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not run here is at least spelt right: its data, its settings and every option are known."""
    from attnbench import corpora
    from attnbench.harness import configure
    from attnbench.settings import override, parse

    skipped = [command for command in commands(README) if needs_data(command)]
    for command in skipped:
        words = shlex.split(command)
        corpora.parse(words[words.index("--data") + 1])
        changes = parse([words[place + 1] for place, word in enumerate(words) if word == "--set"])
        name = next(word for word in words if word in paper.names())
        override(configure.defaults(paper.load(name)), changes)
        _, shown, _ = called(" ".join([*words[: words.index(name)], "--help"]), monkeypatch, capsys)
        assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[\w-]+", shown))
        if "--scale" in words:
            paper.load(name).scale(words[words.index("--scale") + 1])


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_mechanism_shown_decodes() -> None:
    """The example of a mechanism, as it stands in the README, in a decoder that trains and steps."""
    import torch

    from attnbench.zoo import attention
    from attnbench.zoo.encoder_decoder import EncoderDecoder
    from attnbench.zoo.padded import Padded
    from attnbench.zoo.recurrent import ForwardEncoder

    (shown,) = re.findall(r"```python\n(class DotAttention.*?)```", README, re.DOTALL)
    names = {name: getattr(attention, name) for name in ("Mechanism", "Memory", "masked_softmax")}
    exec(shown, names)
    encoder = ForwardEncoder(9, 4, 6)
    sizes = {"vocabulary": 7, "embedding": 4, "hidden": 6, "maxout": 5}
    model = EncoderDecoder(encoder, names["DotAttention"](), **sizes)  # type: ignore[operator]
    encoded = model.encode(Padded(torch.tensor([[1, 2, 3]]), torch.ones(1, 3, dtype=torch.bool)))
    decoded = model.decode(encoded, torch.tensor([[4, 5]]))
    assert decoded.alignment is not None
    torch.testing.assert_close(decoded.alignment.sum(dim=-1), torch.ones(1, 2))
    logits, _, _ = model.step(encoded, model.start(encoded), None)
    torch.testing.assert_close(logits[:, 0], model.logits(decoded.readout)[:, 0])
