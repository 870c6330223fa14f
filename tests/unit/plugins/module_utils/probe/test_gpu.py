# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the facts of the GPUs come from: bus, module, library files."""

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import gpu


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
