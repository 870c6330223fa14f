# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the machine as data: its GPUs, and what runs on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .read import at, gib, items, mapping, number, quantity, shown

_STATES = {"ok": "ok", "lost": "error", "reset_required": "error", "missing": "error"}
_WORDS = {"ok": "healthy", "reset_required": "reset required", "missing": "missing"}


@dataclass(frozen=True)
class Run:
    """A process or a pod that has a GPU."""

    name: str
    detail: str
    pod: bool = True


@dataclass(frozen=True)
class GpuView:
    """One GPU as it is drawn; None is a fact that was not read."""

    label: str
    name: str
    bus: str
    state: str
    word: str
    message: str
    memory_used: float | None = None
    memory_total: float | None = None
    utilization: float | None = None
    temperature: float | None = None
    power: float | None = None
    power_limit: float | None = None
    answers: bool = False
    runs: tuple[Run, ...] = ()
    slices: tuple[str, ...] = ()


def gpus(observed: Mapping[str, Any]) -> list[GpuView]:
    """Return the GPUs that NVML sees, then those that only the PCI bus shows."""
    pods = items(at(observed, "cluster", "pods"))
    nvml = at(observed, "gpu", "nvml")
    seen = [mapping(gpu) for gpu in items(at(nvml, "gpus"))]
    known = {_bus(gpu.get("pci_bus_id")) for gpu in seen}
    rest = [mapping(device) for device in items(at(observed, "gpu", "pci"))]
    return [_gpu(gpu, pods) for gpu in seen] + [
        _only_on_the_bus(device, nvml is not None) for device in rest if _bus(device.get("address")) not in known
    ]


def pods_without_place(observed: Mapping[str, Any]) -> list[Run]:
    """Return the pods that asked for GPUs, of which nobody said which they got."""
    found = []
    for pod in (mapping(pod) for pod in items(at(observed, "cluster", "pods"))):
        count = number(pod.get("gpus"))
        if count and not items(pod.get("devices")):
            found.append(Run(_pod_name(pod), _joined(_phase(pod), f"{quantity(count)} GPU")))
    return found


def _bus(address: Any) -> str:
    """Return an address without the zeros by which NVML's domain is longer."""
    return shown(address).lower()[-12:]


def _gpu(gpu: Mapping[str, Any], pods: list[Any]) -> GpuView:
    state = shown(at(gpu, "health", "state")) or "unknown"
    return GpuView(
        label=f"GPU {shown(gpu.get('index'))}".strip(),
        name=shown(gpu.get("name"), 120) or "name not read",
        bus=shown(gpu.get("pci_bus_id")),
        state=_STATES.get(state, "not_observed" if state == "unknown" else "error"),
        word=_WORDS.get(state, state.replace("_", " ")),
        message=shown(at(gpu, "health", "message")),
        memory_used=number(gpu.get("memory_used")),
        memory_total=number(gpu.get("memory_total")),
        utilization=number(gpu.get("utilization")),
        temperature=number(gpu.get("temperature")),
        power=number(gpu.get("power_draw_mw")),
        power_limit=number(gpu.get("power_limit_mw")),
        answers=state == "ok",
        runs=_runs(gpu, pods),
        slices=tuple(shown(at(part, "name")) or "MIG device" for part in items(gpu.get("mig_devices"))),
    )


def _only_on_the_bus(device: Mapping[str, Any], nvml_answered: bool) -> GpuView:
    driver = shown(device.get("driver")) or "none"
    answer = "unseen by NVML" if nvml_answered else "NVML gave no answer"
    return GpuView(
        label="GPU",
        name=f"PCI device {shown(device.get('device'))}".strip(),
        bus=shown(device.get("address")),
        state="error" if nvml_answered else "not_observed",
        word="missing" if nvml_answered else "not observed",
        message=f"on the PCI bus, {answer}; kernel driver {driver}",
    )


def _runs(gpu: Mapping[str, Any], pods: list[Any]) -> tuple[Run, ...]:
    """Return the pods that have this GPU, each with its processes, then the processes of no pod."""
    own = {shown(gpu.get("uuid")), shown(gpu.get("index"))} - {""}
    placed = [pod for pod in pods if own & {shown(device) for device in items(at(pod, "devices"))}]
    inside: dict[str, list[str]] = {_pod_name(mapping(pod)): [f"pod {_phase(pod)}".strip()] for pod in placed}
    outside = []
    for process in (mapping(process) for process in items(gpu.get("processes"))):
        pod = shown(process.get("pod"))
        if pod:
            inside.setdefault(pod, ["pod"]).append(_process(process))
        else:
            outside.append(Run(_process(process), shown(process.get("container")) or "in no pod", False))
    return (*(Run(name, "; ".join(details)) for name, details in inside.items()), *outside)


def _phase(pod: Any) -> str:
    return shown(at(pod, "phase")).lower()


def _process(process: Mapping[str, Any]) -> str:
    size = number(process.get("used_memory"))
    return _joined(
        shown(process.get("command") or process.get("name"), 80),
        f"pid {shown(process.get('pid'))}",
        shown(process.get("user")),
        "" if size is None else f"{gib(size)} GiB",
    )


def _pod_name(pod: Mapping[str, Any]) -> str:
    return "/".join(part for part in (shown(pod.get("namespace")), shown(pod.get("name"))) if part)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
