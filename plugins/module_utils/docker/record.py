# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner set in daemon.json earlier: the base of the three-way merge, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass
from .errors import DaemonConfigError
from .reader import read
from .values import ABSENT, Absent, Path, same

VERSION = 1


@dataclass(frozen=True)
class OwnedLeaf:
    """One value set by an owner, what was there before it, and how deep the objects above it existed."""

    path: Path
    value: Any
    earlier: Any = ABSENT
    existing_depth: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; `earlier` is left out where nothing was there."""
        data: dict[str, Any] = {"path": list(self.path), "value": self.value, "existing_depth": self.existing_depth}
        return data if self.earlier is ABSENT else {**data, "earlier": self.earlier}


@dataclass(frozen=True)
class Record:
    """All that one owner set, the file before its first change (ABSENT: there was none), and the copies it made."""

    leaves: tuple[OwnedLeaf, ...] = ()
    original: str | Absent = ABSENT
    backups: tuple[str, ...] = ()

    def text_after(self, config: Mapping[str, Any]) -> str | Absent | None:
        """Return the text to put back when this owner lets go of everything; None where the file isn't as it was."""
        if isinstance(self.original, Absent):
            return ABSENT if config == {} else None
        return self.original if same(read(self.original.encode("utf-8"))[0], config) else None


def to_data(record: Record) -> dict[str, Any]:
    """Return the content of a record file."""
    return {
        "version": VERSION,
        "original": None if isinstance(record.original, Absent) else record.original,
        "backups": list(record.backups),
        "leaves": [leaf.to_dict() for leaf in record.leaves],
    }


def from_data(data: Any) -> Record:
    """Read the content of a record file."""
    known = isinstance(data, Mapping) and data.get("version") == VERSION and isinstance(data.get("leaves"), list)
    if not known or not all(_is_leaf(entry) for entry in data["leaves"]):
        raise DaemonConfigError("the record of earlier settings has an unknown shape")
    original = data.get("original")
    return Record(
        leaves=tuple(_leaf(entry) for entry in data["leaves"]),
        original=ABSENT if original is None else str(original),
        backups=tuple(str(name) for name in data.get("backups") or ()),
    )


def _is_leaf(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("path"), list) and bool(entry["path"])


def _leaf(entry: Mapping[str, Any]) -> OwnedLeaf:
    return OwnedLeaf(
        path=tuple(str(part) for part in entry["path"]),
        value=entry.get("value"),
        earlier=entry.get("earlier", ABSENT),
        existing_depth=int(entry.get("existing_depth", 0)),
    )
