# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture's data: which GPUs there are, and what runs on which."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.machine import Pod, Run, gpus, pods

from .reports import ROOT, seen

T4 = {"index": 0, "uuid": "GPU-a", "name": "Tesla T4", "pci_bus_id": "00000000:04:00.0", "health": {"state": "ok"}}


def machine(gpu, holders=None, pci=()):
    return {"gpu": {"nvml": {"state": "ok", "gpus": [gpu]}, "pci": list(pci), "holders": holders}}


def test_the_lively_machine():
    views = gpus(seen()["observed"])
    assert [(view.label, view.word, view.answers) for view in views] == [
        ("GPU 0", "healthy", True),
        ("GPU 1", "healthy", True),
        ("GPU 2", "lost", False),
        ("GPU 3", "healthy", True),
    ]
    assert views[0].runs == (Run("41200", "python3", "pid 41200, root, 9.4 GiB, in a pod or container", True),)
    assert pods(seen()["observed"]) == [
        Pod("default/launch-stable-diffusion-7fq2k", "running, 1 GPU"),
        Pod("default/launch-finetune-bert-x8c1d", "running, 1 GPU"),
        Pod("default/launch-hello-world-q0p5z", "running, 1 GPU"),
    ]


def test_a_recorded_h200():
    recorded = json.loads((ROOT / "tests/fixtures/nvml/h200.json").read_text(encoding="utf-8"))["gpus"][0]
    processes = [{"pid": pid, "used_memory": size} for pid, size in recorded["processes"]["compute"]]
    gpu = {**T4, "name": recorded["name"], "processes": processes}
    view = gpus(machine(gpu))[0]
    assert view.name == recorded["name"]
    assert len(view.runs) == len(processes)
    assert [run.pid for run in view.runs] == [str(process["pid"]) for process in processes]


@pytest.mark.parametrize(
    ("state", "word", "kind"),
    [
        pytest.param("ok", "healthy", "ok", id="ok"),
        pytest.param("lost", "lost", "error", id="lost"),
        pytest.param("reset_required", "reset required", "error", id="reset"),
        pytest.param("no_permission", "no permission", "error", id="a-state-of-later"),
        pytest.param(None, "unknown", "not_observed", id="no-state"),
    ],
)
def test_state(state, word, kind):
    view = gpus(machine({**T4, "health": {"state": state}}))[0]
    assert (view.word, view.state, view.answers) == (word, kind, state == "ok")


def test_a_gpu_that_says_nothing():
    view = gpus(machine({}))[0]
    assert (view.label, view.name, view.memory_used, view.runs) == ("GPU", "name not read", None, ())


@pytest.mark.parametrize(
    ("nvml", "kind", "message"),
    [
        pytest.param({"gpus": []}, "error", "on the PCI bus, unseen by NVML; kernel driver vfio-pci", id="fell-off"),
        pytest.param(None, "not_observed", "on the PCI bus, NVML gave no answer; kernel driver vfio-pci", id="no-nvml"),
    ],
)
def test_a_gpu_that_only_the_bus_shows(nvml, kind, message):
    device = {"address": "0000:04:00.0", "device": "0x1eb8", "driver": "vfio-pci"}
    (view,) = gpus({"gpu": {"nvml": nvml, "pci": [device]}})
    assert (view.state, view.message, view.name) == (kind, message, "PCI device 0x1eb8")


def test_the_bus_and_nvml_write_the_same_address_differently():
    device = {"address": "0000:04:00.0", "driver": None}
    assert len(gpus(machine(T4, pci=[device]))) == 1
    assert gpus(machine({**T4, "pci_bus_id": "00000000:05:00.0"}, pci=[device]))[1].message.endswith("driver none")


@pytest.mark.parametrize(
    ("holder", "run"),
    [
        pytest.param(
            {"pid": 7, "gpu": 0, "command": "python3", "user": "eve", "contained": False},
            Run("7", "python3", "pid 7, eve, 1.0 GiB, in no pod or container", False),
            id="on-the-host",
        ),
        pytest.param(
            {"pid": 7, "gpu": 0, "command": "", "user": "", "contained": True},
            Run("7", "process", "pid 7, 1.0 GiB, in a pod or container", True),
            id="nameless",
        ),
        pytest.param({"pid": 8, "contained": True}, Run("7", "process", "pid 7, 1.0 GiB"), id="another-pid"),
        pytest.param({"pid": 7, "contained": ["x"]}, Run("7", "process", "pid 7, 1.0 GiB"), id="other-type"),
    ],
)
def test_a_process_is_known_by_its_pid(holder, run):
    gpu = {**T4, "processes": [{"pid": 7, "type": "compute", "used_memory": 2**30}]}
    assert gpus(machine(gpu, [holder]))[0].runs == (run,)


def test_a_look_that_was_not_thorough_knows_no_names():
    gpu = {**T4, "processes": [{"pid": 7, "type": "compute", "used_memory": None}]}
    assert gpus(machine(gpu))[0].runs == (Run("7", "process", "pid 7"),)


def test_mig_devices_are_named():
    parts = [{"index": 0, "name": "MIG 1g.5gb"}, {"index": 1, "name": None}]
    assert gpus(machine({**T4, "mig_devices": parts}))[0].slices == ("MIG 1g.5gb", "MIG device")


def test_pods_with_gpus():
    listed = [{"namespace": "default", "name": "a", "phase": "Pending", "gpus": 2}, {"name": "b"}]
    assert pods({"cluster": {"gpu_pods": listed}}) == [Pod("default/a", "pending, 2 GPUs"), Pod("b", "")]


@pytest.mark.parametrize(
    "observed",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"gpu": None, "cluster": None}, id="null"),
        pytest.param(
            {"gpu": {"nvml": {"gpus": "4"}, "pci": 4, "holders": 3}, "cluster": {"gpu_pods": {"a": 1}}},
            id="other-types",
        ),
    ],
)
def test_what_was_not_observed_is_not_drawn(observed):
    assert gpus(observed) == []
    assert pods(observed) == []
