# SPDX-License-Identifier: GPL-3.0-or-later
"""NVML through its bindings, and what remains when it fails, hangs or crashes."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.reading import read_gpu, read_system
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.states import NvmlError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import gpu, nvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml_library import CtypesNvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml_pynvml import PyNvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

from ..gpu.dumps import DumpedNvml
from .test_child import crash

LINKS = Path(__file__).resolve().parents[5] / "collections"


def ask(api, deadline=5.0):
    return nvml.ask_nvml(lambda: (api, "dump"), deadline)


def test_healthy():
    report = ask(DumpedNvml("tesla-t4-x4"))
    assert (report.state, len(report.gpus), report.source, report.error) == ("ok", 4, "dump", None)


def test_no_gpus():
    assert ask(DumpedNvml("tesla-t4-x4", gpus=[])).state == "no_devices"


def test_count_that_fails_is_an_error_with_the_versions():
    report = ask(DumpedNvml("tesla-t4-x4", count_code=999))
    assert (report.state, report.driver, report.gpus) == ("error", "550.90.07", ())


class Stuck(DumpedNvml):
    """Misbehaves at the third GPU."""

    def handle(self, index):
        if index == 2:
            self.misbehave()
        return super().handle(index)


def test_a_call_that_blocks_costs_the_deadline_and_keeps_what_was_read():
    api = Stuck("tesla-t4-x4")
    api.misbehave = lambda: time.sleep(60)
    began = time.monotonic()
    report = ask(api, 0.5)
    assert time.monotonic() - began < 2
    assert (report.state, len(report.gpus), report.driver) == ("timeout", 2, "550.90.07")
    assert report.error == "NVML: no answer within 0.5 s"


def test_a_crash_keeps_what_was_read():
    api = Stuck("tesla-t4-x4")
    api.misbehave = crash
    report = ask(api)
    assert (report.state, len(report.gpus)) == ("crashed", 2)


def test_a_hang_before_the_first_word():
    def binding():
        time.sleep(60)

    assert nvml.ask_nvml(binding, 0.2).state == "timeout"


def test_a_library_that_is_not_there():
    report = nvml.read_gpus("/no/such/libnvidia-ml.so.1")
    assert (report.state, report.gpus) == ("library_not_found", ())
    assert "/no/such/libnvidia-ml.so.1" in report.error


def without_library(monkeypatch):
    def binding(_library):
        raise NvmlError(12, "libnvidia-ml.so.1")

    monkeypatch.setattr(nvml, "bind", binding)


def test_the_program_is_the_last_resort(monkeypatch):
    without_library(monkeypatch)
    text = "<nvidia_smi_log><driver_version>525</driver_version><gpu><uuid>GPU-1</uuid></gpu></nvidia_smi_log>"
    report = nvml.read_gpus(runner=lambda argv, deadline: text)
    assert (report.source, report.gpus[0].uuid) == ("nvidia-smi", "GPU-1")


def no_program(_argv, _deadline):
    raise Unreadable("nvidia-smi: No such file or directory")


@pytest.mark.parametrize("runner", [no_program, lambda _argv, _deadline: "failed"], ids=["absent", "words"])
def test_without_library_and_program_the_first_reason_counts(monkeypatch, runner):
    without_library(monkeypatch)
    assert nvml.read_gpus(runner=runner).state == "library_not_found"


@pytest.mark.parametrize(
    ("api", "items"),
    [
        (DumpedNvml("tesla-t4-x4"), 5),
        (DumpedNvml("tesla-t4-x4", init=9), 1),
    ],
    ids=["all", "no-driver"],
)
def test_what_the_child_says(api, items):
    said = []
    nvml.tell(lambda: (api, "dump"), said.append)
    assert len(said) == items
    assert api.calls == (["shutdown"] if items > 1 else [])


def test_what_the_child_says_without_library(monkeypatch):
    said = []
    nvml.tell(lambda: nvml.bind("/no/such/library"), said.append)
    assert [item["state"] for item in said] == ["library_not_found"]


def test_what_the_child_says_when_counting_fails():
    with pytest.raises(Unreadable, match="NVML 999"):
        nvml.tell(lambda: (DumpedNvml("tesla-t4-x4", count_code=999), "dump"), [].append)


def test_the_library_serves_where_pynvml_is_absent(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(nvml.importlib, "import_module", absent)
    monkeypatch.setattr(nvml, "CtypesNvml", lambda library: ("bound", library))
    assert nvml.bind() == (("bound", None), "ctypes")


def test_pynvml_is_preferred(monkeypatch):
    module = SimpleNamespace()
    monkeypatch.setattr(nvml.importlib, "import_module", lambda name: module)
    api, source = nvml.bind()
    assert (type(api), source) == (PyNvml, "pynvml")


# --- the library itself, built from the lab's stand-in ---


def loaded(library, **settings):
    for key, value in settings.items():
        os.environ[f"FAKE_NVML_{key.upper()}"] = str(value)
    try:
        return nvml.read_gpus(library)
    finally:
        for key in settings:
            del os.environ[f"FAKE_NVML_{key.upper()}"]


def test_ctypes_reads_every_fact(stand_in):
    report = loaded(stand_in, count=2, driver="525.105.17", cuda=12000, used_mib=100)
    assert (report.state, report.driver, report.nvml, report.cuda) == ("ok", "525.105.17", "12.525.105.17", "12.0")
    first, second = report.gpus
    assert (first.name, first.uuid) == ("Tesla T4", "GPU-00000000-0000-4000-8000-000000000000")
    assert (first.pci_bus_id, second.pci_bus_id) == ("00000000:04:00.0", "00000000:05:00.0")
    assert (first.memory_total, first.memory_used) == (15360 << 20, 100 << 20)
    assert (first.compute_capability, first.minor, first.serial) == ("7.5", 0, "1320000000000")
    assert (first.persistence, first.display_active, first.temperature) == (True, False, 34)
    assert (first.power_draw_mw, first.power_limit_mw, first.utilization) == (9500, 70000, 0)
    assert (first.mig_mode, first.ecc, first.processes) == (None, None, ())


@pytest.mark.parametrize(
    ("code", "state"), [(9, "driver_not_loaded"), (18, "version_mismatch"), (4, "no_permission"), (77, "error")]
)
def test_ctypes_init_errors(stand_in, code, state):
    assert loaded(stand_in, init_error=code).state == state


def test_ctypes_without_gpus(stand_in):
    assert loaded(stand_in, count=0).state == "no_devices"


def test_a_name_that_is_a_template_stays_text(stand_in):
    assert loaded(stand_in, count=1, name="{{ lookup('pipe','id') }}").gpus[0].name == "{{ lookup('pipe','id') }}"


def test_the_library_needs_no_subprocess(stand_in, monkeypatch):
    monkeypatch.setattr("subprocess.Popen.__init__", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert nvml.read_gpus(stand_in).state == "ok"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1


def test_every_entry_point_works_on_the_older_symbols_too(old_stand_in):
    report = nvml.read_gpus(old_stand_in)
    gpus = report.gpus
    assert [g.health.state for g in gpus] == ["ok", "lost", "reset_required"]
    assert (gpus[0].memory_total, gpus[0].memory_used) == (1000, 10)
    assert (gpus[0].mig_mode, [part.uuid for part in gpus[0].mig_devices]) == ("enabled", ["slice", "slice"])
    assert [(p.pid, p.type, p.used_memory) for p in gpus[0].processes] == [(7, "compute", 5), (8, "compute", None)]
    assert (gpus[0].ecc, gpus[0].ecc_uncorrected, gpus[0].name) == (True, 3, None)
    assert [g.fabric for g in gpus] == ["in_progress", None, None]


def direct(api):
    report = read_system(api, "direct")
    return report, [read_gpu(api, index) for index in range(api.count())]


def test_bindings_in_this_process(stand_in, old_stand_in):
    for library, names in ((stand_in, ["Tesla T4"] * 4), (old_stand_in, [None] * 3)):
        api = CtypesNvml(library)
        _report, gpus = direct(api)
        assert [g.name for g in gpus] == names
        api.shutdown()


def test_memory_that_is_lost_with_the_gpu_is_not_asked_the_old_way(old_stand_in):
    assert direct(CtypesNvml(old_stand_in))[1][2].health.state == "reset_required"


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


def module(**changes):
    """A stand-in for pynvml: what it lacks is a function that an older release has not."""
    process = SimpleNamespace(pid=7, usedGpuMemory=None)

    def raises(code):
        def call(*_args):
            error = Lost()
            error.value = code
            raise error

        return call

    def slice_at(_handle, place):
        return raises(6)() if place == 1 else "slice"

    functions = {
        "NVMLError": Lost,
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
        "nvmlDeviceGetComputeRunningProcesses": lambda handle: [process],
        "raises": raises,
    }
    return SimpleNamespace(**{**functions, **changes})


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


def test_slices_that_fail_otherwise_are_left_out(old_stand_in, monkeypatch):
    api = CtypesNvml(old_stand_in)
    monkeypatch.setattr(api, "_code", lambda names, *_: 999 if "MigDevice" in names[0] else 0)
    monkeypatch.setattr(api, "_number", lambda *_, **__: 1)
    with pytest.raises(NvmlError, match="NVML 999"):
        api.mig_handles(None)


def test_no_processes_are_an_empty_list(stand_in):
    api = CtypesNvml(stand_in)
    api.init()
    assert api.processes(api.handle(0), graphics=True) == []


# --- where the facts of the GPUs come from ---


def device(machine, address, vendor="0x10de", kind="0x030200", driver=None):
    folder = f"/sys/bus/pci/devices/{address}"
    for name, text in (("vendor", vendor), ("class", kind), ("device", "0x1eb8")):
        machine.write(f"{folder}/{name}", text + "\n")
    if driver:
        machine.link(f"{folder}/driver", f"../../../bus/pci/drivers/{driver}")


def test_bus_module_and_library_files(machine, seen, look):
    device(machine, "0000:04:00.0", driver="nvidia")
    device(machine, "0000:05:00.0", kind="0x030000")
    device(machine, "0000:05:00.1", kind="0x040300")
    device(machine, "0000:07:00.0", vendor="0x8086")
    machine.write("/sys/module/nvidia/version", "525.105.17\n")
    machine.write("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  525.105.17\n")
    machine.mkdir("/sys/module/nouveau")
    machine.write("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.525.105.17", "")
    machine.write("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "")
    facts = gpu.observe_gpu(look())
    assert [(d.address, d.driver) for d in facts.pci] == [("0000:04:00.0", "nvidia"), ("0000:05:00.0", None)]
    assert (facts.module_version, facts.library_versions, facts.nouveau) == ("525.105.17", ("525.105.17",), True)
    assert [u.fact for u in seen.missing] == ["gpu.nvml"]


def test_a_machine_without_a_bus(machine, seen, look):
    facts = gpu.observe_gpu(look(options={"nvml_library": "/no/such/library"}))
    assert (facts.pci, facts.nvml.state) == (None, "library_not_found")
    assert [u.fact for u in seen.missing] == ["gpu.pci", "gpu.nvswitches"]
