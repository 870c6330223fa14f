# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the container toolkit: packages, devices, CDI; what else role nvidia_ctk wants is in nvidia_ctk_own."""

from __future__ import annotations

from collections.abc import Mapping

from . import floor_verdict
from .docker_floors import told
from .judge import Judge
from .model import TELL
from .nvidia_ctk_own import compare_own
from .observed.nvidia_ctk import CdiSpec, CtkFacts
from .wanted.nvidia_ctk import CtkWanted

TOOLKIT = "nvidia-container-toolkit"
CDI_KIND = "nvidia.com/gpu"


def compare_nvidia_ctk(judge: Judge, wanted: CtkWanted) -> None:
    """Judge whether the toolkit is there and works; for its own role, everything it sets."""
    toolkit = judge.need("nvidia_ctk", judge.seen.nvidia_ctk)
    if toolkit is None:
        return
    own = judge.asked == "nvidia_ctk"
    packages = judge.need("nvidia_ctk.packages", toolkit.packages)
    if packages is not None:
        if not own and wanted.installed and TOOLKIT not in packages and not judge.need("nvidia_ctk.hook", toolkit.hook):
            found = "neither the package nor nvidia-container-runtime-hook"
            judge.find("CTK001", "container toolkit", found, "the toolkit is installed", "run role nvidia_ctk")
        if not own:
            _floor(judge, packages)
    if own:
        compare_own(judge, toolkit, wanted)
    _links(judge, toolkit)
    _cdi(judge, toolkit, wanted)
    _variable(judge, toolkit, wanted)


def _floor(judge: Judge, packages: Mapping[str, str]) -> None:
    """CTK008 for somebody else's role: a word only, for the version is not its business."""
    if TOOLKIT in packages:
        told(judge, "CTK008", "container toolkit", floor_verdict.judge(TOOLKIT, packages[TOOLKIT]), act=TELL)


def _links(judge: Judge, toolkit: CtkFacts) -> None:
    """CTK004: runc asks systemd for devices by their links below /dev/char."""
    engine = judge.seen.docker.engine if judge.seen.docker is not None else None
    unlinked = judge.need("nvidia_ctk.unlinked", toolkit.unlinked)
    if unlinked and engine is not None and engine.cgroup_driver == "systemd":
        found = f"cgroup driver systemd, and no link for {', '.join(unlinked)}"
        judge.find("CTK004", "/dev/char", found, "a link for each device of the driver", devices=list(unlinked))


def _cdi(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    specs = judge.need("nvidia_ctk.cdi", toolkit.cdi)
    if specs is None:
        return
    ours = [spec for spec in specs if spec.kind == CDI_KIND]
    for spec in ours:
        _stale(judge, spec)
    if wanted.cdi and not ours:
        file = "/var/run/cdi/nvidia.yaml"
        judge.find("CTK005", file, f"no specification of {CDI_KIND}", "one for each GPU", file=file)


def _stale(judge: Judge, spec: CdiSpec) -> None:
    gpu = judge.seen.gpu
    driver = gpu.module_version if gpu is not None else None
    minors = (
        {f"/dev/nvidia{item.minor}" for item in gpu.nvml.gpus} if gpu is not None and gpu.nvml is not None else set()
    )
    lacking = sorted(name for name in minors - set(spec.nodes) if not name.endswith("None"))
    problems = [f"it names {', '.join(spec.missing)}, which isn't there"] if spec.missing else []
    problems += [f"it lacks {', '.join(lacking)}"] if lacking else []
    if driver and spec.versions and driver not in spec.versions:
        problems.append(f"it is for driver {', '.join(spec.versions)}, {driver} is loaded")
    if problems:
        judge.find(
            "CTK005", spec.file, "; ".join(problems), "a specification of this driver and its GPUs", file=spec.file
        )


def _variable(judge: Judge, toolkit: CtkFacts, wanted: CtkWanted) -> None:
    """CTK006: an image's variable is enough to get all GPUs."""
    judge.need_read("nvidia_ctk.envvar")
    engine = judge.seen.docker.engine if judge.seen.docker is not None else None
    if engine is None or engine.default_runtime != "nvidia" or toolkit.envvar is False:
        return
    found = "the default runtime is nvidia, and the variable of an image is obeyed"
    flag = "accept-nvidia-visible-devices-envvar-when-unprivileged"
    judge.find("CTK006", "container toolkit", found, f"{flag} = false", option=flag)
