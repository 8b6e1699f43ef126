"""Where examples come from: generated here, plain files, or a data hub.

A corpus is a ``datasets.DatasetDict`` with ``train``, ``valid`` and one key a test set. Its columns are told
by the sub-package of its task.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnbench.errors import BadInput, is_utf8, require_known
from attnbench.machine.files import read_json
from attnbench.machine.places import named

if TYPE_CHECKING:
    from datasets import Dataset, Value

ABOUT = "about.json"
"""In a prepared corpus' folder: its fingerprint, revision, sizes and licence."""

KINDS = ("embedded", "files", "hub")

_LONGEST = 100
"""Bytes of a slug; a file system takes names of 255."""

_HUB = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(:(?P<config>[^:@\s]+))?(@(?P<revision>[^@\s]+))?")


@dataclass(frozen=True)
class Source:
    """What ``--data`` names."""

    kind: str
    """``embedded``, ``files`` or ``hub``."""
    location: str
    """A folder, or ``OWNER/NAME[:CONFIG][@REVISION]``; empty for ``embedded``."""
    slug: str
    """A name for folders, such as ``files-multi30k``."""

    @property
    def text(self) -> str:
        """What ``--data`` was, without the folders above a ``files:`` folder."""
        if self.kind == "files":
            return f"files:{_name(self.location)}"
        return f"{self.kind}:{self.location}" if self.location else self.kind


@dataclass(frozen=True)
class HubReference:
    """A data set on the hub."""

    repository: str
    config: str | None
    revision: str | None


def parse(data: str) -> Source:
    """Return what ``embedded``, ``files:DIR`` or ``hub:OWNER/NAME[:CONFIG][@REVISION]`` names.

    Raises ``BadInput`` for anything else.
    """
    kind, colon, location = data.partition(":")
    if not is_utf8(data):
        raise BadInput(f"--data {data!r} is not UTF-8; rename the folder, or make a link to it")
    require_known("kind of data", kind, KINDS)
    if kind == "embedded":
        if colon:
            raise BadInput(f"--data {data!r}: embedded takes nothing after it; write --data embedded")
        return Source(kind, "", kind)
    if kind == "hub":
        parse_hub(location)
        return Source(kind, location, _slug(data))
    if not location:
        raise BadInput("--data 'files' names no folder; write --data files:DIR")
    folder = named(location)
    return Source(kind, str(folder), _slug(f"files-{_name(str(folder))}"))


def parse_hub(location: str) -> HubReference:
    """Return the parts of ``OWNER/NAME[:CONFIG][@REVISION]``; raise ``BadInput`` for anything else."""
    match = _HUB.fullmatch(location)
    if not match:
        raise BadInput(
            f"hub:{location} is not hub:OWNER/NAME[:CONFIG][@REVISION], such as hub:wmt/wmt14:fr-en"
        )
    return HubReference(match["repository"], match["config"], match["revision"])


def _name(folder: str) -> str:
    """Return the name of a folder, or of the one that it links to, so that it can be printed."""
    name = Path(os.path.realpath(folder)).name  # a link to itself is no error here
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)  # a lone surrogate is not


def _slug(text: str) -> str:
    """Return a text as a name of letters, digits, ``_``, ``-`` and ``.``, of 100 bytes at most.

    It ends in a hash of the text where it was cut, or where nothing is left beside the kind of data.
    """
    slug = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", text)).strip("-.")
    if slug not in KINDS and len(slug.encode()) <= _LONGEST:
        return slug
    short = slug.encode()[: _LONGEST - 9].decode(errors="ignore")
    return f"{short}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def about(folder: Path) -> dict[str, Any]:
    """Return what a prepared corpus' folder says of it."""
    told: dict[str, Any] = read_json(folder / ABOUT)
    return told


def fingerprint(corpus: Mapping[str, Dataset]) -> str:
    """Return 16 hex digits that name the content: every column of every example, split by split.

    How it was loaded, and the order of columns and splits, do not matter; the order of examples does. Bytes
    count by their hash.
    """
    sha = hashlib.sha256()
    for split in sorted(corpus):
        dataset = corpus[split].with_format(None)
        columns = sorted(dataset.column_names)
        sha.update(json.dumps([split, len(dataset), columns]).encode())
        rows = 50 if any(one.dtype.endswith("binary") for one in _values(dataset)) else 1000
        for start in range(0, len(dataset), rows):
            batch = dataset[start : start + rows]
            values = [batch[column] for column in columns]
            sha.update(json.dumps(values, separators=(",", ":"), default=_hash).encode())
    return sha.hexdigest()[:16]


def _values(dataset: Dataset) -> list[Value]:
    """Return the features of the columns that hold one value in each row."""
    from datasets import Value

    return [one for one in dataset.features.values() if isinstance(one, Value)]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
