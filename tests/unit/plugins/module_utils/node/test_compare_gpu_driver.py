# SPDX-License-Identifier: GPL-3.0-or-later
"""Driver, fabric, upgrades and processes: each cause with its way out, and what was not read is never fine."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.catalogue.gpu import CHECKS
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.gpu_upgrades import left_alone
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import apt_conf
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.gpu_driver import PACKAGES

from .healthy import raised, report

NONE = {"state": "driver_not_loaded", "error": "nvmlInit: the driver is not loaded (NVML 9)"}
UNLOADED = {"gpu.nvml": NONE, "gpu.module_version": None}


@pytest.mark.parametrize(
    "fact",
    ["gpu.nvml", "gpu.pci", "gpu.flavour", "gpu.nvswitches", "gpu.packages", "gpu.upgrades", "gpu.holders"],
)
def test_a_probe_that_was_killed_is_never_fine(fact):
    result = report("gpu", {fact: None}, unknown=[fact])
    assert [(item.fact, item.reason) for item in result.unknown] == [(fact, "killed")]
    assert not result.converged


@pytest.mark.parametrize(
    ("observed", "fact"),
    [
        ({"gpu.nvswitches": 1, "gpu.fabric": None}, "gpu.fabric"),
        ({"gpu.nvswitches": 1, "gpu.fabric": {"version": "580.178.04-1"}}, "gpu.fabric.unit"),
    ],
)
def test_an_unread_fabric_manager_is_never_fine(observed, fact):
    result = report("gpu", observed, unknown=[fact])
    assert [item.fact for item in result.unknown] == [fact]
    assert result.findings == ()


def test_a_role_does_not_ask_for_what_only_the_doctor_wants():
    unread = dict.fromkeys(["gpu.pci", "gpu.flavour", "gpu.nvswitches", "gpu.packages", "gpu.upgrades", "gpu.holders"])
    assert report("gpu", unread, thorough=False).converged
    assert raised("gpu", {"gpu.module_version": "525.1", "gpu.library_versions": ["525.1"]}, thorough=False) == []


@pytest.mark.parametrize(
    ("observed", "found", "fix", "commands"),
    [
        pytest.param(
            {"gpu.nouveau": True}, "nouveau holds the GPUs", "blacklists nouveau", (), id="nouveau-though-built"
        ),
        pytest.param({}, "it is not loaded", "modprobe nvidia", ("modprobe nvidia",), id="not-loaded"),
        pytest.param({"gpu.secure_boot": True}, "secure boot is on", "mokutil --import", (), id="unsigned"),
        pytest.param({"gpu.module_built": False}, "no module nvidia is loaded", "dkms autoinstall", (), id="not-built"),
        pytest.param(
            {"gpu.module_built": None, "gpu.library_versions": []},
            "the driver is not loaded",
            "kernel log",
            (),
            id="odd",
        ),
        pytest.param(
            {
                "gpu.module_built": False,
                "gpu.library_versions": [],
                "gpu.nvml": {"state": "library_not_found", "error": "12"},
            },
            "neither module nor libnvidia-ml.so.1",
            "install the NVIDIA driver",
            (),
            id="nothing",
        ),
        pytest.param(
            {"gpu.nvml": {"state": "no_permission"}}, "no permission", "become", (), id="no-permission-is-no-lack"
        ),
    ],
)
def test_no_driver_names_cause_and_way_out(observed, found, fix, commands):
    finding = report("gpu", {**UNLOADED, **observed}).findings[0]
    assert finding.id == "DRV001"
    assert found in finding.found
    assert fix in finding.fix
    assert finding.commands == commands


def test_the_cause_is_the_one_that_was_seen():
    assert (
        report("gpu", {**UNLOADED, "gpu.secure_boot": True}).findings[0].cause.startswith("the kernel refuses a module")
    )
    odd = {**UNLOADED, "gpu.module_version": "580.178.04", "gpu.nvml": {"state": "library_not_found"}}
    finding = report("gpu", {**odd, "gpu.library_versions": []}).findings[0]
    assert (finding.found, finding.cause[:8]) == ("module 580.178.04, but no libnvidia-ml.so.1", "nouveau ")


def test_gpus_of_wsl_are_not_on_the_bus():
    wsl = {**UNLOADED, "gpu.pci": [], "host.wsl": True}
    assert [check for check, _act, _severity in raised("gpu", wsl)] == ["DRV001"]


def test_all_findings_come_at_once():
    observed = {"gpu.library_versions": ["580.200.01"], "gpu.pci.0.device": "0x1b38", "gpu.packages.0.held": False}
    assert [check for check, _act, _severity in raised("gpu", observed)] == ["DRV002", "DRV003", "DRV004"]


@pytest.mark.parametrize(
    ("device", "flavour", "ids"),
    [
        pytest.param("0x1db8", "open", ["DRV004"], id="volta"),
        pytest.param("0x1e02", "open", [], id="the-first-of-turing"),
        pytest.param("0x1b38", "proprietary", [], id="the-module-that-knows-it"),
        pytest.param("", "open", [], id="unreadable-id"),
    ],
)
def test_open_module(device, flavour, ids):
    found = raised("gpu", {"gpu.pci.0.device": device, "gpu.flavour": flavour})
    assert [check for check, _act, _severity in found] == ids


@pytest.mark.parametrize(
    ("version", "severity", "words"),
    [
        pytest.param("580.159.03", "warning", "fixed in 580.178.04", id="below"),
        pytest.param("570.211.01", "warning", "line 570 gets no fix", id="unfixed"),
        pytest.param("535.274.02", "warning", "end of life since 2026-06", id="end-of-life"),
        pytest.param("525.105.17", "advice", "can't be judged by number", id="not-known"),
    ],
)
def test_floors_of_the_driver(version, severity, words):
    finding = report("gpu", {"gpu.module_version": version, "gpu.library_versions": [version]}).findings[0]
    assert (finding.id, finding.act, finding.severity) == ("DRV006", "tell", severity)
    assert words in finding.found


def test_without_a_driver_there_is_no_floor_to_judge():
    assert [f.id for f in report("gpu", UNLOADED).findings] == ["DRV001"]
    assert [f.id for f in report("gpu", {**UNLOADED, "gpu.nvml": None}).findings] == []


FABRIC = {"gpu.nvswitches": 6}
STOPPED = {"unit": {"load": "loaded", "active": "failed"}, "version": "580.178.04-1"}


@pytest.mark.parametrize(
    ("manager", "found", "commands"),
    [
        pytest.param(
            STOPPED, "its unit is failed", ("systemctl enable --now nvidia-fabricmanager.service",), id="stopped"
        ),
        pytest.param({"unit": {"load": "not-found"}}, "it is not installed", (), id="absent"),
        pytest.param(
            {**STOPPED, "version": "570.1"},
            "its package is 570.1, the driver 580.178.04, its unit is failed",
            (),
            id="starting-another-version-does-not-help",
        ),
    ],
)
def test_fabric_manager(manager, found, commands):
    finding = report("gpu", {**FABRIC, "gpu.fabric": manager}).findings[0]
    assert (finding.id, finding.found, finding.commands) == ("DRV005", found, commands)


def test_a_working_fabric_is_fine():
    good = {"unit": {"load": "loaded", "active": "active"}, "version": "580.178.04-1"}
    assert raised("gpu", {**FABRIC, "gpu.fabric": good, "gpu.nvml.gpus.0.fabric": "completed"}) == []
    assert raised("gpu", {**FABRIC, "gpu.fabric": {**good, "version": None}}) == []


def test_without_switches_a_failed_unit_is_harmless():
    assert raised("gpu", {"gpu.fabric": STOPPED}) == []


def test_blackwell_needs_one_module_more():
    gpus = {"gpu.nvml.gpus.0.compute_capability": "10.0", "gpu.nvml.gpus.0.fabric": "not_started"}
    running = {"unit": {"load": "loaded", "active": "active"}, "version": "580.178.04-1"}
    finding = report("gpu", {**FABRIC, **gpus, "gpu.fabric": running}).findings[0]
    assert finding.found == "GPU 0 waits for its fabric (not_started), the module ib_umad is not loaded"
    finding = report("gpu", {**FABRIC, **gpus, "gpu.fabric": {**running, "ib_umad": True}}).findings[0]
    assert finding.found == "GPU 0 waits for its fabric (not_started)"


def test_a_machine_whose_driver_says_no_version_still_names_its_problem():
    observed = {**UNLOADED, **FABRIC, "gpu.fabric": {**STOPPED, "version": "1.2"}}
    finding = next(f for f in report("gpu", observed).findings if f.id == "DRV005")
    assert (finding.found, finding.wanted) == (
        "its unit is failed",
        "an active nvidia-fabricmanager.service of version of the driver",
    )


def test_packages_that_may_be_replaced_are_named():
    free = [{"name": f"nvidia-driver-58{i}", "version": "1"} for i in range(5)]
    finding = report("gpu", {"gpu.packages": free}).findings[0]
    assert finding.found.endswith("nothing holds nvidia-driver-580, nvidia-driver-581, nvidia-driver-582 and 2 more")
    assert len(finding.evidence["packages"]) == 5


@pytest.mark.parametrize(
    "observed",
    [
        pytest.param({"gpu.upgrades": {"enabled": False}}, id="upgrades-off"),
        pytest.param({"gpu.upgrades": {"enabled": True, "excluded": ["(", "nvidia-", "libnvidia-"]}}, id="excluded"),
        pytest.param({"gpu.packages": []}, id="installed-by-hand"),
    ],
)
def test_nothing_to_hold(observed):
    free = {"gpu.packages": [{"name": "nvidia-driver-580", "version": "1"}]}
    assert raised("gpu", {**free, **observed}) == []


DRIVER_PACKAGES = [
    "nvidia-driver-580",
    "nvidia-driver-cuda",
    "nvidia-dkms-580-open",
    "nvidia-kernel-common-580",
    "nvidia-kernel-dkms",
    "nvidia-utils-580",
    "nvidia-compute-utils-580",
    "nvidia-open-580",
    "libnvidia-compute-580",
    "libnvidia-ml1",
    "libnvidia-gl-580",
    "linux-modules-nvidia-580-6.8.0-60-generic",
    "linux-objects-nvidia-580-6.8.0-60-generic",
    "xserver-xorg-video-nvidia-580",
    "firmware-nvidia-gsp",
    "libcuda1",
    "cuda-drivers-580",
]
OTHERS = [
    "nvidia-container-toolkit",
    "libnvidia-container1",
    "libnvidia-container-tools",
    "docker.io",
    "linux-image-amd64",
]


def test_the_command_excludes_exactly_the_packages_of_the_driver():
    (command,) = CHECKS["DRV003"].commands_for({})
    text = command.split("'", 3)[3].rsplit("'", 1)[0]
    known = apt_conf.parse(text)
    patterns = [value for name, value in known if name == "unattended-upgrade::package-blacklist"]
    assert [name for name in DRIVER_PACKAGES if not (PACKAGES.match(name) and left_alone(name, patterns))] == []
    assert [name for name in OTHERS if PACKAGES.match(name) or left_alone(name, patterns)] == []


def test_who_holds_a_gpu_is_named_and_nothing_else():
    holder = {"pid": 99, "gpu": 1, "command": "python3", "user": "alex", "used_mib": 9000, "contained": False}
    finding = report("gpu", {"gpu.holders": [holder]}).findings[0]
    assert (finding.subject, finding.found) == ("process 99", "python3 of alex holds 9000 MiB of GPU 1")
    finding = report("gpu", {"gpu.holders": [{"pid": 7, "gpu": 0}]}).findings[0]
    assert finding.found == "a program of an unknown user holds memory of GPU 0"


@pytest.mark.parametrize("change", [{"contained": True}, {"used_mib": 0}], ids=["a-pod", "nothing-held"])
def test_holders_that_take_nothing_away(change):
    holder = {"pid": 99, "gpu": 1, "used_mib": 5, **change}
    assert raised("gpu", {"gpu.holders": [holder]}) == []


def test_holders_are_asked_only_of_a_driver_that_answers():
    assert [item.fact for item in report("gpu", {**UNLOADED, "gpu.holders": None}).unknown] == []
