# SPDX-License-Identifier: GPL-3.0-or-later
"""GPUs and driver."""

import pytest

from .machines import first, ids, machine

LOST = {"state": "lost", "code": 15, "message": "uuid: the GPU is lost (it fell off the bus) (NVML 15)"}


def nvml(**changes):
    return {**machine()["gpu"]["nvml"], **changes}


def gpus(*changes):
    found = machine()["gpu"]["nvml"]["gpus"]
    return nvml(gpus=[{**gpu, **change} for gpu, change in zip(found, changes)])


@pytest.mark.parametrize("name", ["reference", "bare"])
def test_four_gpus(name):
    assert ids("gpu", {"count": 4}, name) == []
    assert ids("gpu", {}, name) == []


def test_a_node_without_gpus_is_not_asked_for_any():
    assert ids("gpu", {"needed": False}, gpu__nvml=None) == []


def test_more_gpus_than_there_are():
    finding = first("gpu", {"count": 5}, "bare")
    assert (finding.id, finding.act, finding.found, finding.wanted) == (
        "GPU002",
        "refuse",
        "NVML sees 4 GPUs",
        "5 GPUs",
    )
    assert "4 or less" in finding.fix


def test_fewer_gpus_than_the_bus_has_names_the_address():
    finding = first("gpu", {}, gpu__nvml=nvml(gpus=machine()["gpu"]["nvml"]["gpus"][:3]))
    assert finding.id == "GPU002"
    assert "0000:07:00.0 (driver nvidia)" in finding.found


def test_a_device_without_driver_is_named_so():
    pci = [*machine()["gpu"]["pci"], {"address": "0000:0a:00.0", "device": "0x1eb8", "driver": None}]
    assert "0000:0a:00.0 (no driver)" in first("gpu", {}, gpu__pci=pci).found


@pytest.mark.parametrize("wanted", [{}, {"count": 2}], ids=["any", "two"])
def test_no_gpu_at_all(wanted):
    assert ids("gpu", wanted, gpu__pci=[], gpu__nvml=nvml(gpus=[], state="no_devices"))[0] == ("GPU001", "refuse")


def test_lost_gpu_stops_who_needs_all_of_them():
    sick = gpus({}, {"health": LOST, "pci_bus_id": None}, {}, {})
    assert ids("gpu", {"count": 4}, gpu__nvml=sick) == [("GPU003", "refuse")]
    assert ids("gpu", {}, gpu__nvml=sick) == [("GPU003", "refuse")]
    assert ids("gpu", {"count": 3}, gpu__nvml=sick) == [("GPU003", "tell")]
    assert first("gpu", {}, gpu__nvml=sick).subject == "GPU 1 at an unknown address"


def test_silent_nvml():
    state = nvml(state="timeout", error="NVML: no answer within 10 s", gpus=[])
    assert ids("gpu", {}, gpu__nvml=state) == [("GPU004", "refuse")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"nouveau": True, "module_version": None}, "nouveau", id="nouveau"),
        pytest.param({"module_version": None}, "no module nvidia is loaded", id="module-missing"),
        pytest.param({"library_versions": [], "module_version": "525.105.17"}, "no libnvidia-ml.so.1", id="no-library"),
        pytest.param({"library_versions": [], "module_version": None}, "no NVIDIA driver", id="nothing"),
    ],
)
def test_no_driver_names_the_cause(changes, words):
    places = {f"gpu__{key}": value for key, value in changes.items()}
    finding = first("gpu", {}, gpu__nvml=nvml(state="library_not_found", gpus=[]), **places)
    assert (finding.id, finding.act) == ("DRV001", "refuse")
    assert words in finding.found


def test_driver_that_fails_otherwise_keeps_its_own_words():
    assert first("gpu", {}, gpu__nvml=nvml(state="error", error="odd", gpus=[])).found == "odd"
    assert first("gpu", {}, gpu__nvml=nvml(state="crashed", gpus=[])).found == "crashed"


def test_no_permission_asks_for_become():
    assert "become" in first("gpu", {}, gpu__nvml=nvml(state="no_permission", gpus=[])).fix


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"gpu__module_version": "525.60.13"}, id="files"),
        pytest.param({"gpu__nvml": nvml(state="version_mismatch", gpus=[]), "gpu__module_version": None}, id="nvml"),
        pytest.param({"gpu__nvml": nvml(state="version_mismatch"), "gpu__library_versions": []}, id="no-file-seen"),
    ],
)
def test_mismatch_asks_for_a_reboot(changes):
    finding = first("gpu", {}, **changes)
    assert finding.id == "DRV002"
    assert finding.fix.startswith("reboot")


def test_one_gpu_is_advice_never_a_failure():
    one = {"gpu__nvml": gpus({}), "gpu__pci": machine()["gpu"]["pci"][:1]}
    assert ids("gpu", {}, **one) == [("SYS010", "tell")]


def test_mixed_models_and_a_display_are_told():
    mixed = gpus({"name": "NVIDIA L4", "display_active": True}, {}, {}, {})
    assert ids("gpu", {}, gpu__nvml=mixed) == [("GPU006", "tell"), ("GPU007", "tell")]
