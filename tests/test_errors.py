"""What an error becomes on its way out: one line, with the path and the reason."""

import errno
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from attnbench.errors import BadInput, RunFailed, out_of_memory, printable, told

HUGE = 10**15


def error_of(call: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as raised:
        call()
    return raised.value


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "/a/b: Permission denied"),
        (errno.EISDIR, "/a/b: Is a directory"),
        (errno.ENOTDIR, "/a/b: Not a directory"),
        (errno.ENOENT, "/a/b: No such file or directory"),
        (errno.ELOOP, "/a/b: Too many levels of symbolic links; a symbolic link leads back to itself"),
        (errno.ENAMETOOLONG, "/a/b: File name too long; choose a shorter name"),
        (errno.EROFS, "/a/b: Read-only file system; choose another place"),
        (errno.ENOSPC, "/a/b: No space left on device; free some space, or choose another place"),
        (errno.EMFILE, "/a/b: Too many open files; `ulimit -n` bounds how many files may be open"),
    ],
)
def test_what_the_system_refuses_has_the_path_and_the_reason(number: int, said: str) -> None:
    for path in ("/a/b", b"/a/b"):
        found = told(OSError(number, os.strerror(number), path))
        assert isinstance(found, BadInput) and str(found) == said
    assert str(told(OSError(number, os.strerror(number), 3))) == said.removeprefix("/a/b: ")


def test_two_paths_none_and_a_library_s_own_words() -> None:
    assert str(told(OSError(errno.EXDEV, "Invalid cross-device link", "a", None, "b"))) == (
        "a -> b: Invalid cross-device link"
    )
    assert str(told(OSError("no usable\nfolder"))) == "no usable"
    assert str(told(OSError())) == "OSError"
    missing = told(error_of(lambda: pa.memory_map("/no/such")))
    assert isinstance(missing, BadInput) and "'/no/such'" in str(missing) and "\n" not in str(missing)


def test_a_folder_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert str(told(error_of(Path.cwd))) == "the current folder is no longer there; change into another one"


def test_libraries_written_in_rust_are_understood(tmp_path: Path) -> None:
    missing = tmp_path / "none" / "file"
    for call in (lambda: save_file({"a": torch.ones(1)}, missing), lambda: Tokenizer.from_file(str(missing))):
        found = told(error_of(call))
        assert isinstance(found, BadInput) and "No such file or directory (os error 2)" in str(found)
    full = told(Exception("I/O error: No space left on device (os error 28)"))
    assert isinstance(full, BadInput) and str(full).endswith("; free some space, or choose another place")


@pytest.mark.parametrize(
    "call",
    [
        lambda: torch.empty(HUGE),
        lambda: np.empty(HUGE),
        lambda: pa.allocate_buffer(HUGE),
        lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")),
        lambda: (_ for _ in ()).throw(OSError(errno.ENOMEM, "Cannot allocate memory")),
        lambda: (_ for _ in ()).throw(MemoryError()),
    ],
    ids=["torch", "numpy", "arrow", "cuda", "system", "python"],
)
def test_memory_that_is_not_there_says_what_to_lower(call: Callable[[], object]) -> None:
    error = error_of(call)
    found = told(error)
    assert out_of_memory(error) and isinstance(found, RunFailed)
    assert str(found).startswith("memory ran out (") and "\n" not in str(found)
    for option in ("--jobs 1", "training.batch_size=N", "data.limit=N"):
        assert option in str(found)


def test_what_nobody_foresaw_keeps_its_traceback_even_from_another_process() -> None:
    found = told(error_of(lambda: {}["key"]))
    assert isinstance(found, RunFailed) and str(found) == "KeyError: 'key'"
    (trace,) = found.__notes__
    assert "Traceback" in trace and 'lambda: {}["key"]' in trace
    assert pickle.loads(pickle.dumps(found)).__notes__ == [trace]
    own = BadInput("as it is")
    assert told(own) is own
    assert isinstance(told(RuntimeError("can't start new thread")), BadInput)
    assert not out_of_memory(ValueError("out of memory of old times"))


def test_no_name_commands_a_terminal_or_ends_the_line() -> None:
    assert printable("a\x1b[31mb\nc\rd\x07\x9b\u2028\u202e\udcff") == (
        r"a\x1b[31mb\nc\rd\x07\x9b\u2028\u202e\udcff"
    )
    for text in ("[red]a[/x]", ":smile:", "héros 漢字 \u00a0\t", "می‌خواهم"):
        assert printable(text) == text
