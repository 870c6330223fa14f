# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three-way merge: what was set earlier, what the file holds now, what is wanted."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..lean_dataclass import dataclass
from .errors import DaemonConfigError
from .reader import position
from .record import OwnedLeaf
from .values import ABSENT, Path, depth_of_existing, drop, get, kind, leaves, put, same, shown

# Options that dockerd takes over on SIGHUP; any other one needs a restart.
RELOADED = frozenset(
    (
        "allow-nondistributable-artifacts",
        "authorization-plugins",
        "debug",
        "default-runtime",
        "features",
        "insecure-registries",
        "labels",
        "live-restore",
        "max-concurrent-downloads",
        "max-concurrent-uploads",
        "max-download-attempts",
        "registry-mirrors",
        "runtimes",
        "shutdown-timeout",
    )
)


@dataclass(frozen=True)
class Current:
    """The file as it is: its text, its object and the offset of each value."""

    text: str
    config: Mapping[str, Any]
    places: Mapping[Path, int]


@dataclass(frozen=True)
class Plan:
    """The configuration to write, what differs from the file, and what its owner owns from now on."""

    config: dict[str, Any]
    changed_keys: tuple[str, ...]
    leaves: tuple[OwnedLeaf, ...]

    @property
    def changed(self) -> bool:
        """True when the file must be written."""
        return bool(self.changed_keys)

    @property
    def reload_keys(self) -> tuple[str, ...]:
        """Changed keys that dockerd takes over on SIGHUP."""
        return tuple(key for key in self.changed_keys if key.split(".")[0] in RELOADED)

    @property
    def restart_keys(self) -> tuple[str, ...]:
        """Changed keys that dockerd reads at its start only."""
        return tuple(key for key in self.changed_keys if key.split(".")[0] not in RELOADED)


def make_plan(
    current: Current,
    settings: Mapping[str, Any],
    remove: Sequence[Path] = (),
    owned: Sequence[OwnedLeaf] = (),
) -> Plan:
    """Merge the wanted settings into the file; keys that nobody names here stay as they are."""
    wanted = dict(leaves(settings))
    check_wanted(wanted, remove)
    check_kinds(current, wanted)
    config: dict[str, Any] = copy.deepcopy(dict(current.config))
    for leaf in owned:
        if leaf.path not in wanted:
            release(config, leaf)
    for path in remove:
        drop(config, path)
    for path, value in wanted.items():
        if not (value == {} and isinstance(get(config, path), Mapping)):
            put(config, path, copy.deepcopy(value))
    return Plan(config, changed_keys(current.config, config), now_owned(current.config, wanted, owned))


def check_wanted(wanted: Mapping[Path, Any], remove: Iterable[Path]) -> None:
    """Refuse settings that say nothing or contradict the list of keys to remove."""
    for path, value in wanted.items():
        if value is None:
            raise DaemonConfigError(f"settings: {shown(path)} is null; name it under remove to delete it")
    for gone in remove:
        for path in wanted:
            if path[: len(gone)] == gone or gone[: len(path)] == path:
                raise DaemonConfigError(f"{shown(gone)} is listed under remove and set under settings")


def check_kinds(current: Current, wanted: Mapping[Path, Any]) -> None:
    """Refuse to replace a value of somebody else's by one of another type: one of the two is a mistake."""
    for path, value in wanted.items():
        steps = [(path[:depth], "an object") for depth in range(1, len(path))] + [(path, kind(value))]
        for step, needed in steps:
            found = kind(get(current.config, step))
            if found not in ("nothing", needed):
                line, column = position(current.text, current.places.get(step, 0))
                raise DaemonConfigError(f"{shown(step)} is {found} here, {needed} is wanted", line, column)


def release(config: dict[str, Any], leaf: OwnedLeaf) -> None:
    """Give back a value that is no longer wanted, unless somebody else changed it in the meantime."""
    if not same(get(config, leaf.path), leaf.value):
        return
    if leaf.earlier is not ABSENT:
        put(config, leaf.path, copy.deepcopy(leaf.earlier))
        return
    drop(config, leaf.path)
    for depth in range(len(leaf.path) - 1, leaf.existing_depth, -1):
        if get(config, leaf.path[:depth]) != {}:
            return
        drop(config, leaf.path[:depth])


def now_owned(
    config: Mapping[str, Any], wanted: Mapping[Path, Any], owned: Sequence[OwnedLeaf]
) -> tuple[OwnedLeaf, ...]:
    """Return what to remember: the first earlier value of each wanted leaf stays for ever."""
    known = {leaf.path: leaf for leaf in owned}
    kept: list[OwnedLeaf] = []
    for path, value in wanted.items():
        old = known.get(path)
        if old is None:
            kept.append(OwnedLeaf(path, value, get(config, path), depth_of_existing(config, path)))
        else:
            kept.append(OwnedLeaf(path, value, old.earlier, old.existing_depth))
    return tuple(kept)


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the dotted names of all leaves that differ."""
    old, new = dict(leaves(before)), dict(leaves(after))
    paths = {**old, **new}
    return tuple(sorted({shown(p) for p in paths if not same(old.get(p, ABSENT), new.get(p, ABSENT))}))
