"""What every text goes through: where lines end, what is no text, and that the advice given mends it."""

import gzip
import io
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from attnbench.corpora import plain
from attnbench.errors import BadInput

Read = Callable[[bytes], list[str]]


@pytest.fixture(params=["file", "gzip", "stream"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Return what reads the same bytes from a file, a packed one and an open one."""

    def lines(content: bytes) -> list[str]:
        if request.param == "stream":
            return list(plain.lines(io.BytesIO(content), "it"))
        path = tmp_path / ("it.gz" if request.param == "gzip" else "it")
        path.write_bytes(gzip.compress(content) if path.suffix else content)
        return list(plain.lines(path))

    return lines


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\n\nb\n", ["a", "", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\r\nb\r", ["a", "b"]),
        (b"a\r\r\nb\n", ["a", "b"]),
        (b"a\rb\nc\n", ["a\rb", "c"]),
        (" a\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\u00a0b \n".encode(),
         [" a\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\u00a0b "]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", ["a"]),
        (b"\xef\xbb\xbf", []),
        ("a\n\ufeffb\r\n\ufeff\ufeff c\ufeffd\n\ufeff".encode(), ["a", "b", " c\ufeffd"]),
        ("\U0001f600\ud7ff\n".encode(), ["\U0001f600\ud7ff"]),
    ],
)  # fmt: skip
def test_a_line_ends_with_lf_or_cr_lf_and_a_mark_is_no_text(
    read: Read, content: bytes, lines: list[str]
) -> None:
    assert read(content) == lines


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_blocks_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, read: Read, size: int) -> None:
    monkeypatch.setattr(plain, "_BLOCK", size)
    assert read("\ufeffé\r\n\u2028\U0001f600x\n\n\ry".encode()) == ["é", "\u2028\U0001f600x", "", "\ry"]


@pytest.mark.parametrize(
    ("content", "before", "says"),
    [
        (b"a\nb\n\xe9t\xe9\nc\n", ["a", "b"], " line 3 is not UTF-8; convert it, such as with iconv"),
        (b"\xff", [], " line 1 is not UTF-8"),
        (b"a\n\xed\xa0\x80\n", ["a"], " line 2 is not UTF-8"),  # half of a surrogate pair
        (b"a\n\xc3", ["a"], " line 2 is not UTF-8"),  # cut
        (b"a\nb\0\n\xff\n", ["a"], " line 2 holds a NUL character, as UTF-16 and binary files do; "),
        (b"a\n\xff\0\n", ["a"], " line 2 holds a NUL character"),
        (b"a\n\xff\n\0", ["a"], " line 2 is not UTF-8"),
        ("a\nb\n".encode("utf-16"), [], " is UTF-16; convert it, such as with iconv -f utf-16 -t utf-8"),
        ("a\nb\n".encode("utf-16-le"), [], " line 1 holds a NUL character"),
        (b"a\rb\rc\r", [], " ends its lines with CR alone; convert it"),
        (gzip.compress(b"a\n", mtime=0), [], " is packed by gzip; unpack it, or let its name end with .gz"),
    ],
)
def test_what_is_no_text_is_named_after_the_lines_before_it(
    read: Read, content: bytes, before: list[str], says: str
) -> None:
    with pytest.raises(BadInput, match=r"it(\.gz)?" + re.escape(says)) as caught:
        read(content)
    assert "\n" not in str(caught.value) and "\r" not in str(caught.value)
    assert _until_it_breaks(plain.lines(io.BytesIO(content), "it")) == before


def _until_it_breaks(lines: Iterator[str]) -> list[str]:
    """Return the lines that come before one that is refused."""
    found = []
    with pytest.raises(BadInput):
        for line in lines:
            found.append(line)
    return found


@pytest.mark.parametrize(
    ("content", "place", "lines"),
    [
        ("été\n".encode("latin-1"), 0, ["été"]),
        ("été\r\n".encode("utf-16"), 0, ["été"]),
        ("été\n".encode("utf-16-le"), 0, ["été"]),
        (b"a\0b\n", 1, ["ab"]),
        (b"a\rb\r", 0, ["a", "b"]),
    ],
)
def test_what_a_message_advises_mends_the_file(
    tmp_path: Path, content: bytes, place: int, lines: list[str]
) -> None:
    """The command in the message, fed with the file, gives one that is read."""
    (tmp_path / "old").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        list(plain.lines(tmp_path / "old"))
    advised = re.findall(r"such as with (.*?)(?:, or|$)", str(caught.value))[place]
    subprocess.run(f"{advised} < old > new", shell=True, cwd=tmp_path, check=True)
    assert list(plain.lines(tmp_path / "new")) == lines


def test_a_packed_file_is_read_under_the_name_that_is_advised(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(gzip.compress(b"a\n"))
    with pytest.raises(BadInput, match=r"let its name end with \.gz"):
        list(plain.lines(path))
    assert list(plain.lines(path.rename(tmp_path / "text.gz"))) == ["a"]
    path = tmp_path / "other.gz"
    path.write_bytes(b"b\n")
    with pytest.raises(
        BadInput, match=r"other.gz is not whole gzip after line 0: .*; fetch it again, or drop .gz"
    ):
        list(plain.lines(path))
    assert list(plain.lines(path.rename(tmp_path / "other"))) == ["b"]


def test_cut_gzip_gives_its_lines_and_says_how_many(tmp_path: Path) -> None:
    whole = gzip.compress("".join(f"line {number}\n" for number in range(50_000)).encode())
    (tmp_path / "x.gz").write_bytes(whole[: len(whole) // 2])
    found = _until_it_breaks(plain.lines(tmp_path / "x.gz"))
    assert 1000 < len(found) < 50_000 and found[-1] == f"line {len(found) - 1}"
    with pytest.raises(BadInput, match=rf"x.gz is not whole gzip after line {len(found)}: "):
        list(plain.lines(tmp_path / "x.gz"))


def test_what_cannot_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match=r"^.*/x cannot be read: Is a directory$"):
        (tmp_path / "x").mkdir()
        list(plain.lines(tmp_path / "x"))
    with pytest.raises(BadInput, match=r"/y.gz cannot be read: Is a directory"):
        (tmp_path / "y.gz").mkdir()
        list(plain.lines(tmp_path / "y.gz"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(BadInput, match="loop cannot be read: Too many levels of symbolic links"):
        list(plain.lines(tmp_path / "loop"))
    with pytest.raises(BadInput, match="cannot be read: File name too long"):
        list(plain.lines(tmp_path / ("n" * 300)))

    class Broken(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(BadInput, match=r"^it cannot be read: Input/output error$"):
        list(plain.lines(Broken(), "it"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "x is null; it must be a text"),
        (3, "x is a number; it must be a text"),
        (0.5, "x is a number; "),
        (True, "x is true or false; "),
        (["a"], "x is a list; "),
        ({"a": "b"}, "x is an object; "),
        (b"a", "x is bytes; "),
        ("a\0b", "x holds a NUL character; delete it"),
        ("a\ud800", "x holds half of a surrogate pair, which is no character; delete it"),
        ("\udcff", "x holds half of a surrogate pair"),
    ],
)
def test_what_is_no_text_among_values_is_refused(value: object, says: str) -> None:
    with pytest.raises(BadInput, match=re.escape(says)):
        plain.text(value, "x")


def test_a_text_is_one_line_and_otherwise_as_it_was() -> None:
    assert plain.text("a\nb\r\nc\rd\u2028e\t ", "x") == "a b c\rd\u2028e\t "
    assert plain.text("\ufeffa\ufeff", "x") == "a\ufeff"
    assert plain.text("none", "x") == "none" and plain.text("", "x") == ""


def texts(column: pa.Array) -> list[str | None]:
    found: list[str | None] = plain.texts(pa.table({"t": column}), "t", "the set", 11).to_pylist()
    return found


def test_columns_hold_texts_or_nothing() -> None:
    values = ["\ufeffa\nb\r\nc\rd", None, "x\0y", "", "None"]
    wanted = ["a b c\rd", None, None, "", "None"]
    assert texts(pa.array(values)) == wanted
    assert texts(pa.array(values, pa.large_string())) == wanted
    assert texts(pa.array(values).dictionary_encode()) == ["a b c\rd", None, None, "", "None"]
    assert texts(pa.nulls(2)) == [None, None]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (pa.array([None, 5]), "the set row 12: t is a number; it must be a text"),
        (pa.array([True]), "the set row 11: t is true or false"),
        (pa.array([["a"]]), "the set row 11: t is a list"),
        (pa.array([{"en": "a"}]), "the set row 11: t is an object"),
        (pa.array([b"a"]), "the set row 11: t is bytes"),
        (pa.array([b"a", b"\xff"]).view(pa.string()), "the set: t is not UTF-8, from row 11 on"),
    ],
)
def test_columns_of_something_else_are_refused_with_their_row(column: pa.Array, says: str) -> None:
    with pytest.raises(BadInput, match=re.escape(says)) as caught:
        texts(column)
    assert "\n" not in str(caught.value)
