"""What is installed from a wheel, away from the checkout and without a network."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("attnbench", "reproductions")
COPIED = (*PACKAGES, "tests", "results", "benchmarks", "pyproject.toml", "README.md", "LICENSE")


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


def away(installed: Path, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the installed command in another folder, with no way to a network."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    env |= {"HF_HUB_OFFLINE": "1", "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
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
    assert f"{about}/licenses/LICENSE" in held


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        texts = {PurePosixPath(name).name: archive.read(name).decode() for name in archive.namelist()
                 if ".dist-info/" in name and not name.endswith("/")}  # fmt: skip
    assert f"Version: {declared['version']}\n" in texts["METADATA"]
    assert (ROOT / "README.md").read_text(encoding="utf-8").strip() in texts["METADATA"]
    for paper, place in declared["entry-points"]["attnbench.papers"].items():
        assert f"{paper} = {place}" in texts["entry_points.txt"]
    assert f"attnbench = {declared['scripts']['attnbench']}" in texts["entry_points.txt"]


def test_the_version_is_said_once_and_alike() -> None:
    import attnbench

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert attnbench.__version__ == declared["version"]


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
