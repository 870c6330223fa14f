# SPDX-License-Identifier: GPL-3.0-or-later
"""NVML by nvidia-ml-py: the real module over a stand-in library, and what older and newer ones of it lack or refuse."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.reading import read_gpu
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import nvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml_pynvml import PyNvml

from .test_nvml import direct

LINKS = Path(__file__).resolve().parents[5] / "collections"
BY_PYNVML = """
import json, sys
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml import read_gpus
print(json.dumps(to_plain(read_gpus())))
"""


@pytest.mark.parametrize("library", ["stand_in", "ill_stand_in"])
def test_the_real_binding_and_ctypes_give_the_same_answer(request, library):
    """nvidia-ml-py finds the library by its name, so it runs in a process that sees the stand-in first."""
    path = request.getfixturevalue(library)
    environment = {**os.environ, "LD_LIBRARY_PATH": os.path.dirname(path), "PYTHONPATH": str(LINKS)}
    argv = [sys.executable, "-c", BY_PYNVML]
    done = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=60)
    by_pynvml = json.loads(done.stdout)
    by_ctypes = to_plain(nvml.read_gpus(path))
    assert (by_pynvml.pop("source"), by_ctypes.pop("source")) == ("pynvml", "ctypes")
    assert by_pynvml == by_ctypes


class Lost(Exception):
    value = 15


def raises(code):
    """A function of NVML that fails with this code."""

    def call(*_args):
        error = Lost()
        error.value = code
        raise error

    return call


def slice_at(_handle, place):
    return raises(6)() if place == 1 else "slice"


PLAIN = {
    "nvmlInit": lambda: None,
    "nvmlShutdown": lambda: None,
    "nvmlSystemGetDriverVersion": lambda: b"525.105.17",
    "nvmlSystemGetNVMLVersion": lambda: "12.525.105.17",
    "nvmlSystemGetCudaDriverVersion_v2": lambda: 12000,
    "nvmlDeviceGetCount": lambda: 1,
    "nvmlDeviceGetHandleByIndex": lambda index: index,
    "nvmlDeviceGetUUID": lambda handle: b"GPU-1",
    "nvmlDeviceGetName": lambda handle: "Tesla T4",
    "nvmlDeviceGetSerial": raises(3),
    "nvmlDeviceGetMinorNumber": lambda handle: 0,
    "nvmlDeviceGetPciInfo": lambda handle: SimpleNamespace(busId=b"00000000:04:00.0"),
    "nvmlDeviceGetMemoryInfo": lambda handle: SimpleNamespace(total=100, used=1),
    "nvmlDeviceGetCudaComputeCapability": lambda handle: (7, 5),
    "nvmlDeviceGetMigMode": lambda handle: [1, 1],
    "nvmlDeviceGetMaxMigDeviceCount": lambda handle: 2,
    "nvmlDeviceGetMigDeviceHandleByIndex": slice_at,
    "nvmlDeviceGetEccMode": lambda handle: [1, 1],
    "nvmlDeviceGetTotalEccErrors": lambda handle, kind, counter: 0,
    "nvmlDeviceGetPersistenceMode": lambda handle: 1,
    "nvmlDeviceGetDisplayActive": lambda handle: 0,
    "nvmlDeviceGetTemperature": lambda handle, sensor: 34,
    "nvmlDeviceGetPowerUsage": lambda handle: 9500,
    "nvmlDeviceGetEnforcedPowerLimit": lambda handle: 70000,
    "nvmlDeviceGetUtilizationRates": lambda handle: SimpleNamespace(gpu=7),
    "nvmlDeviceGetComputeRunningProcesses": lambda handle: [SimpleNamespace(pid=7, usedGpuMemory=None)],
}


def module(**changes):
    """A stand-in for pynvml: what it lacks is a function that an older release has not."""
    return SimpleNamespace(**{"NVMLError": Lost, "raises": raises, **PLAIN, **changes})


def test_pynvml_reads_every_fact():
    api = PyNvml(module())
    report, (first,) = direct(api)
    api.shutdown()
    assert (report.driver, report.nvml, report.cuda) == ("525.105.17", "12.525.105.17", "12.0")
    assert (first.uuid, first.name, first.serial, first.minor) == ("GPU-1", "Tesla T4", None, 0)
    assert (first.pci_bus_id, first.memory_total, first.compute_capability) == ("00000000:04:00.0", 100, "7.5")
    assert (first.mig_mode, len(first.mig_devices), first.ecc, first.ecc_uncorrected) == ("enabled", 1, True, 0)
    assert (first.temperature, first.power_draw_mw, first.power_limit_mw, first.utilization) == (34, 9500, 70000, 7)
    assert [(p.pid, p.used_memory) for p in first.processes] == [(7, None)]  # graphics: a function it lacks


class Mismatch(Exception):
    """What newer modules raise for functions without a version; no NVMLError."""


def test_pynvml_newer_than_the_driver_costs_only_the_function_that_it_refuses():
    def refused(_handle):
        raise Mismatch

    functions = {"nvmlDeviceGetComputeRunningProcesses": refused, "nvmlDeviceGetSerial": refused}
    gpu = read_gpu(PyNvml(module(NVMLLibraryMismatchError=Mismatch, **functions)), 0)
    assert (gpu.name, gpu.serial, gpu.processes, gpu.health.state) == ("Tesla T4", None, (), "ok")


def test_pynvml_uses_the_function_with_a_version_where_it_has_one():
    def processes(_handle):
        return [SimpleNamespace(pid=9, usedGpuMemory=4)]

    gpu = read_gpu(PyNvml(module(nvmlDeviceGetComputeRunningProcesses_v3=processes)), 0)
    assert [(p.pid, p.used_memory) for p in gpu.processes] == [(9, 4)]


def test_pynvml_that_can_not_decode_a_name_hands_over_its_bytes():
    assert read_gpu(PyNvml(module(nvmlDeviceGetName=lambda _handle: b"T4 \xff".decode())), 0).name == "T4 \ufffd"


class Fabric(ctypes.Structure):
    _fields_ = [("state", ctypes.c_ubyte)]


def test_pynvml_fills_its_own_structure_for_the_fabric():
    def info(_handle, place):
        place._obj.state = 3

    api = PyNvml(module(c_nvmlGpuFabricInfo_t=Fabric, nvmlDeviceGetGpuFabricInfo=info))
    assert read_gpu(api, 0).fabric == "completed"


def test_pynvml_asks_for_memory_as_nvidia_smi_counts_it():
    def info(_handle, version=None):
        return SimpleNamespace(total=100, used=1 if version else 9)

    assert PyNvml(module(nvmlMemory_v2=2, nvmlDeviceGetMemoryInfo=info)).memory(0) == (100, 1)


def test_pynvml_falls_back_to_the_older_memory_call():
    def info(_handle, *version):
        return module().raises(13)() if version else SimpleNamespace(total=100, used=9)

    assert PyNvml(module(nvmlMemory_v2=2, nvmlDeviceGetMemoryInfo=info)).memory(0) == (100, 9)


@pytest.mark.parametrize("name", ["nvmlDeviceGetMemoryInfo", "nvmlDeviceGetMigDeviceHandleByIndex"])
def test_pynvml_that_says_lost(name):
    gpus = direct(PyNvml(module(**{name: module().raises(15)})))[1]
    assert gpus[0].health.state == "lost"
