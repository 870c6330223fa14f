# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare who holds memory of the GPUs."""

from __future__ import annotations

from ..gpu import states
from .judge import Judge
from .observed.gpu import GpuFacts


def compare_holders(judge: Judge, gpu: GpuFacts) -> None:
    """GPU005: a process outside of pods and containers takes memory that the scheduler gives away again."""
    if gpu.nvml is None or gpu.nvml.state != states.OK:
        return
    for holder in judge.need("gpu.holders", gpu.holders) or ():
        if holder.contained or holder.used_mib == 0:
            continue
        size = "memory" if holder.used_mib is None else f"{holder.used_mib} MiB"
        found = (
            f"{holder.command or 'a program'} of {holder.user or 'an unknown user'} holds {size} of GPU {holder.gpu}"
        )
        judge.tell(
            "GPU005",
            f"process {holder.pid}",
            found,
            "GPU memory for jobs only",
            pid=holder.pid,
            user=holder.user,
            command=holder.command,
            gpu=holder.gpu,
        )
