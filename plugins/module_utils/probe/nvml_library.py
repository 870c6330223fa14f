# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NVML by ctypes: a few lines per call, newer entry points first."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char, c_int, c_uint, c_ulonglong, c_void_p
from typing import Any, Callable

from ..gpu.states import INSUFFICIENT_SIZE, NvmlError

NAMES = ("libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1")
LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
NOT_FOUND = 6
_NO_VALUE = (1 << 64) - 1
_UNCORRECTED, _VOLATILE = 1, 0


class _Memory(ctypes.Structure):
    _fields_ = [("total", c_ulonglong), ("free", c_ulonglong), ("used", c_ulonglong)]


class _Memory2(ctypes.Structure):
    _fields_ = [
        ("version", c_uint),
        ("total", c_ulonglong),
        ("reserved", c_ulonglong),
        ("free", c_ulonglong),
        ("used", c_ulonglong),
    ]


class _Pci(ctypes.Structure):
    _fields_ = [
        ("legacy", c_char * 16),
        ("domain", c_uint),
        ("bus", c_uint),
        ("device", c_uint),
        ("pci_id", c_uint),
        ("subsystem_id", c_uint),
        ("bus_id", c_char * 32),
    ]


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", c_uint), ("memory", c_uint)]


class _Fabric(ctypes.Structure):
    _fields_ = [("cluster", ctypes.c_ubyte * 16), ("status", c_int), ("clique", c_uint), ("state", ctypes.c_ubyte)]


class _Process(ctypes.Structure):
    _fields_ = [("pid", c_uint), ("memory", c_ulonglong), ("gpu_instance", c_uint), ("compute_instance", c_uint)]


