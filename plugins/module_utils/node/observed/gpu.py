# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""GPUs and driver as they were seen; None means that a fact was not read."""

from __future__ import annotations

from typing import Optional

from ...gpu.model import GpuReport
from ...lean_dataclass import dataclass
from .shared import Unit


@dataclass(frozen=True)
class PciDevice:
    """An NVIDIA GPU on the PCI bus."""

    address: str
    device: str
    driver: Optional[str] = None


@dataclass(frozen=True)
class DriverPackage:
    """A package of the driver; held: upgrades leave it alone."""

    name: str
    version: str
    held: bool = False


@dataclass(frozen=True)
class Upgrades:
    """Whether the machine upgrades packages by itself, and the patterns of those that it leaves alone."""

    enabled: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class FabricManager:
    """What makes GPUs behind NVSwitches usable: its unit, its package, and a module that Blackwell boards need."""

    unit: Optional[Unit] = None
    version: Optional[str] = None
    ib_umad: bool = False


@dataclass(frozen=True)
class Holder:
    """A process that holds memory of a GPU; contained: it belongs to a pod or a container."""

    pid: int
    gpu: int
    command: str = ""
    user: str = ""
    used_mib: Optional[int] = None
    contained: bool = False


@dataclass(frozen=True)
class GpuFacts:
    """GPUs as the PCI bus, the kernel module, the library files and NVML see them.

    Attributes:
        flavour: open or proprietary, of the loaded module.
        secure_boot: the firmware runs signed kernel modules only.
        module_built: there is a module nvidia for the running kernel, loaded or not.
        nvswitches: NVSwitches on the PCI bus.
        fabric: looked at only where there are NVSwitches.
    """

    pci: Optional[tuple[PciDevice, ...]] = None
    module_version: Optional[str] = None
    flavour: Optional[str] = None
    nouveau: Optional[bool] = None
    secure_boot: Optional[bool] = None
    module_built: Optional[bool] = None
    library_versions: tuple[str, ...] = ()
    packages: Optional[tuple[DriverPackage, ...]] = None
    upgrades: Optional[Upgrades] = None
    nvswitches: Optional[int] = None
    fabric: Optional[FabricManager] = None
    nvml: Optional[GpuReport] = None
    holders: Optional[tuple[Holder, ...]] = None
