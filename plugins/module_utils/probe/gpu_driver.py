# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the driver from files: its module, its library, its packages, and what keeps it from being loaded."""

from __future__ import annotations

import re

from ..node.observed.gpu import DriverPackage, Upgrades
from . import apt_conf, dpkg
from .root import Root, Unreadable

LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/local/nvidia/lib64",  # a driver mounted into a machine, as managed clusters do
    "/usr/lib/wsl/lib",
)
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
_LIBRARY = re.compile(r"libnvidia-ml\.so\.([0-9]+(?:\.[0-9]+)+)")
_MODULE = re.compile(r"(^|/)nvidia(-current)?\.ko[.a-z]*:", re.MULTILINE)
# Packages that hold a part of the driver, as Debian, Ubuntu and NVIDIA name them; none of the container toolkit.
PACKAGES = re.compile(
    r"(nvidia-(driver|dkms|kernel|utils|compute|open)|libnvidia-(compute|gl|cfg1|decode|encode|extra|fbc1|common|ml1)"
    r"|linux-(modules|objects)-nvidia|xserver-xorg-video-nvidia|firmware-nvidia|libcuda1|cuda-drivers)"
)


def flavour(root: Root) -> str | None:
    """Return open or proprietary for the loaded module; the layouts of this file differ in everything else."""
    text = root.read("/proc/driver/nvidia/version")
    if text is None:
        raise Unreadable("/proc/driver/nvidia/version: no such file")
    return "open" if "Open Kernel" in text else "proprietary"


def secure_boot(root: Root) -> bool:
    """Return whether the firmware lets signed modules only run; a machine without EFI has no such thing."""
    data = root.read_bytes(SECURE_BOOT)  # four bytes of attributes, then the value
    return data is not None and data[4:5] == b"\x01"


def module_built(root: Root) -> bool | None:
    """Return whether the running kernel has a module nvidia; None where its modules are not there, as in containers."""
    kernel = root.line("/proc/sys/kernel/osrelease")
    known = None if kernel is None else root.read(f"/lib/modules/{kernel}/modules.dep")
    return None if known is None else _MODULE.search(known) is not None


def library_versions(root: Root) -> tuple[str, ...]:
    """Return the versions in the file names of the NVML library."""
    found = set()
    for folder in LIBRARIES:
        for name in root.names(folder) or []:
            match = _LIBRARY.fullmatch(name)
            if match:
                found.add(match.group(1))
    return tuple(sorted(found))


def packages(root: Root) -> tuple[DriverPackage, ...]:
    """Return the packages of the driver; held ones keep their version."""
    held = dpkg.held(root)
    known = sorted((name, version) for name, version in dpkg.installed(root).items() if PACKAGES.match(name))
    return tuple(DriverPackage(name, version, name in held) for name, version in known)


def upgrades(root: Root) -> Upgrades:
    """Return whether unattended upgrades run, and what they leave alone."""
    known = apt_conf.settings(root)
    period = apt_conf.last(known, "apt::periodic::unattended-upgrade")
    there = bool(dpkg.installed(root, ["unattended-upgrades"]))
    excluded = tuple(value for name, value in known if name == "unattended-upgrade::package-blacklist")
    return Upgrades(there and period not in ("", "0"), excluded)
