"""Files that a manifest names, as they are and inside tar files."""

import io
import tarfile
from pathlib import Path

import pytest

from attnbench.corpora import named_files
from attnbench.corpora.named_files import Named
from attnbench.errors import BadInput


def test_members_of_a_tar_file_are_read_where_they_lie(tmp_path: Path) -> None:
    held = {"a.wav": b"first", "./deep/b.wav": b"second one"}
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        for name, content in held.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        tar.addfile(tarfile.TarInfo("folder"))
        link = tarfile.TarInfo("link.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    found = named_files.members(tmp_path / "x.tar")
    assert {name: one.read_bytes() for name, one in found.items()} == {
        "a.wav": b"first", "deep/b.wav": b"second one", "folder": b"",
    }  # fmt: skip
    assert found["a.wav"].offset == 512


def test_a_packed_or_broken_tar_file_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w:gz"):
        pass
    (tmp_path / "y.tar").write_bytes(b"no tar")
    for name in ("x.tar", "y.tar"):
        with pytest.raises(BadInput, match=f"{name} is no plain tar file .*; unpack it if it is packed"):
            named_files.members(tmp_path / name)


def test_a_name_leads_to_a_file_then_to_a_deeper_one_if_asked_then_into_a_tar_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"deep")
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        entry = tarfile.TarInfo("./a.png")
        entry.size = 6
        tar.addfile(entry, io.BytesIO(b"member"))
    assert Named(tmp_path).found("a.png", "line 1").read_bytes() == b"member"
    assert Named(tmp_path, deeper=True).found("a.png", "line 1").read_bytes() == b"deep"
    (tmp_path / "a.png").write_bytes(b"here")
    assert Named(tmp_path, deeper=True).found("a.png", "line 1").read_bytes() == b"here"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("b.png", "line 7 names b.png, which is neither in .* nor in a tar file there; put it there"),
        ("../a.png", "line 7: '../a.png' is no file below .*; name one relative to it"),
        ("/etc/passwd", "line 7: '/etc/passwd' is no file below"),
        ("", "line 7: '' is no file below"),
        ("in", "line 7 names in, which is neither"),
    ],
)
def test_a_name_that_leads_nowhere_or_out_of_the_folder_is_refused(
    tmp_path: Path, file: str, said: str
) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(BadInput, match=said):
        Named(tmp_path).found(file, "line 7")
