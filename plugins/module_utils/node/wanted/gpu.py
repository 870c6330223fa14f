# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of GPUs and driver."""

from __future__ import annotations

from dataclasses import dataclass

from .shared import Wanted


@dataclass(frozen=True)
class GpuWanted(Wanted):
    """How many GPUs the role counts on; 0 means what NVML sees."""

    needed: bool = True
    count: int = 0
