"""Names of files, folders and test sets: text, never a pattern; each the key of one thing."""

import os
import unicodedata
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnbench import corpora
from attnbench.corpora import plain, splits
from attnbench.errors import BadInput

KEYS = {"train", "valid"}


def folded(key: str) -> str:
    """Return what macOS, which minds neither case nor composition, takes a file name for."""
    return unicodedata.normalize("NFD", key).casefold()


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        ("a/test b/test a.test", "a.test~8d0bd25f b.test a.test~52dcf5ee"),
        ("train test.train", "train~116f54c4 test.train~b904ad09"),
        ("train", "test.train"),
        ("valid a/valid", "test.valid a.valid"),
        ("Train", "test.Train"),
        ("a/test test", "a.test test"),
        ("Test test", "Test~532eaabd test~9f86d081"),
        ("é e\u0301", "é~4a99557e e\u0301~bf12767b"),
        ("a/b/test a.b/test", "a.b.test~5d2abaaf a.b.test~d0990ed3"),
        ("x~0a1b2c3d", "x~0a1b2c3d~bf5a3ca3"),
        ("sub/.x", "sub..x"),
        ("scratch about manifest", "scratch about manifest"),
        ("$x_{$ a|b <b> [red]a", "$x_{$ a|b <b> [red]a"),
    ],
)
def test_keys_are_readable_and_unique(names: str, keys: str) -> None:
    expected = dict(zip(names.split(" "), keys.split(" "), strict=True))
    for order in permutations(expected):
        assert splits.keys_of_tests(order) == expected


def test_what_cannot_stand_in_a_line_or_a_file_name_is_replaced() -> None:
    long = "é" * 120
    keys = splits.keys_of_tests(["a\nb", "a\tb", "\u202ex", long, long + "x"])
    assert keys["a\nb"].startswith("a-b~") and keys["a\tb"].startswith("a-b~")
    assert keys["\u202ex"].startswith("-x~")
    assert keys[long].startswith("é" * 40) and max(len(key.encode()) for key in keys.values()) <= 100
    assert len(set(keys.values())) == 5


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("aAbé\u0301./~ \n", min_size=1, max_size=6), unique=True, max_size=6))
def test_no_two_names_ever_share_a_key(names: list[str]) -> None:
    keys = splits.keys_of_tests(names)
    assert list(keys) == names
    assert len({folded(key) for key in keys.values()} | KEYS) == len(names) + len(KEYS)
    assert all(key.isprintable() and not key.startswith(".") and len(key) <= 100 for key in keys.values())
    assert splits.keys_of_tests(reversed(names)) == keys


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_a_name_that_comes_twice_is_refused(split: str) -> None:
    with pytest.raises(
        BadInput, match=f"data.{split} has 'a' twice, which would count it twice; name it once"
    ):
        splits.choose({split: ("a", "b", "a")}, ("a", "b", "train", "valid", "test"), "here")


def test_names_that_are_there_are_listed_so_that_each_can_be_told() -> None:
    with pytest.raises(BadInput, match=r"from: 'a\\nb', train, valid$"):
        splits.choose({}, ("a\nb", "train", "valid"), "here")


def write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return folder


def test_endings_are_compared_as_text(tmp_path: Path) -> None:
    write(tmp_path, "a.en", "b.en.gz", "sub/c.en", "d.**", "e.[ab]", "f.a", "g.xen", "h.EN", "en")
    assert plain.names(tmp_path, "en") == {"a", "b", "sub/c"}
    assert plain.names(tmp_path, "**", "*") == {"d"}
    assert plain.names(tmp_path, "[ab]", "?") == {"e"}


def test_names_of_nothing_or_of_dots_alone_are_none(tmp_path: Path) -> None:
    write(tmp_path, ".en", "..en", "...en", "sub/.en", ".x.en", b"q\xff.en".decode(errors="surrogateescape"))
    assert plain.names(tmp_path, "en") == {".x"}


