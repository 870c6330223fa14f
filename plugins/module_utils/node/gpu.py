# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare GPUs and driver: PCI bus, kernel module, library, NVML."""

from __future__ import annotations

from ..gpu import states
from ..gpu.model import GpuReport
from .judge import Judge
from .observed.gpu import GpuFacts
from .wanted.gpu import GpuWanted

_REBOOT = "reboot, then hold the driver packages so that unattended upgrades leave them alone"


def compare_gpu(judge: Judge, wanted: GpuWanted) -> None:
    """Judge whether the GPUs that the role counts on are there and answer."""
    if not wanted.needed:
        return
    gpu = judge.need("gpu", judge.seen.gpu)
    if gpu is None:
        return
    if _mismatch(judge, gpu):
        return
    nvml = judge.need("gpu.nvml", gpu.nvml)
    if nvml is None:
        return
    if nvml.state in (states.OK, states.NO_DEVICES):
        _count(judge, gpu, nvml, wanted)
        _devices(judge, nvml, wanted)
        _advice(judge, nvml)
    else:
        _driver(judge, gpu, nvml)


def _mismatch(judge: Judge, gpu: GpuFacts) -> bool:
    """DRV002: the loaded module is of another version than the library files."""
    nvml_says = gpu.nvml is not None and gpu.nvml.state == states.VERSION_MISMATCH
    loaded, files = gpu.module_version, gpu.library_versions
    differ = loaded is not None and len(files) > 0 and loaded not in files
    if not nvml_says and not differ:
        return False
    found = f"module {loaded or 'of unknown version'}, library {', '.join(files) or 'of unknown version'}"
    judge.refuse("DRV002", "driver", found, "the same version of both", _REBOOT, module=loaded, libraries=list(files))
    return True


def _driver(judge: Judge, gpu: GpuFacts, nvml: GpuReport) -> None:
    if nvml.state == states.TIMEOUT:
        fix = "look for Xid lines in the kernel log, then reboot: a hung driver can't be repaired from user space"
        judge.refuse("GPU004", "NVML", nvml.error or "no answer within the deadline", "an answer within 10 s", fix)
        return
    if nvml.state == states.NO_PERMISSION:
        judge.refuse(
            "DRV001",
            "driver",
            "NVML: no permission",
            "root may talk to the driver",
            "run with become, and check the modes of /dev/nvidia*",
        )
        return
    found, fix = _cause(gpu, nvml)
    judge.refuse("DRV001", "driver", found, "a loaded NVIDIA driver and its library", fix, nvml_state=nvml.state)


def _cause(gpu: GpuFacts, nvml: GpuReport) -> tuple[str, str]:
    """Return what was found and what helps, by the evidence for a driver that is not there."""
    if gpu.nouveau:
        return "nouveau holds the GPUs", "install the NVIDIA driver, which blacklists nouveau, and reboot"
    if gpu.module_version is None and gpu.library_versions:
        return (
            f"library {', '.join(gpu.library_versions)}, but no module nvidia is loaded",
            "build the module for the running kernel (dkms), sign it where secure boot is on, then modprobe nvidia",
        )
    if gpu.module_version is not None and nvml.state == states.LIBRARY_NOT_FOUND:
        return (
            f"module {gpu.module_version}, but no libnvidia-ml.so.1",
            "install the driver's library package of the same version",
        )
    if nvml.state == states.LIBRARY_NOT_FOUND:
        return (
            "no NVIDIA driver: neither module nor libnvidia-ml.so.1",
            "install the NVIDIA driver and reboot; for a node without GPUs set the GPU inputs to none",
        )
    return nvml.error or nvml.state, "install and load the NVIDIA driver; look at the kernel log"


def _count(judge: Judge, gpu: GpuFacts, nvml: GpuReport, wanted: GpuWanted) -> None:
    listed, on_bus = len(nvml.gpus), len(gpu.pci or ())
    if listed == 0 and on_bus == 0:
        fix = "check passthrough and BIOS; for a node without GPUs set the GPU inputs to none"
        judge.refuse("GPU001", "GPUs", "no NVIDIA GPU", _some(wanted), fix)
        return
    if on_bus > listed:
        missing = _missing(gpu, nvml)
        judge.refuse(
            "GPU002",
            "GPUs",
            f"NVML sees {listed} GPUs, the PCI bus has {on_bus}; missing: {', '.join(missing) or 'not known'}",
            "the same number",
            "read the kernel log for Xid 79, unbind the GPU from vfio-pci or nouveau, or reboot",
            missing=missing,
        )
    if wanted.count > listed:
        judge.refuse(
            "GPU002",
            "GPUs",
            f"NVML sees {listed} GPUs",
            f"{wanted.count} GPUs",
            f"set the number of GPUs to {listed} or less (0 takes what NVML sees), or find out where the others are",
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
        say(
            "GPU003",
            f"GPU {gpu.index} at {gpu.pci_bus_id or 'an unknown address'}",
            gpu.health.message or gpu.health.state,
            "a GPU that answers",
            "drain its jobs, then reboot the machine; nothing here resets a GPU",
            index=gpu.index,
            code=gpu.health.code,
        )


def _advice(judge: Judge, nvml: GpuReport) -> None:
    kinds = sorted({f"{gpu.name} {(gpu.memory_total or 0) >> 20} MiB" for gpu in nvml.healthy})
    if len(kinds) > 1:
        fix = "choose devices of one model, or keep a queue per model; the scheduler treats all as equal"
        judge.tell("GPU006", "GPUs", ", ".join(kinds), "one model per node", fix)
    for gpu in nvml.healthy:
        if gpu.display_active:
            judge.tell(
                "GPU007",
                f"GPU {gpu.index}",
                "it drives a display",
                "GPUs for jobs only",
                "exclude it through CDI, or accept it",
            )
    if len(nvml.healthy) == 1:
        fix = "a Launch Docker queue is enough for one GPU; going on is fine"
        judge.tell("SYS010", "GPUs", "one GPU", "several GPUs", fix)
