# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""One GPU, and everything that NVML says about a machine."""

from __future__ import annotations

from typing import Optional

from ..lean_dataclass import dataclass
from .states import OK


@dataclass(frozen=True)
class GpuProcess:
    """A process that holds memory of a GPU."""

    pid: int
    type: str = "compute"
    used_memory: Optional[int] = None


@dataclass(frozen=True)
class MigDevice:
    """A slice of a GPU."""

    index: int
    uuid: Optional[str] = None
    name: Optional[str] = None
    memory_total: Optional[int] = None


@dataclass(frozen=True)
class GpuHealth:
    """Whether a GPU answers, and what went wrong if it does not."""

    state: str = OK
    code: int = 0
    message: str = ""


@dataclass(frozen=True)
class Gpu:
    """One GPU; a fact that the GPU does not support is None, sizes are bytes."""

    index: int
    uuid: Optional[str] = None
    name: Optional[str] = None
    serial: Optional[str] = None
    minor: Optional[int] = None
    pci_bus_id: Optional[str] = None
    memory_total: Optional[int] = None
    memory_used: Optional[int] = None
    compute_capability: Optional[str] = None
    mig_mode: Optional[str] = None
    mig_devices: tuple[MigDevice, ...] = ()
    ecc: Optional[bool] = None
    ecc_uncorrected: Optional[int] = None
    persistence: Optional[bool] = None
    display_active: Optional[bool] = None
    temperature: Optional[int] = None
    power_draw_mw: Optional[int] = None
    power_limit_mw: Optional[int] = None
    utilization: Optional[int] = None
    fabric: Optional[str] = None
    processes: tuple[GpuProcess, ...] = ()
    health: GpuHealth = GpuHealth()


@dataclass(frozen=True)
class GpuReport:
    """The answer of NVML for the whole machine."""

    state: str
    gpus: tuple[Gpu, ...] = ()
    driver: Optional[str] = None
    nvml: Optional[str] = None
    cuda: Optional[str] = None
    source: Optional[str] = None
    error: Optional[str] = None

    @property
    def healthy(self) -> tuple[Gpu, ...]:
        """GPUs that can take work."""
        return tuple(gpu for gpu in self.gpus if gpu.health.state == OK)