class CtypesNvml:
    """The NVML library, bound function by function."""

    def __init__(self, path: str | None = None) -> None:
        """Load the library.

        Raises:
            NvmlError: there is none (12).
        """
        self._bound: dict[tuple[str, ...], Callable[..., int]] = {}
        for name in (path,) if path else NAMES:
            try:
                self._library = ctypes.CDLL(name)
                return
            except OSError:
                continue
        raise NvmlError(LIBRARY_NOT_FOUND, path or NAMES[0])

    def _call(self, names: tuple[str, ...], *arguments: Any) -> None:
        code = self._code(names, *arguments)
        if code != 0:
            raise NvmlError(code, names[0])

    def _code(self, names: tuple[str, ...], *arguments: Any) -> int:
        if names not in self._bound:
            self._bound[names] = self._bind(names)
        return int(self._bound[names](*arguments))

    def _bind(self, names: tuple[str, ...]) -> Callable[..., int]:
        for name in names:
            function = getattr(self._library, name, None)
            if function is not None:
                function.restype = c_int
                return function  # type: ignore[no-any-return]
        raise NvmlError(FUNCTION_NOT_FOUND, names[0])

    def _text(self, name: str, *handle: Any, size: int = 96) -> str:
        buffer = ctypes.create_string_buffer(size)
        self._call((name,), *handle, buffer, c_uint(size))
        return buffer.value.decode("utf-8", "replace")

    def _number(self, *names: str, handle: Any, before: tuple[Any, ...] = ()) -> int:
        value = c_uint()
        self._call(names, handle, *before, byref(value))
        return value.value

    def init(self) -> None:
        """Connect to the driver."""
        self._call(("nvmlInit_v2", "nvmlInit"))

    def shutdown(self) -> None:
        """Let the driver go."""
        self._call(("nvmlShutdown",))

    def driver_version(self) -> str:
        """Return the driver's version."""
        return self._text("nvmlSystemGetDriverVersion")

    def nvml_version(self) -> str:
        """Return the library's version."""
        return self._text("nvmlSystemGetNVMLVersion")

    def cuda_version(self) -> int:
        """Return the newest CUDA that the driver serves, as 12040."""
        value = c_int()
        self._call(("nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"), byref(value))
        return value.value

    def count(self) -> int:
        """Return how many GPUs there are."""
        value = c_uint()
        self._call(("nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"), byref(value))
        return value.value

    def handle(self, index: int) -> Any:
        """Return the handle of a GPU."""
        handle = c_void_p()
        self._call(("nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"), c_uint(index), byref(handle))
        return handle

    def uuid(self, handle: Any) -> str:
        """Return the UUID of a GPU or a slice."""
        return self._text("nvmlDeviceGetUUID", handle)

    def name(self, handle: Any) -> str:
        """Return the model."""
        return self._text("nvmlDeviceGetName", handle)

    def serial(self, handle: Any) -> str:
        """Return the board's serial number."""
        return self._text("nvmlDeviceGetSerial", handle)

    def minor(self, handle: Any) -> int:
        """Return N of /dev/nvidiaN."""
        return self._number("nvmlDeviceGetMinorNumber", handle=handle)

    def pci_bus_id(self, handle: Any) -> str:
        """Return the PCI address."""
        pci = _Pci()
        self._call(("nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2"), handle, byref(pci))
        return bytes(pci.bus_id or pci.legacy).decode("ascii", "replace")

    def memory(self, handle: Any) -> tuple[int, int]:
        """Return total and used bytes; used as nvidia-smi counts it, without what the driver reserves."""
        newer = _Memory2(version=ctypes.sizeof(_Memory2) | 2 << 24)
        try:
            self._call(("nvmlDeviceGetMemoryInfo_v2",), handle, byref(newer))
            return newer.total, newer.used
        except NvmlError as error:
            if error.code not in (2, 3, FUNCTION_NOT_FOUND, 25):
                raise
        older = _Memory()
        self._call(("nvmlDeviceGetMemoryInfo",), handle, byref(older))
        return older.total, older.used

    def compute_capability(self, handle: Any) -> tuple[int, int]:
        """Return major and minor."""
        major, minor = c_int(), c_int()
        self._call(("nvmlDeviceGetCudaComputeCapability",), handle, byref(major), byref(minor))
        return major.value, minor.value

    def mig_mode(self, handle: Any) -> bool:
        """Return whether the GPU is cut into slices now."""
        current, pending = c_uint(), c_uint()
        self._call(("nvmlDeviceGetMigMode",), handle, byref(current), byref(pending))
        return current.value == 1

    def mig_handles(self, handle: Any) -> list[Any]:
        """Return the handles of all slices; places may be empty."""
        found: list[Any] = []
        for place in range(self._number("nvmlDeviceGetMaxMigDeviceCount", handle=handle)):
            part = c_void_p()
            code = self._code(("nvmlDeviceGetMigDeviceHandleByIndex",), handle, c_uint(place), byref(part))
            if code == 0:
                found.append(part)
            elif code != NOT_FOUND:
                raise NvmlError(code, "nvmlDeviceGetMigDeviceHandleByIndex")
        return found

    def ecc_mode(self, handle: Any) -> bool:
        """Return whether ECC is on."""
        current, pending = c_uint(), c_uint()
        self._call(("nvmlDeviceGetEccMode",), handle, byref(current), byref(pending))
        return current.value == 1

    def ecc_uncorrected(self, handle: Any) -> int:
        """Return uncorrected errors since the driver was loaded."""
        value = c_ulonglong()
        names = ("nvmlDeviceGetTotalEccErrors",)
        self._call(names, handle, c_uint(_UNCORRECTED), c_uint(_VOLATILE), byref(value))
        return value.value

    def persistence(self, handle: Any) -> bool:
        """Return whether the driver stays loaded without clients."""
        return self._number("nvmlDeviceGetPersistenceMode", handle=handle) == 1

    def display_active(self, handle: Any) -> bool:
        """Return whether a display is driven."""
        return self._number("nvmlDeviceGetDisplayActive", handle=handle) == 1

    def temperature(self, handle: Any) -> int:
        """Return degrees Celsius."""
        return self._number("nvmlDeviceGetTemperature", handle=handle, before=(c_uint(0),))

    def power_draw(self, handle: Any) -> int:
        """Return milliwatts."""
        return self._number("nvmlDeviceGetPowerUsage", handle=handle)

    def power_limit(self, handle: Any) -> int:
        """Return milliwatts."""
        return self._number("nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit", handle=handle)

    def utilization(self, handle: Any) -> int:
        """Return per cent."""
        value = _Utilization()
        self._call(("nvmlDeviceGetUtilizationRates",), handle, byref(value))
        return int(value.gpu)

    def fabric(self, handle: Any) -> int:
        """Return where the fabric manager stands with this GPU."""
        value = _Fabric()
        self._call(("nvmlDeviceGetGpuFabricInfo",), handle, byref(value))
        return int(value.state)

    def processes(self, handle: Any, graphics: bool) -> list[tuple[int, int | None]]:
        """Return pid and memory of each process; the list may grow between the two calls."""
        kind = "Graphics" if graphics else "Compute"
        names = (f"nvmlDeviceGet{kind}RunningProcesses_v3",)
        size = c_uint(0)
        code = self._code(names, handle, byref(size), POINTER(_Process)())
        if code not in (0, INSUFFICIENT_SIZE):
            raise NvmlError(code, names[0])
        if code == 0:
            return []
        size = c_uint(size.value + 16)
        found = (_Process * size.value)()
        self._call(names, handle, byref(size), found)
        used = [(int(p.pid), int(p.memory)) for p in found[: size.value]]
        return [(pid, None if memory == _NO_VALUE else memory) for pid, memory in used]
