# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""GPUs and driver as they were seen; None means that a fact was not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ...gpu.model import GpuReport


@dataclass(frozen=True)
class PciDevice:
    """An NVIDIA GPU on the PCI bus."""

    address: str
    device: str
    driver: Optional[str] = None


@dataclass(frozen=True)
class GpuFacts:
    """GPUs as the PCI bus, the kernel module, the library files and NVML see them."""

    pci: Optional[tuple[PciDevice, ...]] = None
    module_version: Optional[str] = None
    nouveau: Optional[bool] = None
    library_versions: tuple[str, ...] = ()
    nvml: Optional[GpuReport] = None
