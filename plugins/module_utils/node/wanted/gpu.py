# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of GPUs and driver."""

from __future__ import annotations

from ...lean_dataclass import dataclass
from .shared import Wanted


@dataclass(frozen=True)
class GpuWanted(Wanted):
    """How many GPUs the role counts on.

    Attributes:
        needed: a node with GPUs is wanted at all.
        count: GPUs that must be there; 0 means what NVML sees.
        thorough: judge also what no role needs before it starts, as the doctor does.
        fabric_unit: unit of the fabric manager, which machines with NVSwitches need.
    """

    needed: bool = True
    count: int = 0
    thorough: bool = False
    fabric_unit: str = "nvidia-fabricmanager.service"
