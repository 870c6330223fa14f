# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver read from files: why none is loaded, what may replace it, and who holds GPUs."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.model import Gpu, GpuProcess, GpuReport
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.gpu import (
    DriverPackage,
    FabricManager,
    Holder,
    Upgrades,
)
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import gpu, gpu_driver, gpu_holders
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Unreadable

from .test_gpu import device

OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.178.04  Release Build  (dvs-builder@U22)\n"
OPEN_2 = "NVRM version: NVIDIA UNIX x86_64 Open Kernel Module  525.60.13\n"
CLOSED = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03  Tue Jun  6 22:20:39 UTC 2023\n"


@pytest.mark.parametrize(
    ("text", "flavour"), [(OPEN, "open"), (OPEN_2, "open"), (CLOSED, "proprietary")], ids=["open", "open-too", "closed"]
)
def test_flavour(machine, text, flavour):
    machine.write("/proc/driver/nvidia/version", text)
    assert gpu_driver.flavour(machine.root) == flavour


def test_a_loaded_module_that_says_nothing_is_unknown(machine, seen, look):
    machine.write("/sys/module/nvidia/version", "580.178.04\n")
    assert gpu.observe_gpu(look()).flavour is None
    assert "gpu.flavour" in [item.fact for item in seen.missing]


@pytest.mark.parametrize(
    ("data", "on"),
    [(b"\x06\x00\x00\x00\x01", True), (b"\x06\x00\x00\x00\x00", False), (b"\x01", False), (None, False)],
    ids=["on", "off", "short", "no-efi"],
)
def test_secure_boot(machine, data, on):
    if data is not None:
        machine.write(gpu_driver.SECURE_BOOT, data)
    assert gpu_driver.secure_boot(machine.root) is on


@pytest.mark.parametrize(
    ("modules", "built"),
    [
        ("updates/dkms/nvidia.ko.zst: kernel/drivers/acpi/video.ko.zst\n", True),
        ("updates/dkms/nvidia-current.ko: kernel/drivers/video.ko\n", True),
        ("kernel/drivers/net/x.ko:\nextra/nvidia.ko.xz:\n", True),
        ("kernel/drivers/net/ethernet/nvidia/forcedeth.ko:\nupdates/nvidia-peermem.ko: updates/nvidia.ko\n", False),
        (None, None),
    ],
    ids=["ubuntu", "debian", "compressed", "others", "container"],
)
def test_module_of_the_running_kernel(machine, modules, built):
    machine.write("/proc/sys/kernel/osrelease", "6.8.0-60-generic\n")
    if modules is not None:
        machine.write("/lib/modules/6.8.0-60-generic/modules.dep", modules)
    assert gpu_driver.module_built(machine.root) is built


def test_a_kernel_without_a_name_has_no_modules_to_look_at(machine):
    assert gpu_driver.module_built(machine.root) is None


STATUS = """Package: nvidia-driver-580
Status: hold ok installed
Version: 580.178.04-0ubuntu1

Package: libnvidia-compute-580
Status: install ok installed
Version: 580.178.04-0ubuntu1

Package: nvidia-container-toolkit
Status: hold ok installed
Version: 1.20.1-1

Package: unattended-upgrades
Status: install ok installed
Version: 2.9

Package: nvidia-fabricmanager-580
Status: install ok installed
Version: 580.178.04-1

Package: nvidia-utils-570
Status: deinstall ok config-files
Version: 1
"""


def test_packages_of_the_driver(machine):
    machine.write("/var/lib/dpkg/status", STATUS)
    assert gpu_driver.packages(machine.root) == (
        DriverPackage("libnvidia-compute-580", "580.178.04-0ubuntu1", False),
        DriverPackage("nvidia-driver-580", "580.178.04-0ubuntu1", True),
    )


