# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The container engine as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Optional

from ...lean_dataclass import dataclass
from .host import Disk
from .shared import FileSeen, Unit


@dataclass(frozen=True)
class OwnedSeen:
    """A leaf of daemon.json that a role set, with digests of its value and of the earlier one, if one was there."""

    path: tuple[str, ...]
    value: Any = None
    earlier: Any = None
    was_there: bool = False
    depth: int = 0


@dataclass(frozen=True)
class DaemonConfig:
    """The engine's daemon.json: whether it parses, and what it names, never its values.

    Attributes:
        owned: keys that role docker set.
        settings: the file's tree; leaves that the roles name are digests, of all others only the type is kept.
        records: what each role remembers of the keys that it set, by role.
        backup: the newest copy of a role's that can be read, where the file itself can't.
        newer: the file changed after the engine had started.
    """

    exists: bool = False
    valid: bool = True
    error: Optional[str] = None
    line: Optional[int] = None
    column: Optional[int] = None
    keys: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    default_runtime: Optional[str] = None
    settings: Any = None
    records: Mapping[str, tuple[OwnedSeen, ...]] = field(default_factory=dict)
    backup: Optional[str] = None
    newer: bool = False


@dataclass(frozen=True)
class DueSeen:
    """What the engine has not taken over from the disk.

    Attributes:
        kind: none, start, reload or restart.
        reloadable: part of it that a reload brings, where a restart is due.
        containers: names of those that run; only looked up when a restart is due, None where they can't be listed.
    """

    kind: str = "none"
    reasons: tuple[str, ...] = ()
    reloadable: bool = False
    containers: Optional[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Engine:
    """What the daemon behind the socket says of itself; of its proxy only whether there is one.

    Attributes:
        disk: room at root_dir, where that is another folder than the one that was expected.
    """

    version: Optional[str] = None
    operating_system: Optional[str] = None
    components: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    default_runtime: Optional[str] = None
    security_options: tuple[str, ...] = ()
    root_dir: Optional[str] = None
    disk: Optional[Disk] = None
    cgroup_driver: Optional[str] = None
    storage_driver: Optional[str] = None
    containers_running: Optional[int] = None
    proxy: Optional[bool] = None
    no_proxy: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DockerFacts:
    """Container engines on the machine.

    Attributes:
        socket: answers, absent, refused, silent, denied or broken; stopped: nobody was asked, for that would start it.
        users: of each user that is to be in group docker, whether the machine has an account of that name.
    """

    packages: Optional[Mapping[str, str]] = None
    snap: Optional[bool] = None
    desktop_context: Optional[bool] = None
    socket: Optional[str] = None
    engine: Optional[Engine] = None
    config: Optional[DaemonConfig] = None
    unit: Optional[Unit] = None
    group_members: Optional[tuple[str, ...]] = None
    cluster_accounts: tuple[str, ...] = ()
    users: Optional[Mapping[str, bool]] = None
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    due: Optional[DueSeen] = None
