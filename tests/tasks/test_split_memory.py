"""What it takes to open a large corpus and to draw from it: the memory that no file backs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from attnbench.corpora.splits import write
from attnbench.corpora.text import Vocabulary
from attnbench.machine.files import seal
from attnbench.tasks.sentences import Vocabularies

WORDS = Vocabulary([f"w{n:04}" for n in range(1000)])
ROWS = 10_000
BYTES_A_PAIR = 15
"""Its length (4), its row number (8), and its share of what is held for each chunk."""

PROGRAM = """
import re, resource, sys
from pathlib import Path
import numpy as np, torch
from attnbench.tasks.translation.engine import Translation
from attnbench.tasks.translation.settings import TranslationData

def own():
    return 1024 * int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

settings, rng, device = TranslationData(max_length=18), np.random.default_rng(0), torch.device("cpu")
before = own()
train = Translation().open(Path(sys.argv[1]), settings).train
opened = own()
for _ in range(200):
    train.batch(rng.integers(len(train), size=80), device)
peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(len(train), opened - before, own() - before, peak)
"""


def _prepare(folder: Path, count: int) -> None:
    """Write a prepared corpus of so many training pairs of 1 to 20 words a side."""
    rng = np.random.default_rng(0)
    columns: dict[str, pa.Array] = {"id": pa.array([f"train/{n}" for n in range(ROWS)])}
    for side in ("source", "target"):
        ids = [rng.integers(2, len(WORDS), rng.integers(1, 21)).tolist() for _ in range(ROWS)]
        columns[f"{side}_words"] = pa.array([" ".join(WORDS.decode(one)) for one in ids])
        columns[f"{side}_ids"] = pa.array(ids, pa.list_(pa.int32()))
    table = pa.table(columns | {"reference": columns["target_words"]})
    for name, times in (("train", count // ROWS), ("valid", 1), ("test", 1)):
        write((table for _ in range(times)), folder / f"{name}.arrow")
    Vocabularies(WORDS, WORDS).save(folder)
    about = {"key": folder.name, "kind": "files", "examples": {"train": count, "valid": ROWS, "test": ROWS}}
    (folder / "about.json").write_text(json.dumps(about))
    seal(folder)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory of its own is told by /proc")
def test_own_memory_grows_by_lengths_and_row_numbers_alone(tmp_path: Path) -> None:
    measured = {}
    for count in (100_000, 2_000_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        _prepare(folder, count)
        run = [sys.executable, "-c", PROGRAM, str(folder)]
        out = subprocess.run(run, capture_output=True, text=True, check=True, timeout=300).stdout
        measured[count] = list(map(int, out.split()))
        size = (folder / "train.arrow").stat().st_size
        print(f"{count} pairs of {size} bytes: kept, opened, drawn, peak with files {measured[count]}")
    (kept, *small, _), (_, *large, _) = measured.values()
    assert kept < 100_000  # some pairs are too long: the split holds row numbers
    for less, more in zip(small, large, strict=True):
        assert more - less < BYTES_A_PAIR * 1_900_000
