# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The machine as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Optional

from ...lean_dataclass import dataclass


@dataclass(frozen=True)
class Disk:
    """Room on the file system that holds a path."""

    total_mib: int
    free_mib: int
    free_inodes: Optional[int] = None


@dataclass(frozen=True)
class ClockSeen:
    """The clock: seconds ahead of the controller's, and whether the kernel knows it to be synchronised."""

    ahead_s: Optional[float] = None
    synchronised: Optional[bool] = None


@dataclass(frozen=True)
class ProxySeen:
    """Whether apt and the environment of all sessions have a proxy (never its address), and what goes around it."""

    apt: bool = False
    sessions: bool = False
    no_proxy: tuple[str, ...] = ()


@dataclass(frozen=True)
class SelinuxSeen:
    """SELinux: disabled, permissive or enforcing, and whether a policy for containers is installed."""

    mode: str = "disabled"
    container_policy: bool = False


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
    dxg: Optional[bool] = None
    bpf_jit_harden: Optional[int] = None
    clock: Optional[ClockSeen] = None
    proxy: Optional[ProxySeen] = None
    selinux: Optional[SelinuxSeen] = None
    vendor: Optional[str] = None
    product: Optional[str] = None
    python: Optional[str] = None
    python_executable: Optional[str] = None
