# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The machine as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Disk:
    """Room on the file system that holds a path."""

    total_mib: int
    free_mib: int
    free_inodes: Optional[int] = None


@dataclass(frozen=True)
class HostFacts:
    """The machine and its operating system."""

    os_id: Optional[str] = None
    version_id: Optional[str] = None
    codename: Optional[str] = None
    arch: Optional[str] = None
    kernel: Optional[str] = None
    systemd: Optional[bool] = None
    cgroup_version: Optional[int] = None
    cpus: Optional[int] = None
    memory_mib: Optional[int] = None
    disks: Mapping[str, Disk] = field(default_factory=dict)
    wsl: Optional[bool] = None
    vendor: Optional[str] = None
    python: Optional[str] = None
    python_executable: Optional[str] = None
