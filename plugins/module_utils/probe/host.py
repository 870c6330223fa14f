# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the machine: operating system, kernel, CPUs, memory, disks."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Sequence

from ..node.observed.host import Disk, HostFacts
from . import host_settings
from .disk import disk_of
from .look import Look
from .root import Root, Unreadable
from .seen import Seen
from .systemd import booted

_QUOTED = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)


def observe_host(look: Look) -> HostFacts:
    """Return the facts of the machine; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["host"]
    paths = sorted({"/", "/var/lib", *wanted.free_mib})
    release = seen.fact("host.os_id", lambda: os_release(root)) or {}
    kernel = seen.fact("host.kernel", lambda: root.line("/proc/sys/kernel/osrelease"))
    thorough = wanted.thorough
    return HostFacts(
        os_id=release.get("ID"),
        version_id=release.get("VERSION_ID"),
        codename=release.get("VERSION_CODENAME"),
        arch=platform.machine(),
        kernel=kernel,
        systemd=seen.fact("host.systemd", lambda: booted(root)),
        cgroup_version=seen.fact("host.cgroup_version", lambda: cgroup_version(root)),
        cpus=seen.fact("host.cpus", lambda: cpus(root)),
        memory_mib=seen.fact("host.memory_mib", lambda: memory_mib(root)),
        disks=disks(root, seen, paths, look.deadline),
        wsl=None if kernel is None else "microsoft" in kernel.lower(),
        dxg=root.exists("/dev/dxg"),
        bpf_jit_harden=seen.fact("host.bpf_jit_harden", lambda: host_settings.bpf_jit_harden(root))
        if thorough or wanted.gpu_cluster
        else None,
        clock=host_settings.clock(look),
        proxy=host_settings.proxies(root, seen) if thorough else None,
        selinux=seen.fact("host.selinux", lambda: host_settings.selinux(root)) if thorough else None,
        vendor=seen.fact("host.vendor", lambda: root.line("/sys/class/dmi/id/sys_vendor")),
        product=seen.fact("host.product", lambda: root.line("/sys/class/dmi/id/product_name")),
        python=platform.python_version(),
        python_executable=sys.executable,
    )


def os_release(root: Root) -> dict[str, str]:
    """Return the variables of os-release."""
    text = root.read("/etc/os-release") or root.read("/usr/lib/os-release")
    if text is None:
        raise Unreadable("/etc/os-release: no such file")
    return {key: value.strip().strip("\"'") for key, value in _QUOTED.findall(text)}


def cgroup_version(root: Root) -> int:
    """Return 2 for the unified hierarchy, 1 for the old ones."""
    if not root.is_dir("/sys/fs/cgroup"):
        raise Unreadable("/sys/fs/cgroup: not mounted")
    return 2 if root.exists("/sys/fs/cgroup/cgroup.controllers") else 1


def cpus(root: Root) -> int:
    """Return the CPUs that this process may use: a container's share, not the board's."""
    if root.real and hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    text = root.read("/proc/cpuinfo")
    count = len(re.findall(r"^processor\s*:", text or "", re.MULTILINE))
    if count == 0:
        raise Unreadable("/proc/cpuinfo names no processor")
    return count


def memory_mib(root: Root) -> int:
    """Return the machine's memory."""
    match = re.search(r"^MemTotal:\s+([0-9]+) kB", root.read("/proc/meminfo") or "", re.MULTILINE)
    if match is None:
        raise Unreadable("/proc/meminfo has no MemTotal")
    return int(match.group(1)) >> 10


def disks(root: Root, seen: Seen, paths: Sequence[str], deadline: float) -> dict[str, Disk]:
    """Return the room below each path; a path that does not exist yet counts as its nearest parent."""
    found: dict[str, Disk] = {}
    for path in paths:
        disk = seen.fact(f"host.disks.{path}", lambda path=path: disk_of(root, path, deadline))  # type: ignore[misc]
        if disk is not None:
            found[path] = disk
    return found
