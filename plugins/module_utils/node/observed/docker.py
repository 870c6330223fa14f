# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The container engine as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from .shared import Unit


@dataclass(frozen=True)
class DaemonConfig:
    """The engine's daemon.json: whether it parses, and what it names (never its values); owned: set by role docker."""

    exists: bool = False
    valid: bool = True
    error: Optional[str] = None
    line: Optional[int] = None
    column: Optional[int] = None
    keys: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    default_runtime: Optional[str] = None


@dataclass(frozen=True)
class Engine:
    """What the daemon behind the socket says of itself; of its proxy only whether there is one."""

    version: Optional[str] = None
    operating_system: Optional[str] = None
    components: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    default_runtime: Optional[str] = None
    security_options: tuple[str, ...] = ()
    root_dir: Optional[str] = None
    cgroup_driver: Optional[str] = None
    storage_driver: Optional[str] = None
    containers_running: Optional[int] = None
    proxy: Optional[bool] = None
    no_proxy: tuple[str, ...] = ()


@dataclass(frozen=True)
class DockerFacts:
    """Container engines on the machine."""

    packages: Optional[Mapping[str, str]] = None
    snap: Optional[bool] = None
    desktop_context: Optional[bool] = None
    socket: Optional[str] = None
    engine: Optional[Engine] = None
    config: Optional[DaemonConfig] = None
    unit: Optional[Unit] = None
    group_members: Optional[tuple[str, ...]] = None
