# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads GPUs: the PCI bus and files first, which never block, NVML last."""

from __future__ import annotations

import re
from dataclasses import replace

from ..gpu.model import GpuReport
from ..node.observed.gpu import FabricManager, GpuFacts, PciDevice
from . import dpkg, gpu_driver
from .gpu_holders import holders
from .look import Look
from .nvml import read_gpus
from .root import Root, Unreadable
from .systemd import units

BUS = "/sys/bus/pci/devices"
NVIDIA = "0x10de"
GPUS = ("0x0300", "0x0302")
NVSWITCHES = ("0x0680",)
FABRIC_PACKAGE = re.compile(r"nvidia-fabricmanager(-[0-9]+)?")


def observe_gpu(look: Look) -> GpuFacts:
    """Return the facts of the GPUs; what can't be read is noted."""
    facts = _files(look)
    if facts.nvswitches:
        facts = replace(facts, fabric=look.seen.fact("gpu.fabric", lambda: fabric_manager(look)))
    nvml = _nvml(look)
    if nvml is None or not look.wanted["gpu"].thorough:
        return replace(facts, nvml=nvml)
    return replace(facts, nvml=nvml, holders=look.seen.fact("gpu.holders", lambda: holders(look.root, nvml)))


def _files(look: Look) -> GpuFacts:
    """Return what files tell; why no driver is loaded is asked only where none is, or by the doctor."""
    root, seen = look.root, look.seen
    version = seen.fact("gpu.module_version", lambda: root.line("/sys/module/nvidia/version"))
    thorough = look.wanted["gpu"].thorough
    why = thorough or version is None
    return GpuFacts(
        pci=seen.fact("gpu.pci", lambda: pci_devices(root)),
        module_version=version,
        flavour=seen.fact("gpu.flavour", lambda: gpu_driver.flavour(root)) if version is not None else None,
        nouveau=root.is_dir("/sys/module/nouveau"),
        secure_boot=seen.fact("gpu.secure_boot", lambda: gpu_driver.secure_boot(root)) if why else None,
        module_built=seen.fact("gpu.module_built", lambda: gpu_driver.module_built(root)) if why else None,
        library_versions=seen.fact("gpu.library_versions", lambda: gpu_driver.library_versions(root)) or (),
        packages=seen.fact("gpu.packages", lambda: gpu_driver.packages(root)) if thorough else None,
        upgrades=seen.fact("gpu.upgrades", lambda: gpu_driver.upgrades(root)) if thorough else None,
        nvswitches=seen.fact("gpu.nvswitches", lambda: len(on_bus(root, NVSWITCHES))),
    )


def _nvml(look: Look) -> GpuReport | None:
    if look.root.real or look.nvml_library is not None:
        return read_gpus(look.nvml_library, look.nvml_deadline)
    look.seen.unknown("gpu.nvml", "NVML is asked on a real machine only")
    return None


def pci_devices(root: Root) -> tuple[PciDevice, ...]:
    """Return NVIDIA display and 3D controllers; audio functions and NVSwitches don't count."""
    return tuple(
        PciDevice(address=name, device=root.line(f"{BUS}/{name}/device") or "", driver=_driver(root, name))
        for name in on_bus(root, GPUS)
    )


def on_bus(root: Root, classes: tuple[str, ...]) -> list[str]:
    """Return the addresses of NVIDIA's devices of some classes.

    Raises:
        Unreadable: there is no PCI bus to look at.
    """
    names = root.names(BUS)
    if names is None:
        raise Unreadable(f"{BUS}: no such directory")
    found = []
    for name in names:
        vendor, kind = (root.line(f"{BUS}/{name}/{item}") or "" for item in ("vendor", "class"))
        if vendor == NVIDIA and kind.startswith(classes):
            found.append(name)
    return found


def _driver(root: Root, name: str) -> str | None:
    target = root.link(f"{BUS}/{name}/driver")
    return None if target is None else target.rsplit("/", 1)[-1]


def fabric_manager(look: Look) -> FabricManager:
    """Return unit and package of the fabric manager; asked only on machines with NVSwitches."""
    name = look.wanted["gpu"].fabric_unit
    found = look.seen.fact("gpu.fabric.unit", lambda: units(look.root, [name], look.deadline, look.runner)[name])
    known = look.seen.fact("gpu.fabric.version", lambda: dpkg.installed(look.root)) or {}
    version = next((number for package, number in sorted(known.items()) if FABRIC_PACKAGE.fullmatch(package)), None)
    return FabricManager(found, version, look.root.is_dir("/sys/module/ib_umad"))
