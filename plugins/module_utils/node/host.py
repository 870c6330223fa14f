# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the machine: platform and init system. Room, kernel, clock and proxies are in files of their own."""

from __future__ import annotations

from .host_clock import compare_clock
from .host_kernel import compare_kernel
from .host_proxy import compare_proxies
from .host_room import compare_room
from .judge import Judge
from .model import WARNING
from .observed.host import HostFacts
from .wanted.host import HostWanted

# Folders of version managers, whose python3 depends on user and folder.
_MANAGERS = ("/shims/", "/.pyenv/", "/.asdf/", "/mise/", "/.rye/")
# Names that clouds put into the machine's firmware. Azure's are Microsoft's, but so are those of Hyper-V.
_CLOUDS = (
    "Amazon EC2",
    "Google",
    "Alibaba Cloud",
    "DigitalOcean",
    "Hetzner",
    "OpenStack Foundation",
    "Scaleway",
    "Vultr",
)


def compare_host(judge: Judge, wanted: HostWanted) -> None:
    """Judge whether the collection supports this machine and has room on it."""
    host = judge.need("host", judge.seen.host)
    if host is None:
        return
    _platform(judge, host, wanted)
    _architecture(judge, host, wanted)
    _init(judge, host, wanted)
    compare_room(judge, host, wanted)
    compare_kernel(judge, host, wanted)
    compare_clock(judge, host, wanted)
    if wanted.thorough:
        _interpreter(judge, host)
        compare_proxies(judge, host, wanted)
        _cloud(judge, host)


def _platform(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    os_id = judge.need("host.os_id", host.os_id)
    if os_id is None:
        return
    table = ", ".join(f"{name} {'/'.join(versions)}" for name, versions in sorted(wanted.platforms.items()))
    if (host.version_id or "") not in wanted.platforms.get(os_id, ()):
        found = f"{os_id} {host.version_id or '(no VERSION_ID)'}"
        fix = "use one of the listed platforms"
        judge.refuse("SYS002", "operating system", found, f"one of: {table}", fix, source="/etc/os-release")


def _architecture(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    arch = judge.need("host.arch", host.arch)
    if arch is not None and arch not in wanted.architectures:
        wants = " or ".join(wanted.architectures)
        judge.refuse("SYS002", "architecture", arch, wants, "use a machine of that architecture", arch=arch)


def _init(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    if not wanted.systemd or judge.need("host.systemd", host.systemd) is not False:
        return
    fix = "use a machine booted by systemd"
    if host.wsl:
        fix = "set 'systemd=true' below [boot] in /etc/wsl.conf and restart WSL"
    judge.refuse("SYS002", "init system", "PID 1 is not systemd", "systemd", fix, systemd=False, wsl=host.wsl)


def _interpreter(judge: Judge, host: HostFacts) -> None:
    """SYS001: this module runs, so the stub works for this user and folder; for others it may not."""
    path = judge.need("host.python_executable", host.python_executable)
    if path is not None and any(part in path for part in _MANAGERS):
        wants = "the system's interpreter, /usr/bin/python3"
        judge.milder(WARNING, "SYS001", "Python interpreter", path, wants, path=path)


def _cloud(judge: Judge, host: HostFacts) -> None:
    """SYS010: a container or an odd board names no vendor, and nothing depends on it."""
    rented = host.vendor in _CLOUDS or (host.vendor, host.product) == ("Microsoft Corporation", "Virtual Machine")
    if rented:
        found = f"a rented machine of {host.vendor}"
        judge.tell("SYS010", "machine", found, "a machine of your own, or a managed cluster", vendor=host.vendor)
