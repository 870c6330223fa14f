# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the machine as data: its GPUs, and what runs on each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass
from .read import at, gib, items, mapping, number, plural, shown

_STATES = {"ok": "ok", "lost": "error", "reset_required": "error", "missing": "error"}
_WORDS = {"ok": "healthy", "reset_required": "reset required", "missing": "missing"}
_PLACES: dict[bool | None, str] = {True: "in a pod or container", False: "in no pod or container", None: ""}


@dataclass(frozen=True)
class Run:
    """A process that holds memory of a GPU; contained: it belongs to a pod or a container, None: nobody looked."""

    pid: str
    name: str
    detail: str
    contained: bool | None = None


@dataclass(frozen=True)
class Pod:
    """A pod that holds or waits for GPUs; which ones, Kubernetes does not tell."""

    name: str
    detail: str


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
    holders = {shown(at(holder, "pid")): mapping(holder) for holder in items(at(observed, "gpu", "holders"))}
    nvml = at(observed, "gpu", "nvml")
    seen = [mapping(gpu) for gpu in items(at(nvml, "gpus"))]
    known = {_bus(gpu.get("pci_bus_id")) for gpu in seen}
    rest = [mapping(device) for device in items(at(observed, "gpu", "pci"))]
    return [_gpu(gpu, holders) for gpu in seen] + [
        _only_on_the_bus(device, nvml is not None) for device in rest if _bus(device.get("address")) not in known
    ]


def pods(observed: Mapping[str, Any]) -> list[Pod]:
    """Return the pods that hold or wait for GPUs."""
    found = []
    for pod in (mapping(pod) for pod in items(at(observed, "cluster", "gpu_pods"))):
        name = "/".join(filter(None, (shown(pod.get("namespace")), shown(pod.get("name")))))
        count = number(pod.get("gpus"))
        size = "" if count is None else plural(count, "GPU", "GPUs")
        found.append(Pod(name, _joined(shown(pod.get("phase")).lower(), size)))
    return found


def _bus(address: Any) -> str:
    """Return an address without the zeros by which NVML's domain is longer."""
    return shown(address).lower()[-12:]


def _gpu(gpu: Mapping[str, Any], holders: Mapping[str, Mapping[str, Any]]) -> GpuView:
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
        runs=tuple(_run(mapping(process), holders) for process in items(gpu.get("processes"))),
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


def _run(process: Mapping[str, Any], holders: Mapping[str, Mapping[str, Any]]) -> Run:
    """Return a process as NVML lists it, with what a thorough look says of its pid."""
    pid = shown(process.get("pid"))
    holder = holders.get(pid, {})
    contained = holder.get("contained") if isinstance(holder.get("contained"), bool) else None
    size = number(process.get("used_memory"))
    detail = _joined(
        f"pid {pid}",
        shown(holder.get("user")),
        "" if size is None else f"{gib(size)} GiB",
        _PLACES[contained],
    )
    return Run(pid, shown(holder.get("command"), 80) or "process", detail, contained)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