@pytest.mark.parametrize(
    ("status", "period", "enabled"),
    [(STATUS, "1", True), (STATUS, "0", False), (STATUS, "", False), ("", "1", False)],
    ids=["on", "off", "not-set", "not-installed"],
)
def test_unattended_upgrades(machine, status, period, enabled):
    machine.write("/var/lib/dpkg/status", status)
    machine.write("/etc/apt/apt.conf.d/20auto-upgrades", f'APT::Periodic::Unattended-Upgrade "{period}";')
    machine.write("/etc/apt/apt.conf.d/50unattended-upgrades", 'Unattended-Upgrade::Package-Blacklist { "nvidia-"; };')
    assert gpu_driver.upgrades(machine.root) == Upgrades(enabled, ("nvidia-",))


SHOW = "LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\n"


def test_the_fabric_manager_is_asked_only_where_there_are_switches(machine, seen, look):
    machine.write("/var/lib/dpkg/status", STATUS)
    machine.mkdir("/run/systemd/system")
    machine.mkdir("/sys/module/ib_umad")
    device(machine, "0000:04:00.0")
    calls = []

    def runner(argv, deadline):
        calls.append(argv[-1])
        return SHOW

    assert gpu.observe_gpu(look(options={"runner": runner})).fabric is None
    device(machine, "0000:08:00.0", kind="0x068000")
    facts = gpu.observe_gpu(look(options={"runner": runner}))
    assert (facts.nvswitches, len(facts.pci)) == (1, 1)
    assert (facts.fabric.unit.active, facts.fabric.version, facts.fabric.ib_umad) == ("failed", "580.178.04-1", True)
    assert calls == ["nvidia-fabricmanager.service"]


def test_a_fabric_manager_that_can_not_be_read_is_unknown(machine, seen, look):
    device(machine, "0000:08:00.0", kind="0x068000")
    assert gpu.observe_gpu(look()).fabric == FabricManager()
    assert {"gpu.fabric.unit", "gpu.fabric.version"} <= {item.fact for item in seen.missing}


def process(machine, pid, cgroup, uid=1000, name="python3"):
    machine.write(f"/proc/{pid}/cgroup", cgroup)
    machine.write(f"/proc/{pid}/comm", f"{name}\n")
    machine.write(f"/proc/{pid}/status", f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")


def held(*pids, memory=5 << 20):
    return GpuReport("ok", (Gpu(2, processes=tuple(GpuProcess(pid, used_memory=memory) for pid in pids)),))


def test_processes_have_a_name_an_owner_and_a_place(machine):
    machine.write("/etc/passwd", "alex:x:1000:1000::/home/alex:/bin/sh\n")
    process(machine, 7, "0::/user.slice/user-1000.slice/session-3.scope\n")
    process(machine, 8, "0::/system.slice/docker-4af0.scope/kubelet.slice/kubepods-pod1.slice\n", uid=0)
    assert gpu_holders.holders(machine.root, held(7, 8, 9)) == (
        Holder(7, 2, "python3", "alex", 5, False),
        Holder(8, 2, "python3", "0", 5, True),
    )


def test_a_process_without_a_status_and_without_numbers(machine):
    machine.write("/proc/7/cgroup", "12:devices:/kubepods/burstable/pod1\n0::/\n")
    assert gpu_holders.holders(machine.root, held(7, memory=None)) == (Holder(7, 2, "", "", None, True),)


def test_a_process_that_may_not_be_looked_at_is_unknown(machine):
    machine.mkdir("/proc/7/cgroup")
    with pytest.raises(Unreadable, match="not a regular file"):
        gpu_holders.holders(machine.root, held(7))


def test_the_doctor_sees_who_holds_a_gpu(machine, seen, look, old_stand_in):
    process(machine, 7, "0::/user.slice\n")
    machine.write("/var/lib/dpkg/status", STATUS)
    device(machine, "0000:04:00.0")
    facts = gpu.observe_gpu(look(gpu={"thorough": True}, options={"nvml_library": old_stand_in}))
    assert [(holder.pid, holder.gpu, holder.contained) for holder in facts.holders] == [(7, 0, False)]
    assert (len(facts.packages), facts.upgrades, facts.secure_boot) == (2, Upgrades(), False)
    assert seen.missing == ()
    assert gpu.observe_gpu(look(options={"nvml_library": old_stand_in})).holders is None
