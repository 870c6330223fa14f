# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests instead of the values of a daemon.json, which may hold passwords; a merge of both comes to the same end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from .record import OwnedLeaf
from .values import ABSENT, Path, leaves

# A whole number that JSON and every reader of it keep exactly.
_HEX_OF_NUMBER = 12


def digested(value: Any) -> Any:
    """Return something of the same JSON type that is equal for equal values; true, false, null and {} stay."""
    if value is None or value is ABSENT or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): digested(part) for key, part in value.items()}
    text = hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8")).hexdigest()
    if isinstance(value, str):
        return text
    return int(text[:_HEX_OF_NUMBER], 16) if isinstance(value, (int, float)) else [text]


def seen_through(tree: Mapping[str, Any], named: Collection[Path], above: Path = ()) -> dict[str, Any]:
    """Return a configuration with the named leaves digested, and of all other values the type only."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        path = (*above, str(key))
        if isinstance(value, Mapping) and value:
            found[str(key)] = seen_through(value, named, path)
        else:
            found[str(key)] = digested(value) if path in named else _empty(value)
    return found


def digested_leaf(leaf: OwnedLeaf) -> OwnedLeaf:
    """Return what an owner remembers of a leaf, without its values."""
    return OwnedLeaf(leaf.path, digested(leaf.value), digested(leaf.earlier), leaf.existing_depth)


def paths_of(*trees: Mapping[str, Any]) -> set[Path]:
    """Return the paths of all leaves."""
    return {path for tree in trees for path, dummy in leaves(tree)}


def _empty(value: Any) -> Any:
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return 0
    if isinstance(value, str):
        return ""
    return [] if isinstance(value, list) else value
