# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what a role owns of daemon.json with the file: the very merge of docker_daemon_config, over digests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..docker.errors import DaemonConfigError
from ..docker.merge import Current, Plan, make_plan
from ..docker.record import OwnedLeaf
from ..docker.values import ABSENT, Path, get, leaves, same, shown
from ..lean_dataclass import dataclass
from .observed.docker import DaemonConfig, OwnedSeen

RECORD = "the record of earlier values"


@dataclass(frozen=True)
class Differences:
    """Dotted keys by their top-level key.

    Attributes:
        lost: the role has set them, and another program has changed or removed them.
        due: they differ for any other reason.
        error: why they can't be merged into this file.
    """

    lost: Mapping[str, tuple[str, ...]]
    due: Mapping[str, tuple[str, ...]]
    error: str = ""


def differences(config: DaemonConfig, owner: str, settings: Mapping[str, Any]) -> Differences:
    """Return what a merge would change in the file or in what the owner remembers.

    Args:
        config: the file as it was seen.
        owner: the role.
        settings: what it wants, the leaves as digests.
    """
    owned = tuple(owned_leaf(leaf) for leaf in config.records.get(owner, ()))
    file: Mapping[str, Any] = config.settings or {}
    try:
        plan = make_plan(Current("", file, {}), settings, (), owned)
    except DaemonConfigError as error:
        return Differences({}, {}, error.reason)
    lost, due = _changes(file, plan, {leaf.path: leaf for leaf in owned})
    forgotten = [] if lost or due else _forgotten(plan, owned)
    if forgotten:
        due[RECORD] = forgotten
    return Differences({k: tuple(v) for k, v in lost.items()}, {k: tuple(v) for k, v in due.items()})


def lost_keys(config: DaemonConfig, owner: str) -> dict[str, tuple[str, ...]]:
    """Return the keys that an owner has set and that are no longer in the file as it set them, by top-level key."""
    found: dict[str, tuple[str, ...]] = {}
    for leaf in config.records.get(owner, ()):
        if not same(get(config.settings or {}, leaf.path), leaf.value):
            found[leaf.path[0]] = (*found.get(leaf.path[0], ()), shown(leaf.path))
    return found


def owned_leaf(leaf: OwnedSeen) -> OwnedLeaf:
    """Return the leaf as the merge knows it."""
    return OwnedLeaf(leaf.path, leaf.value, leaf.earlier if leaf.was_there else ABSENT, leaf.depth)


def _changes(
    file: Mapping[str, Any], plan: Plan, owned: Mapping[Path, OwnedLeaf]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    lost: dict[str, list[str]] = {}
    due: dict[str, list[str]] = {}
    before, after = dict(leaves(file)), dict(leaves(plan.config))
    for path in sorted({**before, **after}):
        wanted = after.get(path, ABSENT)
        if same(before.get(path, ABSENT), wanted):
            continue
        known = owned.get(path)
        place = lost if known is not None and same(known.value, wanted) else due
        place.setdefault(path[0], []).append(shown(path))
    return lost, due


def _forgotten(plan: Plan, owned: tuple[OwnedLeaf, ...]) -> list[str]:
    """Return leaves that the record lacks, or has although they are no longer wanted, or has with another value."""
    now = {leaf.path: leaf.value for leaf in plan.leaves}
    then = {leaf.path: leaf.value for leaf in owned}
    paths = sorted({**now, **then})
    return [shown(path) for path in paths if not same(now.get(path, ABSENT), then.get(path, ABSENT))]
