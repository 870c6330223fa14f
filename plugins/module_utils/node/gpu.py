# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the GPUs: how many, which, and whether they answer. Driver, fabric and processes have files of their own."""

from __future__ import annotations

from typing import Any

from ..gpu import states
from ..gpu.model import GpuReport
from .gpu_driver import compare_flavour, compare_floor, mismatch, not_loaded
from .gpu_fabric import compare_fabric
from .gpu_holders import compare_holders
from .gpu_upgrades import compare_upgrades
from .judge import Judge
from .observed.gpu import GpuFacts
from .wanted.gpu import GpuWanted


def compare_gpu(judge: Judge, wanted: GpuWanted) -> None:
    """Judge whether the GPUs that the role counts on are there and answer."""
    if not wanted.needed:
        return
    gpu = judge.need("gpu", judge.seen.gpu)
    if gpu is None:
        return
    if not mismatch(judge, gpu):
        _by_nvml(judge, gpu, wanted)
    compare_flavour(judge, gpu, wanted)
    compare_fabric(judge, gpu, wanted)
    if wanted.thorough:
        compare_upgrades(judge, gpu)
        compare_floor(judge, gpu)
        compare_holders(judge, gpu)


def _by_nvml(judge: Judge, gpu: GpuFacts, wanted: GpuWanted) -> None:
    nvml = judge.need("gpu.nvml", gpu.nvml)
    if nvml is None:
        return
    if nvml.state in (states.OK, states.NO_DEVICES):
        _count(judge, gpu, nvml, wanted)
        _devices(judge, nvml, wanted)
        _advice(judge, nvml)
    elif nvml.state == states.TIMEOUT:
        found = nvml.error or "no answer within the deadline"
        judge.refuse("GPU004", "NVML", found, "an answer within 10 s", **_nvml(gpu, nvml))
    else:
        _nothing_on_the_bus(judge, gpu, nvml, wanted)
        not_loaded(judge, gpu, nvml)


def _nvml(gpu: GpuFacts, nvml: GpuReport) -> dict[str, Any]:
    """Return what NVML said, and what the kernel and the bus know without it."""
    return {
        "nvml_state": nvml.state,
        "nvml_error": nvml.error,
        "nvml_source": nvml.source,
        "module_version": gpu.module_version,
        "on_the_bus": None if gpu.pci is None else [device.address for device in gpu.pci],
    }


def _nothing_on_the_bus(judge: Judge, gpu: GpuFacts, nvml: GpuReport, wanted: GpuWanted) -> None:
    """GPU001: without a driver the bus alone tells; the GPUs of WSL2 are not on it."""
    wsl = judge.seen.host is not None and judge.seen.host.wsl
    if gpu.pci == () and gpu.module_version is None and not wsl:
        judge.refuse("GPU001", "GPUs", "no NVIDIA GPU on the PCI bus", _some(wanted), **_nvml(gpu, nvml))


def _count(judge: Judge, gpu: GpuFacts, nvml: GpuReport, wanted: GpuWanted) -> None:
    pci = judge.need("gpu.pci", gpu.pci) if wanted.thorough else gpu.pci
    listed, on_bus = len(nvml.gpus), len(pci or ())
    if listed == 0 and on_bus == 0:
        judge.refuse("GPU001", "GPUs", "no NVIDIA GPU", _some(wanted), **_nvml(gpu, nvml))
        return
    if on_bus > listed:
        missing = _missing(gpu, nvml)
        judge.refuse(
            "GPU002",
            "GPUs",
            f"NVML sees {listed} GPUs, the PCI bus has {on_bus}; missing: {', '.join(missing) or 'not known'}",
            "the same number",
            missing=missing,
            nvml=listed,
            on_the_bus=on_bus,
        )
    if wanted.count > listed:
        judge.refuse(
            "GPU002",
            "GPUs",
            f"NVML sees {listed} GPUs",
            f"{wanted.count} GPUs",
            f"set minikube_gpu_count (nvidia_ctk_gpu_count) to {listed} or less, 0 takes what NVML sees; or find out "
            "where the others are",
            nvml=listed,
            expected=wanted.count,
        )


def _some(wanted: GpuWanted) -> str:
    return f"{wanted.count} GPUs" if wanted.count else "at least one GPU"


def _missing(gpu: GpuFacts, nvml: GpuReport) -> list[str]:
    known = {short_address(g.pci_bus_id) for g in nvml.gpus}
    devices = [d for d in gpu.pci or () if short_address(d.address) not in known]
    return [f"{d.address} (driver {d.driver})" if d.driver else f"{d.address} (no driver)" for d in devices]


def short_address(address: str | None) -> str:
    """Return a PCI address without the leading zeros in which NVML and the kernel differ."""
    domain, dummy, rest = (address or "").lower().partition(":")
    return f"{domain[-4:]}:{rest}"


def _devices(judge: Judge, nvml: GpuReport, wanted: GpuWanted) -> None:
    ill = [gpu for gpu in nvml.gpus if gpu.health.state != states.OK]
    enough = len(nvml.healthy) >= max(wanted.count, 1) and wanted.count > 0
    say = judge.tell if enough else judge.refuse
    for gpu in ill:
        subject = f"GPU {gpu.index} at {gpu.pci_bus_id or 'an unknown address'}"
        found = gpu.health.message or gpu.health.state
        say("GPU003", subject, found, "a GPU that answers", index=gpu.index, code=gpu.health.code)


def _advice(judge: Judge, nvml: GpuReport) -> None:
    kinds: dict[str, list[int]] = {}
    for gpu in nvml.healthy:
        kinds.setdefault(f"{gpu.name} {(gpu.memory_total or 0) >> 20} MiB", []).append(gpu.index)
    if len(kinds) > 1:
        judge.tell("GPU006", "GPUs", ", ".join(sorted(kinds)), "one model per node", models=kinds)
    for gpu in nvml.healthy:
        if gpu.display_active:
            facts: dict[str, Any] = {"index": gpu.index, "model": gpu.name, "address": gpu.pci_bus_id}
            judge.tell("GPU007", f"GPU {gpu.index}", "it drives a display", "GPUs for jobs only", **facts)
    if len(nvml.healthy) == 1:
        fix = "a Launch Docker queue is enough for one GPU; going on is fine"
        judge.tell("SYS010", "GPUs", "one GPU", "several GPUs", fix, model=nvml.healthy[0].name)
