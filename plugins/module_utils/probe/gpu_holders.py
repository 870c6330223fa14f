# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads who the processes are that NVML lists: name, user and control group, never their command line."""

from __future__ import annotations

import re

from ..gpu.model import GpuProcess, GpuReport
from ..node.observed.gpu import Holder
from .accounts import user_name
from .root import Root

_CONTAINED = re.compile(r"kubepods|docker|containerd|libpod|crio|podman")
_USER = re.compile(r"^Uid:\s+([0-9]+)", re.MULTILINE)


def holders(root: Root, report: GpuReport) -> tuple[Holder, ...]:
    """Return the processes that hold GPU memory; one that has ended since is left out.

    Raises:
        Unreadable: a process is there and may not be looked at.
    """
    found = [_holder(root, gpu.index, process) for gpu in report.gpus for process in gpu.processes]
    return tuple(holder for holder in found if holder is not None)


def _holder(root: Root, gpu: int, process: GpuProcess) -> Holder | None:
    folder = f"/proc/{process.pid}"
    groups = root.read(f"{folder}/cgroup")
    if groups is None:
        return None
    user = _USER.search(root.read(f"{folder}/status") or "")
    number = int(user.group(1)) if user else None
    return Holder(
        pid=process.pid,
        gpu=gpu,
        command=root.line(f"{folder}/comm") or "",
        user="" if number is None else user_name(root, number) or str(number),
        used_mib=None if process.used_memory is None else process.used_memory >> 20,
        contained=_CONTAINED.search(groups) is not None,
    )
