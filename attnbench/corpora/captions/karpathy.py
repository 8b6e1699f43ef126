"""Pictures as Andrej Karpathy split and listed them: ``dataset_flickr8k.json``, ``dataset_coco.json``.

The file has an object with a list ``images``. Each has ``filename``; in COCO's also ``filepath``, its folder;
``split``, which is train, val, test or, in COCO's, restval; and ``sentences``, each with the text ``raw``.
The pictures lie beside the file, in folders there, or in plain tar files there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from attnbench.corpora import plain, splits
from attnbench.corpora.captions.gathering import Picture
from attnbench.corpora.named_files import Member, Named
from attnbench.errors import BadInput

_BEGUN, _ENDING = "dataset_", "json"


def described(folder: Path) -> list[tuple[str, str]]:
    """Return the folders that hold such a file, relative to this one, and what it is called there.

    Raises ``BadInput`` for a folder that holds two.
    """
    found: dict[str, str] = {}
    for name in sorted(plain.names(folder, _ENDING)):
        below, _, called = name.rpartition("/")
        if not called.startswith(_BEGUN):
            continue
        if below in found:
            raise BadInput(
                f"{folder / below} holds {found[below]}.json and {called}.json; give each a folder of its own"
            )
        found[below] = called
    return list(found.items())


class _Listing(NamedTuple):
    """What the file says of a picture."""

    where: str
    folder: str
    file: str
    split: str
    captions: list[str]


class Listed:
    """A folder with such a file."""

    def __init__(self, folder: Path, name: str) -> None:
        """Remember the folder, and what the file is called; nothing is read yet."""
        self.folder, self._name = folder, name
        self._named = Named(folder, deeper=True)

    def splits(self) -> set[str]:
        """Return the splits that pictures are in."""
        return {one.split for one in self._images}

    def outlined(self) -> bool:
        """Return that it does not say where objects are."""
        return False

    def pictures(self, split: str) -> Iterator[Picture]:
        """Yield the pictures of a split; raise ``BadInput`` for a file that is not there."""
        for one in self._images:
            if one.split == split:
                yield Picture(one.file, self._found(one).read_bytes, one.captions)

    def files(self, split: str) -> Iterator[Path]:
        """Yield the file, and the files or tar files of the pictures of a split."""
        yield self._path
        for one in self._images:
            if one.split == split:
                found = self._found(one)
                yield found if isinstance(found, Path) else found.path

    @cached_property
    def _path(self) -> Path:
        path = plain.find(self.folder, self._name, _ENDING)
        if path is None:
            raise BadInput(f"{self.folder / self._name}.json is no longer there; put it back")
        return path

    @cached_property
    def _images(self) -> list[_Listing]:
        try:
            held = json.loads("\n".join(plain.lines(self._path)))
            images = list(held["images"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadInput(f"{self._path} is no JSON object with a list images; fetch it again") from None
        return [_listing(one, f"{self._path} image {place}") for place, one in enumerate(images, start=1)]

    def _found(self, one: _Listing) -> Path | Member:
        """Return the picture's file: in the folder that the file names, else wherever it has that name."""
        whole = f"{one.folder}/{one.file}" if one.folder else one.file
        try:
            return self._named.found(whole, one.where)
        except BadInput:
            if found := self._named.find(one.file):
                return found
            raise


def _listing(image: Any, where: str) -> _Listing:
    """Return what is needed of an entry; raise ``BadInput`` for one that lacks it."""
    try:
        folder, file, split = (
            plain.text(image.get("filepath", ""), where),
            image["filename"],
            image["split"],
        )
        captions = [plain.text(one["raw"], f"{where}: raw") for one in image["sentences"]]
    except (AttributeError, KeyError, TypeError):
        raise BadInput(
            f"{where} lacks filename, split, or sentences with raw; fetch the file again"
        ) from None
    split = splits.require_name(plain.text(split, f"{where}: split"), where)
    return _Listing(where, folder, plain.text(file, f"{where}: filename"), split, captions)
