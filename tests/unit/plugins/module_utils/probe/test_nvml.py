# SPDX-License-Identifier: GPL-3.0-or-later
"""NVML through its bindings, and what remains when it fails, hangs or crashes."""

import os
import resource
import time
from types import SimpleNamespace

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.reading import read_gpu, read_system
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.states import NvmlError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import nvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml_library import CtypesNvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml_pynvml import PyNvml
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

from ..gpu.dumps import DumpedNvml
from .test_child import crash


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


def test_the_program_counts_though_it_ends_with_an_error(monkeypatch, tmp_path):
    """It ends with 15 when a GPU is lost, and lists the others all the same."""
    without_library(monkeypatch)
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\necho 'Unable to determine the device handle for GPU 0000:05:00.0: GPU is lost.' >&2\n"
        "echo '<nvidia_smi_log><gpu id=\"00000000:04:00.0\"><uuid>GPU-1</uuid></gpu></nvidia_smi_log>'\nexit 15\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert [(gpu.uuid, gpu.health.state) for gpu in nvml.read_gpus().gpus] == [("GPU-1", "ok"), (None, "lost")]


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
