# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NVML by nvidia-ml-py, where it can be imported."""

from __future__ import annotations

import ctypes
from typing import Any, Callable

from ..gpu.states import NvmlError

FUNCTION_NOT_FOUND = 13
NOT_FOUND = 6


def _words(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class PyNvml:
    """The module pynvml behind the collection's protocol."""

    def __init__(self, module: Any) -> None:
        """Keep the imported module."""
        self._nvml = module
        # Newer modules refuse functions without a version when the driver's library is older; no NVMLError of theirs.
        self._mismatch: Any = getattr(module, "NVMLLibraryMismatchError", ())

    def _ask(self, name: str, *arguments: Any) -> Any:
        function: Callable[..., Any] | None = getattr(self._nvml, name, None)
        if function is None:
            raise NvmlError(FUNCTION_NOT_FOUND, name)
        try:
            return function(*arguments)
        except self._nvml.NVMLError as error:
            raise NvmlError(int(getattr(error, "value", 999)), name) from error
        except UnicodeDecodeError as error:
            return error.object  # the bytes that the module could not decode; they are read as the library gave them
        except self._mismatch as error:
            raise NvmlError(FUNCTION_NOT_FOUND, name) from error

    def init(self) -> None:
        """Connect to the driver."""
        self._ask("nvmlInit")

    def shutdown(self) -> None:
        """Let the driver go."""
        self._ask("nvmlShutdown")

    def driver_version(self) -> str:
        """Return the driver's version."""
        return _words(self._ask("nvmlSystemGetDriverVersion"))

    def nvml_version(self) -> str:
        """Return the library's version."""
        return _words(self._ask("nvmlSystemGetNVMLVersion"))

    def cuda_version(self) -> int:
        """Return the newest CUDA that the driver serves, as 12040."""
        return int(self._ask("nvmlSystemGetCudaDriverVersion_v2"))

    def count(self) -> int:
        """Return how many GPUs there are."""
        return int(self._ask("nvmlDeviceGetCount"))

    def handle(self, index: int) -> Any:
        """Return the handle of a GPU."""
        return self._ask("nvmlDeviceGetHandleByIndex", index)

    def uuid(self, handle: Any) -> str:
        """Return the UUID of a GPU or a slice."""
        return _words(self._ask("nvmlDeviceGetUUID", handle))

    def name(self, handle: Any) -> str:
        """Return the model."""
        return _words(self._ask("nvmlDeviceGetName", handle))

    def serial(self, handle: Any) -> str:
        """Return the board's serial number."""
        return _words(self._ask("nvmlDeviceGetSerial", handle))

    def minor(self, handle: Any) -> int:
        """Return N of /dev/nvidiaN."""
        return int(self._ask("nvmlDeviceGetMinorNumber", handle))

    def pci_bus_id(self, handle: Any) -> str:
        """Return the PCI address."""
        pci = self._ask("nvmlDeviceGetPciInfo", handle)
        return _words(pci.busId or pci.busIdLegacy)

    def memory(self, handle: Any) -> tuple[int, int]:
        """Return total and used bytes; used as nvidia-smi counts it, where the driver can."""
        version = getattr(self._nvml, "nvmlMemory_v2", None)
        try:
            found = self._ask("nvmlDeviceGetMemoryInfo", handle, *([] if version is None else [version]))
        except NvmlError as error:
            if version is None or error.code not in (2, 3, FUNCTION_NOT_FOUND, 25):
                raise
            found = self._ask("nvmlDeviceGetMemoryInfo", handle)
        return int(found.total), int(found.used)

    def compute_capability(self, handle: Any) -> tuple[int, int]:
        """Return major and minor."""
        major, minor = self._ask("nvmlDeviceGetCudaComputeCapability", handle)
        return int(major), int(minor)

    def mig_mode(self, handle: Any) -> bool:
        """Return whether the GPU is cut into slices now."""
        return int(self._ask("nvmlDeviceGetMigMode", handle)[0]) == 1

    def mig_handles(self, handle: Any) -> list[Any]:
        """Return the handles of all slices; places may be empty."""
        found: list[Any] = []
        for place in range(int(self._ask("nvmlDeviceGetMaxMigDeviceCount", handle))):
            try:
                found.append(self._ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, place))
            except NvmlError as error:
                if error.code != NOT_FOUND:
                    raise
        return found

    def ecc_mode(self, handle: Any) -> bool:
        """Return whether ECC is on."""
        return int(self._ask("nvmlDeviceGetEccMode", handle)[0]) == 1

    def ecc_uncorrected(self, handle: Any) -> int:
        """Return uncorrected errors since the driver was loaded."""
        return int(self._ask("nvmlDeviceGetTotalEccErrors", handle, 1, 0))

    def persistence(self, handle: Any) -> bool:
        """Return whether the driver stays loaded without clients."""
        return int(self._ask("nvmlDeviceGetPersistenceMode", handle)) == 1

    def display_active(self, handle: Any) -> bool:
        """Return whether a display is driven."""
        return int(self._ask("nvmlDeviceGetDisplayActive", handle)) == 1

    def temperature(self, handle: Any) -> int:
        """Return degrees Celsius."""
        return int(self._ask("nvmlDeviceGetTemperature", handle, 0))

    def power_draw(self, handle: Any) -> int:
        """Return milliwatts."""
        return int(self._ask("nvmlDeviceGetPowerUsage", handle))

    def power_limit(self, handle: Any) -> int:
        """Return milliwatts."""
        return int(self._ask("nvmlDeviceGetEnforcedPowerLimit", handle))

    def utilization(self, handle: Any) -> int:
        """Return per cent."""
        return int(self._ask("nvmlDeviceGetUtilizationRates", handle).gpu)

    def fabric(self, handle: Any) -> int:
        """Return where the fabric manager stands with this GPU; the module fills a structure of its own."""
        kind = getattr(self._nvml, "c_nvmlGpuFabricInfo_t", None)
        if kind is None:
            raise NvmlError(FUNCTION_NOT_FOUND, "nvmlDeviceGetGpuFabricInfo")
        value = kind()
        self._ask("nvmlDeviceGetGpuFabricInfo", handle, ctypes.byref(value))
        return int(value.state)

    def processes(self, handle: Any, graphics: bool) -> list[tuple[int, int | None]]:
        """Return pid and memory of each process."""
        kind = "Graphics" if graphics else "Compute"
        name = f"nvmlDeviceGet{kind}RunningProcesses"
        found = self._ask(f"{name}_v3" if hasattr(self._nvml, f"{name}_v3") else name, handle)
        return [(int(p.pid), None if p.usedGpuMemory is None else int(p.usedGpuMemory)) for p in found]
