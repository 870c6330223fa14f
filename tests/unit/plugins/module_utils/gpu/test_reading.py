# SPDX-License-Identifier: GPL-3.0-or-later
"""NVML's answers, read into the model."""

import dataclasses

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.model import GpuProcess, GpuReport
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.reading import complete, read_gpu, read_system

from .dumps import DumpedNvml


def read(api):
    report = read_system(api, "dump")
    return (
        complete(report, tuple(read_gpu(api, index) for index in range(api.count())))
        if report.state == "ok"
        else report
    )


def test_four_healthy_gpus():
    report = read(DumpedNvml("tesla-t4-x4"))
    assert (report.state, report.driver, report.nvml, report.cuda) == ("ok", "550.90.07", "12.550.90.07", "12.4")
    assert [gpu.minor for gpu in report.healthy] == [0, 1, 2, 3]
    first = report.gpus[0]
    assert (first.name, first.memory_total, first.compute_capability) == ("Tesla T4", 15360 << 20, "7.5")
    assert (first.mig_mode, first.ecc, first.power_limit_mw) == (None, True, 70000)


def test_a_gpu_that_fails_costs_only_its_own_entry():
    report = read(DumpedNvml("one-lost-one-reset"))
    assert [gpu.health.state for gpu in report.gpus] == ["ok", "lost", "reset_required", "ok"]
    assert [gpu.health.code for gpu in report.gpus] == [0, 15, 16, 0]
    assert report.state == "ok"
    assert [gpu.index for gpu in report.healthy] == [0, 3]


def test_what_was_read_before_a_gpu_failed_is_kept():
    gpu = read(DumpedNvml("one-lost-one-reset")).gpus[2]
    assert (gpu.name, gpu.temperature, gpu.power_draw_mw) == ("Tesla T4", None, None)
    assert "requires a reset (NVML 16)" in gpu.health.message


def test_not_supported_is_none_and_healthy():
    gpu = read(DumpedNvml("nothing-supported")).gpus[0]
    unread = {f.name for f in dataclasses.fields(gpu) if getattr(gpu, f.name) is None}
    assert gpu.health.state == "ok"
    assert {"name", "memory_total", "compute_capability", "mig_mode", "ecc", "temperature", "minor"} <= unread


def test_slices_and_processes():
    gpu = read(DumpedNvml("a100-mig")).gpus[0]
    assert gpu.mig_mode == "enabled"
    assert [(part.uuid, part.name) for part in gpu.mig_devices] == [
        ("MIG-1", "NVIDIA A100-SXM4-80GB MIG 3g.40gb"),
        ("MIG-2", None),
    ]
    assert GpuProcess(4711, "compute", None) in gpu.processes
    assert [process.pid for process in gpu.processes] == [12, 4711, 4711]


def test_a_gpu_without_slices_is_disabled_not_unsupported():
    api = DumpedNvml("a100-mig")
    api.dump["gpus"][0]["mig_mode"] = False
    gpu = read(api).gpus[0]
    assert (gpu.mig_mode, gpu.mig_devices) == ("disabled", ())


@pytest.mark.parametrize(
    ("code", "state"),
    [
        pytest.param(4, "no_permission", id="permission"),
        pytest.param(9, "driver_not_loaded", id="not-loaded"),
        pytest.param(12, "library_not_found", id="no-library"),
        pytest.param(18, "version_mismatch", id="mismatch"),
        pytest.param(999, "error", id="unknown"),
        pytest.param(31337, "error", id="number-of-the-future"),
    ],
)
def test_state_of_the_driver(code, state):
    report = read(DumpedNvml("tesla-t4-x4", init=code))
    assert report.state == state
    assert f"NVML {code}" in report.error


def test_versions_that_are_not_told():
    api = DumpedNvml("tesla-t4-x4")
    del api.dump["cuda"]
    assert read(api).cuda is None


def test_no_gpu_is_a_state_of_its_own():
    assert read(DumpedNvml("tesla-t4-x4", gpus=[])).state == "no_devices"


def test_reading_that_ended_early_keeps_its_reason():
    report = complete(GpuReport(state="ok", driver="1"), (), "NVML: no answer within 10 s", "timeout")
    assert (report.state, report.error, report.driver) == ("timeout", "NVML: no answer within 10 s", "1")
