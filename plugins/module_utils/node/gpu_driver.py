# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the driver: loaded, of one version, of the right flavour, above its floor."""

from __future__ import annotations

from ..gpu import states
from ..gpu.model import GpuReport
from . import floor_verdict
from .judge import Judge
from .model import ADVICE, WARNING
from .observed.gpu import GpuFacts
from .wanted.gpu import GpuWanted

OPEN = "open"
# Device ids of Turing begin here (TU102 is 0x1e02); Maxwell, Pascal and Volta (0x1db8 and lower) are below.
_TURING = 0x1E00


def version_of(gpu: GpuFacts) -> str | None:
    """Return the version of the driver that runs."""
    return gpu.module_version or (gpu.nvml.driver if gpu.nvml is not None else None)


def mismatch(judge: Judge, gpu: GpuFacts) -> bool:
    """DRV002: the loaded module is of another version than the library files."""
    judge.need_read("gpu.module_version", "gpu.library_versions")
    nvml_says = gpu.nvml is not None and gpu.nvml.state == states.VERSION_MISMATCH
    loaded, files = gpu.module_version, gpu.library_versions
    differ = loaded is not None and len(files) > 0 and loaded not in files
    if not nvml_says and not differ:
        return False
    found = f"module {loaded or 'of unknown version'}, library {', '.join(files) or 'of unknown version'}"
    judge.refuse("DRV002", "driver", found, "the same version of both", module=loaded, libraries=list(files))
    return True


def not_loaded(judge: Judge, gpu: GpuFacts, nvml: GpuReport) -> None:
    """DRV001: NVML reaches no driver; the evidence says why."""
    if nvml.state == states.NO_PERMISSION:
        fix = "run with become, and check the modes of /dev/nvidia*"
        cause = "the device files of the driver may be opened by some users only"
        wants = "root may talk to the driver"
        facts = {"nvml_state": nvml.state, "nvml_error": nvml.error}
        judge.refuse("DRV001", "driver", "NVML: no permission", wants, fix, cause=cause, **facts)
        return
    found, cause, fix = _why(gpu, nvml)
    module = "nvidia" if _only_not_loaded(gpu) else ""  # then loading it is all that is missing
    wants = "a loaded NVIDIA driver and its library"
    judge.refuse("DRV001", "driver", found, wants, fix, cause=cause, module=module, secure_boot=gpu.secure_boot)


def _only_not_loaded(gpu: GpuFacts) -> bool:
    return gpu.module_version is None and bool(gpu.module_built) and not gpu.nouveau and not gpu.secure_boot


def _why(gpu: GpuFacts, nvml: GpuReport) -> tuple[str, str, str]:
    """Return what was found, why it is so, and what helps, by the evidence for a driver that is not there."""
    absent = gpu.module_version is None
    if gpu.nouveau:
        cause = "the free driver took the GPUs at boot; only one driver can have them"
        return "nouveau holds the GPUs", cause, "install the NVIDIA driver, which blacklists nouveau, and reboot"
    if _only_not_loaded(gpu):
        found, cause = "a module nvidia for this kernel, but it is not loaded", "it was unloaded, or never loaded"
        return found, cause, "load it ('modprobe nvidia'); where that fails, the kernel log says why"
    if absent and gpu.module_built:
        fix = "sign the module and enrol its key ('mokutil --import', then reboot), or switch secure boot off"
        return (
            "a module nvidia that is not loaded, and secure boot is on",
            "the kernel refuses a module that no key of the firmware signed",
            fix,
        )
    if absent and gpu.library_versions:
        fix = (
            "build the module for the running kernel (its headers, then 'dkms autoinstall'), sign it where secure boot"
            " is on, then 'modprobe nvidia'"
        )
        found = f"library {', '.join(gpu.library_versions)}, but no module nvidia is loaded"
        return found, "the driver is installed, and its module was not built for the running kernel", fix
    if nvml.state != states.LIBRARY_NOT_FOUND:
        return nvml.error or nvml.state, "", "install and load the NVIDIA driver; look at the kernel log"
    if not absent:
        found = f"module {gpu.module_version}, but no libnvidia-ml.so.1"
        return found, "", "install the driver's library package of the same version"
    fix = "install the NVIDIA driver and reboot; for a node without GPUs set the GPU inputs to none"
    return "no NVIDIA driver: neither module nor libnvidia-ml.so.1", "no driver was ever installed", fix


def compare_flavour(judge: Judge, gpu: GpuFacts, wanted: GpuWanted) -> None:
    """DRV004: the open module does not serve GPUs older than Turing."""
    if gpu.module_version is None:
        return
    flavour = judge.need("gpu.flavour", gpu.flavour) if wanted.thorough else gpu.flavour
    if flavour != OPEN:
        return
    old = [device for device in gpu.pci or () if _number(device.device) < _TURING]
    for device in old:
        found = f"device {device.device} with the open kernel module {gpu.module_version}"
        judge.refuse("DRV004", f"GPU at {device.address}", found, "the proprietary kernel module", device=device.device)


def _number(text: str) -> int:
    """Return a device id; one that can't be read counts as new, since nothing is known against it."""
    try:
        return int(text, 16)
    except ValueError:
        return _TURING


def compare_floor(judge: Judge, gpu: GpuFacts) -> None:
    """DRV006: the floors of the driver's branch; a branch that no bulletin names can't be judged, and that is said."""
    version = version_of(gpu)
    if version is None:
        return
    verdict = floor_verdict.judge("nvidia-driver", version)
    if verdict.state == floor_verdict.OK:
        return
    known = verdict.state != floor_verdict.UNVERIFIABLE
    wants = f"{verdict.floor} or later" if verdict.floor else "a branch with a fixed release"
    judge.milder(
        WARNING if known else ADVICE,
        "DRV006",
        "driver",
        f"{version}: {verdict.text}" if known else f"{version}, which can't be judged by number: {verdict.text}",
        wants,
        version=version,
        floor=verdict.floor,
        cves=list(verdict.cves),
    )
