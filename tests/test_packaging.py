"""What is installed from a wheel, away from the checkout and without a network."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath
from shutil import copytree, ignore_patterns
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = ("attnbench", "reproductions")
README = (ROOT / "README.md").read_text(encoding="utf-8")
COPIED = (*PACKAGES, "tests", "results", "benchmarks", "pyproject.toml", "README.md", "LICENSE")


def project() -> dict[str, Any]:
    """Return what pyproject.toml declares of the project."""
    declared: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return declared


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clean copy of what is committed."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        here = ROOT / name
        if here.is_dir():
            copytree(here, folder / name, ignore=ignore_patterns("__pycache__", ".*"))
        elif here.exists():
            (folder / name).write_bytes(here.read_bytes())
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", checkout, "--no-build-isolation", "--wheel-dir", folder)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip("install", wheel, "--target", folder)
    return folder


def pip(command: str, *words: object) -> None:
    common = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    run = subprocess.run(
        [sys.executable, "-m", "pip", command, *common, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr


def away(installed: Path, folder: Path, *words: object, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in another folder, with no way to a network."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    env |= {
        "HF_HUB_OFFLINE": "1",
        "https_proxy": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    } | extra
    script = installed / "bin" / "attnbench"
    return subprocess.run(
        [sys.executable, script, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=env,
    )


def test_the_wheel_holds_the_packages_and_nothing_else(checkout: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.endswith("/")}
    sources = [path for package in PACKAGES for path in (checkout / package).rglob("*") if path.is_file()]
    wanted = {path.relative_to(checkout).as_posix() for path in sources}
    assert len(wanted) > 40
    (about,) = {PurePosixPath(name).parts[0] for name in held - wanted}
    assert about.endswith(".dist-info")
    assert {name for name in held if not name.startswith(about)} == wanted
    assert {"attnbench/cli.py", "reproductions/bahdanau2015/__init__.py"} <= wanted
    assert {f"{package}/py.typed" for package in PACKAGES} <= wanted, "type checkers read the annotations"
    assert f"{about}/licenses/LICENSE" in held


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    declared = project()
    with zipfile.ZipFile(wheel) as archive:
        texts = {PurePosixPath(name).name: archive.read(name).decode() for name in archive.namelist()
                 if ".dist-info/" in name and not name.endswith("/")}  # fmt: skip
    assert f"Version: {declared['version']}\n" in texts["METADATA"]
    assert README.strip() in texts["METADATA"]
    for paper, place in declared["entry-points"]["attnbench.papers"].items():
        assert f"{paper} = {place}" in texts["entry_points.txt"]
    assert f"attnbench = {declared['scripts']['attnbench']}" in texts["entry_points.txt"]


def test_the_version_is_the_same_everywhere() -> None:
    import attnbench

    assert attnbench.__version__ == project()["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project()["version"]


def test_the_changelog_begins_with_what_is_unreleased_and_has_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    assert heads[0] == ("Unreleased", "")
    assert heads[1][0] == project()["version"] and all(date for _, date in heads[1:])
    changes = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert {"Added"} <= changes <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def workflow(job: str) -> dict[str, Any]:
    """Return a job of the hosted tests."""
    jobs: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())[
        "jobs"
    ]
    return jobs[job]


def commands(job: str) -> list[str]:
    return [step["run"] for step in workflow(job)["steps"] if "run" in step]


def test_the_hosted_tests_have_every_python_with_the_newest_and_the_oldest_dependencies() -> None:
    matrix = workflow("tests")["strategy"]["matrix"]
    assert matrix["resolution"] == ["highest", "lowest-direct"]
    prefix = "Programming Language :: Python :: "
    named = [line.removeprefix(prefix) for line in project()["classifiers"] if line.startswith(prefix)]
    assert matrix["python"] == named
    assert project()["requires-python"] == f">={named[0]}"
    assert len(named) >= 3 and workflow("lint")["steps"][1]["with"]["python-version"] == named[0]


def test_the_hosted_tests_run_what_the_readme_and_the_commit_hooks_run() -> None:
    ((install, test),) = re.findall(r"^(pip install '\.\[test\]') && (.*)$", README, re.MULTILINE)
    assert commands("tests")[-1] == test
    assert (
        install.replace("install", "install --resolution ${{ matrix.resolution }}") in commands("tests")[-2]
    )
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["name"] for hook in hooks] == ["ruff format", "ruff check", "mypy"]
    for hook, command in zip(hooks, commands("lint")[-3:], strict=True):
        assert hook["entry"].startswith(hook["name"]) and command.startswith(hook["name"])


def test_the_hosted_tests_take_torch_within_its_bounds() -> None:
    """The shell finds in pyproject.toml what is to be installed, once, and as it is declared."""
    (bounds,) = [line for line in project()["dependencies"] if line.startswith("torch>")]
    for job in ("tests", "lint"):
        (look,) = [shown for line in commands(job) for shown in re.findall(r'"\$\((.*)\)"', line)]
        run = subprocess.run(["bash", "-c", look], capture_output=True, text=True, check=True, cwd=ROOT)
        assert run.stdout == f"{bounds}\n"


def test_the_shell_completes_commands_and_options(installed: Path, tmp_path: Path) -> None:
    script = away(installed, tmp_path, _ATTNBENCH_COMPLETE="source_bash")
    assert "_ATTNBENCH_COMPLETE=complete_bash" in script.stdout, script.stderr
    assert "--install-completion" in away(installed, tmp_path, "--help").stdout
    for typed, found in (("re", ["reproduce", "rebuild"]), ("reproduce --sc", ["--scale"])):
        words = {"COMP_WORDS": f"attnbench {typed}", "COMP_CWORD": str(typed.count(" ") + 1)}
        completed = away(installed, tmp_path, _ATTNBENCH_COMPLETE="complete_bash", **words)
        assert completed.stdout.split() == found, completed.stderr


def test_it_is_the_installed_package_that_runs(installed: Path, tmp_path: Path) -> None:
    script = "import attnbench, reproductions; print(attnbench.__file__); print(reproductions.__file__)"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert [Path(line).parents[1] for line in run.stdout.splitlines()] == [installed, installed]


def test_it_lists_plans_and_reproduces_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    listed = away(installed, tmp_path, "list")
    assert listed.returncode == 0, listed.stderr
    assert "bahdanau2015" in listed.stdout
    assert list(tmp_path.iterdir()) == []
    words = ["reproduce", "bahdanau2015", "--scale", "smoke", "--systems", "rnnencdec-30", "--jobs", "1"]
    trained = away(installed, tmp_path, *words)
    assert trained.returncode == 0, trained.stderr
    (folder,) = (tmp_path / "results" / "bahdanau2015").iterdir()
    assert (folder / "report.md").exists() and (folder / "lengths.png").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "results"]
    shown = away(installed, tmp_path, "compare", "bahdanau2015")
    assert "| rnnencdec-30 |" in shown.stdout
