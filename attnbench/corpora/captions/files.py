"""Pictures in a folder, and a file that says which captions they have.

That is ``captions.jsonl`` or ``captions.tsv``, or ``captions_regions.jsonl`` where objects are outlined, in
which a row names a picture, relative to the folder or inside a plain tar file beside it, its split and its
captions; see ``tabular`` for how such files are read. All rows of a picture in a split are one. Or it is a
``dataset_NAME.json`` as Karpathy gave them out, see ``karpathy``. A name is a folder and a split in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from datasets import DatasetDict

from attnbench.corpora import places, plain, splits, tabular
from attnbench.corpora.captions import gathering, karpathy
from attnbench.corpora.captions.gathering import Outlined, Picture
from attnbench.corpora.named_files import Named
from attnbench.corpora.splits import Names
from attnbench.corpora.tabular import Field
from attnbench.errors import BadInput

MANIFESTS = ("captions", "captions_regions")
"""What the files that describe pictures are called."""

_BEYOND = 0.01
"""How far outside the picture an outline may lie: fractions were rounded."""


class Place(places.Place, Protocol):
    """A folder of pictures that belong together."""

    def outlined(self) -> bool:
        """Return whether it says where objects are."""

    def pictures(self, split: str) -> Iterator[Picture]:
        """Yield the pictures of a split; raise ``BadInput`` for a file that is not there."""


def captions(
    folder: Path, names: Names, limit: int | None = None, scratch: Path | None = None
) -> DatasetDict:
    """Return the corpus in a folder: ``train``, ``valid`` and one key a test set.

    Args:
        folder: where the pictures are described; names may reach into its folders.
        names: splits, after the folder of their description if that lies deeper.
        limit: use at most so many training pictures.
        scratch: see ``splits.gather``.

    Raises ``BadInput`` for what is missing or broken; pictures that cannot be used are left out, and told.
    """
    there = _there(folder)

    def pictures(name: str) -> Iterator[Picture]:
        place, split = there[name]
        return place.pictures(split)

    def outlined(name: str) -> bool:
        return there[name][0].outlined()

    return gathering.corpus(names, there, str(folder), pictures, outlined, limit, scratch)


def read_from(folder: Path, names: Names) -> list[Path]:
    """Return the files that ``captions`` reads; raise ``BadInput`` for a name or a file that is not there."""
    return places.read_from(names, _there(folder), str(folder))


def _there(folder: Path) -> dict[str, tuple[Place, str]]:
    """Return every name with its place and the split there."""
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}; --data files:DIR takes a folder with a captions.jsonl")
    found: dict[str, Place] = {}
    for name in sorted(plain.names(folder, *tabular.ENDINGS)):
        below, _, called = name.rpartition("/")
        if called in MANIFESTS:
            if below in found:
                raise BadInput(f"{folder / below} has two files of captions; let there be one")
            found[below] = Manifest(folder / below, called)
    for below, called in karpathy.described(folder):
        found.setdefault(below, karpathy.Listed(folder / below, called))
    if not found:
        raise BadInput(
            f"{folder} holds no captions.jsonl, captions.tsv, captions_regions.jsonl or dataset_NAME.json; "
            "choose another folder"
        )
    there = places.named(found)
    if not there:
        raise BadInput(f"{folder} describes no picture; add rows")
    return there


def _texts(value: Any, where: str) -> list[str]:
    """Return a caption, or a list of them, maybe an empty one, as a list."""
    return [] if value == [] else tabular.texts(value, where)


def _objects(value: Any, where: str) -> list[Outlined]:
    """Return the objects that a row outlines."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadInput(f"{where} is no list of objects; each has a category, and polygons or a box")
    return [_outlined(one, f"{where}, object {place}") for place, one in enumerate(value, start=1)]


def _outlined(one: dict[str, Any], where: str) -> Outlined:
    category = plain.text(one.get("category"), f"{where}: category")
    shapes = one.get("polygons") or [one.get("box")]
    shape = (
        "polygons x, y, x, y, ... of three points or more"
        if one.get("polygons")
        else "a box left, top, right, bottom"
    )
    if not isinstance(shapes, list) or not all(_fits(each, bool(one.get("polygons"))) for each in shapes):
        raise BadInput(f"{where} has not {shape}, which are fractions of the picture's width and height")
    return Outlined(category, shapes)


def _fits(shape: Any, polygon: bool) -> bool:
    """Return whether a value is a list of as many fractions as such a shape has."""
    if not isinstance(shape, list) or not all(
        isinstance(one, float) and -_BEYOND <= one <= 1 + _BEYOND for one in shape
    ):
        return False
    if polygon:
        return len(shape) >= 6 and len(shape) % 2 == 0
    return len(shape) == 4 and shape[0] <= shape[2] and shape[1] <= shape[3]  # not left, top, width, height


_FIELDS = (
    Field(("file",)), Field(("split",)), Field(("captions", "caption"), read=_texts),
    Field(("objects",), optional=True, read=_objects),
)  # fmt: skip


class Manifest:
    """A folder with a file of rows."""

    def __init__(self, folder: Path, name: str) -> None:
        """Remember the folder, and what the file is called; nothing is read yet."""
        self.folder, self._name = folder, name
        self._named = Named(folder)

    def splits(self) -> set[str]:
        """Return the values of the field ``split``."""
        rows = tabular.table(self.folder, self._name, [Field(("split",))]).rows
        return {splits.require_name(split, where) for where, (split,) in rows}

    def outlined(self) -> bool:
        """Return whether rows say where objects are; raise ``BadInput`` for a column of a tsv file."""
        table = tabular.table(self.folder, self._name, _FIELDS)
        if table.names[3] and not _is_of_objects(table.path):
            raise BadInput(f"{table.path} has a column objects, which only a jsonl file can hold; write one")
        return bool(table.names[3])

    def pictures(self, split: str) -> Iterator[Picture]:
        """Yield the pictures of a split, each with the captions of all its rows, as first named."""
        held: dict[str, tuple[str, list[str], list[Outlined]]] = {}
        for where, (file, own, given, objects) in tabular.table(self.folder, self._name, _FIELDS).rows:
            if own == split:
                _, said, seen = held.setdefault(file, (where, [], []))
                said += [given] if isinstance(given, str) else given
                seen += [one for one in objects or [] if one not in seen]  # a row a caption has them again
        for file, (where, said, seen) in held.items():
            yield Picture(file, self._named.found(file, where).read_bytes, said, seen)

    def files(self, split: str) -> Iterator[Path]:
        """Yield the file of rows, and the files or tar files of the pictures of a split."""
        table = tabular.table(self.folder, self._name, _FIELDS[:2])
        yield table.path
        for where, (file, own) in table.rows:
            if own == split:
                found = self._named.found(file, where)
                yield found if isinstance(found, Path) else found.path


def _is_of_objects(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(".jsonl")
