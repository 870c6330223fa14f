# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From NVML's answers to the model: what isn't supported is None, a GPU that fails costs only its own entry."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

from .api import NvmlApi
from .model import Gpu, GpuHealth, GpuProcess, GpuReport, MigDevice
from .states import DEVICE_STATES, FABRIC_STATES, NO_DEVICES, OK, NvmlError, device_state, driver_state

T = TypeVar("T")


class _Device:
    """One GPU while it is read: the first fatal answer decides its health."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        self.health = GpuHealth()

    def ask(self, call: Callable[[Any], T]) -> T | None:
        """Return an answer, None when there is none; a lost GPU is not asked again."""
        if self.health.code:
            return None
        try:
            return call(self.handle)
        except NvmlError as error:
            if error.code in DEVICE_STATES:
                self.health = health_of(error)
            return None


def health_of(error: NvmlError) -> GpuHealth:
    """Return the health of a GPU whose call failed."""
    return GpuHealth(state=device_state(error.code), code=error.code, message=str(error))


def read_system(api: NvmlApi, source: str) -> GpuReport:
    """Initialise NVML and return what it says of the driver, without GPUs."""
    try:
        api.init()
    except NvmlError as error:
        return GpuReport(state=driver_state(error.code), source=source, error=str(error))
    cuda = _fact(api.cuda_version)
    return GpuReport(
        state=OK,
        driver=_fact(api.driver_version),
        nvml=_fact(api.nvml_version),
        cuda=None if cuda is None else cuda_text(cuda),
        source=source,
    )


def cuda_text(number: int) -> str:
    """Return 12.4 for 12040."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _fact(call: Callable[[], T]) -> T | None:
    try:
        return call()
    except NvmlError:
        return None


def read_gpu(api: NvmlApi, index: int) -> Gpu:
    """Return one GPU; whatever goes wrong is in its health."""
    try:
        device = _Device(api.handle(index))
    except NvmlError as error:
        return Gpu(index=index, health=health_of(error))
    ask = device.ask
    memory = ask(api.memory)
    capability = ask(api.compute_capability)
    total, used = memory if memory is not None else (None, None)
    mig = ask(api.mig_mode)
    fabric = ask(api.fabric)
    facts = Gpu(
        index=index,
        uuid=ask(api.uuid),
        name=ask(api.name),
        serial=ask(api.serial),
        minor=ask(api.minor),
        pci_bus_id=ask(api.pci_bus_id),
        memory_total=total,
        memory_used=used,
        compute_capability=None if capability is None else f"{capability[0]}.{capability[1]}",
        mig_mode=None if mig is None else "enabled" if mig else "disabled",
        mig_devices=_mig_devices(api, device) if mig else (),
        ecc=ask(api.ecc_mode),
        ecc_uncorrected=ask(api.ecc_uncorrected),
        persistence=ask(api.persistence),
        display_active=ask(api.display_active),
        temperature=ask(api.temperature),
        power_draw_mw=ask(api.power_draw),
        power_limit_mw=ask(api.power_limit),
        utilization=ask(api.utilization),
        fabric=None if fabric is None else FABRIC_STATES.get(fabric),
        processes=_processes(api, device),
    )
    return facts if device.health.code == 0 else replace_health(facts, device.health)


def replace_health(gpu: Gpu, health: GpuHealth) -> Gpu:
    """Return the same GPU with another health."""
    return Gpu(**{**gpu.__dict__, "health": health})


def _mig_devices(api: NvmlApi, device: _Device) -> tuple[MigDevice, ...]:
    found: list[MigDevice] = []
    for number, handle in enumerate(device.ask(api.mig_handles) or []):
        part = _Device(handle)
        memory = part.ask(api.memory)
        total = None if memory is None else memory[0]
        found.append(MigDevice(number, part.ask(api.uuid), part.ask(api.name), total))
    return tuple(found)


def _processes(api: NvmlApi, device: _Device) -> tuple[GpuProcess, ...]:
    found: list[GpuProcess] = []
    for graphics, kind in ((False, "compute"), (True, "graphics")):
        answer = device.ask(lambda handle, graphics=graphics: api.processes(handle, graphics))  # type: ignore[misc]
        found += [GpuProcess(pid, kind, memory) for pid, memory in answer or []]
    return tuple(sorted(found, key=lambda process: (process.pid, process.type)))


def complete(report: GpuReport, gpus: tuple[Gpu, ...], error: str | None = None, state: str | None = None) -> GpuReport:
    """Return a report with its GPUs, and with another state where reading them ended early."""
    final = state or (NO_DEVICES if report.state == OK and not gpus else report.state)
    return GpuReport(**{**report.__dict__, "gpus": gpus, "state": final, "error": error or report.error})
