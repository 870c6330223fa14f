# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON values: kinds, strict equality, and leaves addressed by a path of keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import DaemonConfigError

Path = tuple[str, ...]


class Absent:
    """The value of a key that isn't there; not the same as null."""


ABSENT = Absent()


def kind(value: Any) -> str:
    """Return the name of a value's JSON type as people read it."""
    if value is None or value is ABSENT:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "an object" if isinstance(value, Mapping) else "a list"


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1, the order of keys says nothing."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def shown(path: Path) -> str:
    """Return a path as people write it."""
    return ".".join(path)


def leaves(tree: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every leaf with its path; an empty object is a leaf."""
    for key, value in tree.items():
        path = (*above, str(key))
        if isinstance(value, Mapping) and value:
            yield from leaves(value, path)
        else:
            yield path, value


def get(tree: Mapping[str, Any], path: Path) -> Any:
    """Return the value at a path, or ABSENT."""
    here: Any = tree
    for key in path:
        if not isinstance(here, Mapping) or key not in here:
            return ABSENT
        here = here[key]
    return here


def depth_of_existing(tree: Mapping[str, Any], path: Path) -> int:
    """Return how many leading keys of a path lead to an object that is already there."""
    for depth in range(len(path) - 1, 0, -1):
        if isinstance(get(tree, path[:depth]), Mapping):
            return depth
    return 0


def put(tree: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value at a path and make the objects on the way; anything but an object there is replaced."""
    here = tree
    for key in path[:-1]:
        if not isinstance(here.get(key), dict):
            here[key] = {}
        here = here[key]
    here[path[-1]] = value


def drop(tree: dict[str, Any], path: Path) -> None:
    """Delete the value at a path, if it is there."""
    parent = get(tree, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)


def to_path(value: Any) -> Path:
    """Return a key path given as dotted text or as a list of keys."""
    parts = value.split(".") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not parts or not all(isinstance(p, str) and p for p in parts):
        raise DaemonConfigError(f"remove: {value!r} is no key path; write 'log-opts.max-size' or a list of keys")
    return tuple(parts)
