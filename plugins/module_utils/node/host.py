# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the machine: platform, init system, free disk."""

from __future__ import annotations

from .judge import Judge
from .observed.host import HostFacts
from .wanted.host import HostWanted


def compare_host(judge: Judge, wanted: HostWanted) -> None:
    """Judge whether the collection supports this machine and has room on it."""
    host = judge.need("host", judge.seen.host)
    if host is None:
        return
    _platform(judge, host, wanted)
    _architecture(judge, host, wanted)
    if wanted.systemd and judge.need("host.systemd", host.systemd) is False:
        fix = (
            "set 'systemd=true' below [boot] in /etc/wsl.conf and restart WSL"
            if host.wsl
            else "use a machine booted by systemd"
        )
        judge.refuse("SYS002", "init system", "PID 1 is not systemd", "systemd", fix)
    for path, needed in sorted(wanted.free_mib.items()):
        disk = judge.need(f"host.disks.{path}", host.disks.get(path))
        if disk is not None and disk.free_mib < needed:
            judge.refuse(
                "SYS005",
                path,
                f"{disk.free_mib} MiB free of {disk.total_mib} MiB",
                f"{needed} MiB free",
                f"free or add {needed - disk.free_mib} MiB below {path}",
                free_mib=disk.free_mib,
                needed_mib=needed,
            )


def _platform(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    os_id = judge.need("host.os_id", host.os_id)
    if os_id is None:
        return
    table = ", ".join(f"{name} {'/'.join(versions)}" for name, versions in sorted(wanted.platforms.items()))
    if (host.version_id or "") not in wanted.platforms.get(os_id, ()):
        found = f"{os_id} {host.version_id or '(no VERSION_ID)'}"
        judge.refuse(
            "SYS002",
            "operating system",
            found,
            f"one of: {table}",
            "use one of the listed platforms",
            source="/etc/os-release",
        )


def _architecture(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    arch = judge.need("host.arch", host.arch)
    if arch is not None and arch not in wanted.architectures:
        judge.refuse(
            "SYS002", "architecture", arch, " or ".join(wanted.architectures), "use a machine of that architecture"
        )
