# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads GPUs: the PCI bus and files first, which never block, NVML last."""

from __future__ import annotations

import re

from ..node.observed.gpu import GpuFacts, PciDevice
from .look import Look
from .nvml import read_gpus
from .root import Root, Unreadable

BUS = "/sys/bus/pci/devices"
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
_LIBRARY = re.compile(r"libnvidia-ml\.so\.([0-9]+(?:\.[0-9]+)+)")


def observe_gpu(look: Look) -> GpuFacts:
    """Return the facts of the GPUs; what can't be read is noted."""
    root, seen, library = look.root, look.seen, look.nvml_library
    nvml = None
    if root.real or library is not None:
        nvml = read_gpus(library, look.nvml_deadline)
    else:
        seen.unknown("gpu.nvml", "NVML is asked on a real machine only")
    return GpuFacts(
        pci=seen.fact("gpu.pci", lambda: pci_devices(root)),
        module_version=seen.fact("gpu.module_version", lambda: root.line("/sys/module/nvidia/version")),
        nouveau=root.is_dir("/sys/module/nouveau"),
        library_versions=seen.fact("gpu.library_versions", lambda: library_versions(root)) or (),
        nvml=nvml,
    )


def pci_devices(root: Root) -> tuple[PciDevice, ...]:
    """Return NVIDIA display and 3D controllers; audio functions and NVSwitches don't count."""
    names = root.names(BUS)
    if names is None:
        raise Unreadable(f"{BUS}: no such directory")
    found: list[PciDevice] = []
    for name in names:
        vendor, kind = (root.line(f"{BUS}/{name}/{item}") or "" for item in ("vendor", "class"))
        if vendor == "0x10de" and kind.startswith(("0x0300", "0x0302")):
            device = root.line(f"{BUS}/{name}/device") or ""
            found.append(PciDevice(address=name, device=device, driver=_driver(root, name)))
    return tuple(found)


def _driver(root: Root, name: str) -> str | None:
    target = root.link(f"{BUS}/{name}/driver")
    return None if target is None else target.rsplit("/", 1)[-1]


def library_versions(root: Root) -> tuple[str, ...]:
    """Return the versions in the file names of the NVML library."""
    found = set()
    for folder in LIBRARIES:
        for name in root.names(folder) or []:
            match = _LIBRARY.fullmatch(name)
            if match:
                found.add(match.group(1))
    return tuple(sorted(found))