def test_folders_behind_links_are_read_and_cycles_are_not_followed(tmp_path: Path) -> None:
    folder, real = tmp_path / "corpus", tmp_path / "real"
    write(real, "a.en", "deep/b.en")
    write(folder, "own/c.en")
    for link, place in {
        "one": "../real", "two": "../real", "self": ".", "up": "..", "own/up": "..", "loop": "loop",
        "gone": "nowhere", "gone.en": "nowhere", "loop.en": "loop.en", "far.en": "../real/a.en",
    }.items():  # fmt: skip
        (folder / link).symlink_to(place)
    (tmp_path / "real" / "back").symlink_to("../corpus")
    (folder / "folder.en").mkdir()
    os.mkfifo(folder / "pipe.en")
    found = plain.names(folder, "en")
    assert {name for name in found if not name.startswith("up/")} == {
        "own/c", "one/a", "one/deep/b", "two/a", "two/deep/b", "far",
    }  # fmt: skip
    (tmp_path / "link").symlink_to("corpus")
    assert plain.names(tmp_path / "link", "en") == found
    assert plain.find(folder, "one/deep/b", "en") == folder / "one/deep/b.en"
    assert [plain.find(folder, name, "en") for name in ("c", "x" * 300)] == [None] * 2
    for name, what in {
        "gone": "no file, nor",
        "loop": "no file",
        "pipe": "no file",
        "folder": "a folder",
    }.items():
        with pytest.raises(BadInput, match=f"{folder}/{name}.en is {what}.*; move it away, or put the file"):
            plain.find(folder, name, "en")


def test_a_plain_and_a_packed_file_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.en", "b.en.gz")
    (tmp_path / "a.en.gz").symlink_to("nowhere")
    with pytest.raises(BadInput, match=r"/a\.en and a\.en\.gz are both there; move one away"):
        plain.find(tmp_path, "a", "en")
    (tmp_path / "a.en.gz").unlink()
    assert plain.find(tmp_path, "a", "en") == tmp_path / "a.en"
    assert plain.find(tmp_path, "b", "en") == tmp_path / "b.en.gz"


def test_links_that_multiply_folders_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "_MOST_FOLDERS", 50)
    for step in range(8):
        (tmp_path / str(step)).mkdir()
        for way in "ab":
            (tmp_path / str(step) / way).symlink_to(f"../{step + 1}")
    with pytest.raises(BadInput, match="holds more than 50 folders, links counted; choose one inside it"):
        plain.names(tmp_path, "en")


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(BadInput, match=f"{tmp_path} cannot be read: Permission denied; make it readable"):
        plain.names(tmp_path, "en")


@pytest.mark.parametrize(
    ("name", "text", "slug"),
    [
        ("multi30k", "files:multi30k", "files-multi30k"),
        ("[red]a", "files:[red]a", "files-red-a"),
        ("embedded", "files:embedded", "files-embedded"),
        ("!!!", "files:!!!", "files-42b75a17"),
        ("*", "files:*", "files-cd46cf30"),
        ("...", "files:...", "files-80f9a727"),
        ("猫", "files:猫", "files-猫"),
        ("e\u0301", "files:e\u0301", "files-é"),
        ("a\nb", "files:a\ufffdb", "files-a-b"),
        ("x" * 200, f"files:{'x' * 200}", f"files-{'x' * 85}-e03f57cd"),
    ],
)
def test_a_folder_gives_a_name_for_people_and_one_for_files(name: str, text: str, slug: str) -> None:
    source = corpora.parse(f"files:/nowhere/{name}")
    assert (source.location, source.text, source.slug) == (f"/nowhere/{name}", text, slug)


def test_a_link_to_itself_has_a_name_and_a_home_that_is_not_known_has_none(
    tmp_path: Path,
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert corpora.parse(f"files:{tmp_path}/loop").slug == "files-loop"
    with pytest.raises(BadInput, match="no such home folder is known here; write the whole path"):
        corpora.parse("files:~nobody-at-all/x")
    for data in ("files:a\udcff", "hub:a/b:c\udcff"):
        with pytest.raises(BadInput, match="is not UTF-8; rename the folder, or make a link to it"):
            corpora.parse(data)
