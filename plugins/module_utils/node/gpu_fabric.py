# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the fabric manager of machines with NVSwitches."""

from __future__ import annotations

from ..gpu.model import Gpu
from .gpu_driver import version_of
from .judge import Judge
from .observed.gpu import FabricManager, GpuFacts
from .versions import parts
from .wanted.gpu import GpuWanted

_WAITING = ("not_started", "in_progress")
_BLACKWELL = 10  # major number of the compute capability


def compare_fabric(judge: Judge, gpu: GpuFacts, wanted: GpuWanted) -> None:
    """DRV005: with NVSwitches, or a GPU that waits for its fabric, the manager must run in the driver's version."""
    gpus = gpu.nvml.gpus if gpu.nvml is not None else ()
    waiting = [item for item in gpus if item.fabric in _WAITING]
    switches = judge.need("gpu.nvswitches", gpu.nvswitches) if wanted.thorough else gpu.nvswitches
    if not switches and not waiting:
        return
    problems = [f"GPU {item.index} waits for its fabric ({item.fabric})" for item in waiting]
    unit = ""
    manager = judge.need("gpu.fabric", gpu.fabric) if switches else gpu.fabric
    if manager is not None:
        own = _problems(judge, manager, version_of(gpu) or "")
        problems += own
        startable = manager.unit is not None and manager.unit.load == "loaded" and own == [_stopped(manager)]
        unit = wanted.fabric_unit if startable else ""
        problems += _blackwell(manager, gpus) if problems else []
    if problems:
        wants = f"an active {wanted.fabric_unit} of version {version_of(gpu) or 'of the driver'}"
        judge.refuse("DRV005", "fabric manager", ", ".join(problems), wants, unit=unit, nvswitches=switches)


def _problems(judge: Judge, manager: FabricManager, driver: str) -> list[str]:
    judge.need_read("gpu.fabric.version")
    unit = judge.need("gpu.fabric.unit", manager.unit)
    if unit is None:
        return []
    if unit.load != "loaded":
        return ["it is not installed"]
    found = []
    if manager.version is not None and driver and parts(manager.version) != parts(driver):
        found.append(f"its package is {manager.version}, the driver {driver}")
    if unit.active != "active":
        found.append(_stopped(manager))
    return found


def _stopped(manager: FabricManager) -> str:
    return f"its unit is {manager.unit.active if manager.unit else 'unknown'}"


def _blackwell(manager: FabricManager, gpus: tuple[Gpu, ...]) -> list[str]:
    majors = [int((gpu.compute_capability or "0").split(".")[0]) for gpu in gpus]
    return ["the module ib_umad is not loaded"] if max(majors, default=0) >= _BLACKWELL and not manager.ib_umad else []
