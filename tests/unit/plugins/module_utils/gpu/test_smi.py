# SPDX-License-Identifier: GPL-3.0-or-later
"""The XML of nvidia-smi, read as the last resort."""

import dataclasses

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.reading import complete, read_gpu, read_system
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.smi import SmiError, parse_smi

from .dumps import FOLDER, DumpedNvml

TEXT = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
  <driver_version>525.105.17</driver_version><cuda_version>12.0</cuda_version>
  <gpu id="00000000:00:04.0">
    <product_name>Tesla T4</product_name><uuid>GPU-1</uuid><serial>[N/A]</serial><minor_number>0</minor_number>
    <persistence_mode>Enabled</persistence_mode><display_active>Disabled</display_active>
    <mig_mode><current_mig>N/A</current_mig></mig_mode><ecc_mode><current_ecc>Enabled</current_ecc></ecc_mode>
    <fb_memory_usage><total>15360 MiB</total><reserved>2 MiB</reserved><used>100 MiB</used></fb_memory_usage>
    <utilization><gpu_util>7 %</gpu_util></utilization><temperature><gpu_temp>34 C</gpu_temp></temperature>
    <power_readings>
      <power_draw>9.52 W</power_draw>
      <power_limit>70.00 W</power_limit><enforced_power_limit>60.00 W</enforced_power_limit>
    </power_readings>
    <ecc_errors><volatile>
      <sram_uncorrectable>1</sram_uncorrectable><dram_uncorrectable>2</dram_uncorrectable>
    </volatile></ecc_errors>
    <processes>
      <process_info><pid>12</pid><type>C</type><used_memory>100 MiB</used_memory></process_info>
      <process_info><pid>13</pid><type>G</type><used_memory>N/A</used_memory></process_info>
    </processes>
  </gpu>
</nvidia_smi_log>
"""


def test_facts():
    report = parse_smi(TEXT)
    gpu = report.gpus[0]
    assert (report.state, report.driver, report.cuda, report.source) == ("ok", "525.105.17", "12.0", "nvidia-smi")
    assert (gpu.name, gpu.serial, gpu.pci_bus_id, gpu.minor) == ("Tesla T4", None, "00000000:00:04.0", 0)
    assert (gpu.memory_total, gpu.memory_used) == (15360 << 20, 100 << 20)
    assert (gpu.mig_mode, gpu.ecc, gpu.persistence, gpu.display_active) == (None, True, True, False)
    assert (gpu.temperature, gpu.utilization, gpu.power_draw_mw) == (34, 7, 9520)
    assert (gpu.power_limit_mw, gpu.ecc_uncorrected) == (60000, 3)
    assert [(p.pid, p.type, p.used_memory) for p in gpu.processes] == [
        (12, "compute", 100 << 20),
        (13, "graphics", None),
    ]


def test_a_real_h200_reads_the_same_as_by_nvml():
    """Both were recorded on one machine in one minute, one process running."""
    api = DumpedNvml("h200")
    by_nvml = complete(read_system(api, "dump"), (read_gpu(api, 0),))
    by_smi = parse_smi((FOLDER.parent / "nvidia_smi/580.159.04-h200.xml").read_text())
    assert (by_smi.state, by_smi.driver, by_smi.cuda) == (by_nvml.state, by_nvml.driver, by_nvml.cuda)
    smi, lib = (dataclasses.asdict(report.gpus[0]) for report in (by_smi, by_nvml))
    assert abs(smi.pop("memory_used") - lib.pop("memory_used")) < 1 << 20  # nvidia-smi rounds to MiB
    assert abs(smi.pop("power_draw_mw") - lib.pop("power_draw_mw")) < 1000  # two moments
    assert (smi.pop("compute_capability"), lib.pop("compute_capability")) == (None, "9.0")  # the XML lacks it
    (used_smi,), (used_lib,) = smi.pop("processes"), lib.pop("processes")
    assert used_smi["used_memory"] == used_lib["used_memory"] == 1634 << 20
    assert smi == lib


MIB = 1 << 20
RECORDED = {
    "418.43-geforce": ("418.43", "10.1", "Graphics Device", None, None, None),
    "515.105.01-t4": ("515.105.01", "11.7", "Tesla T4", True, 0, None),
    "535.54.03-a100-mig": ("535.54.03", "12.2", "NVIDIA A100-SXM4-80GB", True, 0, "enabled"),
    "570.124.04-rtx-3060": ("570.124.04", "12.8", "NVIDIA GeForce RTX 3060", None, None, None),
    "580.159.04-h200": ("580.159.04", "13.0", "NVIDIA H200", True, 0, "disabled"),
    "595.84-rtx-4000": ("595.84", "13.2", "NVIDIA RTX 4000 SFF Ada Generation", False, None, None),
}


def recorded(name):
    return parse_smi((FOLDER.parent / f"nvidia_smi/{name}.xml").read_text())


def test_every_recorded_output_is_read():
    assert sorted(path.stem for path in (FOLDER.parent / "nvidia_smi").glob("*.xml")) == sorted(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_driver_branches(name):
    """Every branch tells the facts that decide: which GPU, how large, how busy, how healthy."""
    driver, cuda, model, ecc, errors, mig = RECORDED[name]
    report = recorded(name)
    (gpu,) = report.gpus
    assert (report.state, report.driver, report.cuda, gpu.name) == ("ok", driver, cuda, model)
    assert (gpu.ecc, gpu.ecc_uncorrected, gpu.mig_mode) == (ecc, errors, mig)
    assert gpu.uuid.startswith("GPU-")
    assert gpu.pci_bus_id.startswith("00000000:")
    assert gpu.minor is not None
    assert gpu.memory_total > gpu.memory_used >= 0
    assert 0 < gpu.temperature < 100
    assert None not in (gpu.persistence, gpu.display_active, gpu.power_draw_mw, gpu.power_limit_mw)
    assert gpu.fabric is None


def test_processes_of_the_t4():
    processes = recorded("515.105.01-t4").gpus[0].processes
    assert [(p.pid, p.type, p.used_memory) for p in processes] == [
        (675, "graphics", 22 * MIB),
        (5762, "compute", 1005 * MIB),
    ]


def test_slices_of_the_a100():
    slices = recorded("535.54.03-a100-mig").gpus[0].mig_devices
    assert [(part.index, part.uuid, part.name) for part in slices] == [(i, None, None) for i in range(4)]
    assert {part.memory_total for part in slices} == {19968 * MIB}


def built():
    return (FOLDER.parent / "nvidia_smi/built/t4-x4-one-lost.xml").read_text()


def by_nvml():
    """The same machine by NVML: GPU 1 of the dump is lost; its GPU 2, which requires a reset there, is well here."""
    gpus = [dict(gpu) for gpu in DumpedNvml("one-lost-one-reset").dump["gpus"]]
    gpus[2].pop("fail")
    api = DumpedNvml("one-lost-one-reset", gpus=gpus)
    return complete(read_system(api, "dump"), tuple(read_gpu(api, index) for index in range(4)))


LOST_SAYS = "Unable to determine the device handle for {}: GPU is lost. Reboot the system to recover this GPU\n"


def unopened(says):
    """The machine as the program shows it where it can't open the lost GPU at all: it is not in the XML then."""
    start, end = built().index('    <gpu id="00000000:05:00.0">'), built().index('    <gpu id="00000000:06:00.0">')
    return says + built()[:start] + built()[end:]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(built(), id="listed"),
        pytest.param(unopened(LOST_SAYS.format("GPU 0000:05:00.0")), id="by-address"),
        pytest.param(unopened(LOST_SAYS.format("GPU00000000:05:00.0")), id="by-address-without-a-blank"),
        pytest.param(unopened(LOST_SAYS.format("GPU1: 0000:05:00.0")), id="by-index-and-address"),
        pytest.param(unopened(LOST_SAYS.format("GPU1")), id="by-index"),
        pytest.param(
            built().replace("\n    <gpu ", "\n" + LOST_SAYS.format("GPU 0000:05:00.0") + "    <gpu ", 1), id="both"
        ),
    ],
)
def test_a_lost_gpu_is_lost_by_every_path(text):
    smi, nvml = parse_smi(text), by_nvml()
    assert [gpu.health.state for gpu in nvml.gpus] == ["ok", "lost", "ok", "ok"]
    assert smi.state == nvml.state == "ok"
    assert [(gpu.health.state, gpu.health.code) for gpu in smi.gpus] == [
        (gpu.health.state, gpu.health.code) for gpu in nvml.gpus
    ]
    assert smi.gpus[1].health.message == "nvidia-smi: the GPU is lost (it fell off the bus) (NVML 15)"
    assert [(gpu.index, gpu.uuid, gpu.name, gpu.minor, gpu.pci_bus_id) for gpu in smi.healthy] == [
        (gpu.index, gpu.uuid, gpu.name, gpu.minor, gpu.pci_bus_id) for gpu in nvml.healthy
    ]


def test_words_of_an_error_are_no_values():
    lost = parse_smi(built()).gpus[1]
    assert (lost.uuid, lost.pci_bus_id) == ("GPU-00000000-0000-4000-8000-000000000001", "00000000:05:00.0")
    unread = (lost.memory_total, lost.temperature, lost.ecc, lost.persistence, lost.display_active, lost.utilization)
    assert unread == (None,) * 6


def failing(*changes):
    text = TEXT
    for old, new in changes:
        text = text.replace(old, new)
    return parse_smi(text).gpus[0].health


NAMELESS = (">Tesla T4<", ">{}<"), (">GPU-1<", ">{}<"), (">34 C<", ">{}<")


@pytest.mark.parametrize(
    ("changes", "state", "code"),
    [
        pytest.param([(">34 C<", ">GPU requires reset<")], "reset_required", 16, id="reset"),
        pytest.param([(">34 C<", ">[GPU requires reset]<")], "reset_required", 16, id="reset-in-brackets"),
        pytest.param([(">34 C<", ">Unknown Error<")], "ok", 0, id="one-value"),
        pytest.param([(a, b.format("Unknown Error")) for a, b in NAMELESS], "error", 999, id="every-value"),
        pytest.param([(a, b.format("ERR!")) for a, b in NAMELESS], "error", 999, id="every-value-of-the-table"),
        pytest.param([(">100 MiB<", ">GPU is lost<")], "lost", 15, id="memory"),
        pytest.param([("<type>C<", "<process_name>GPU is lost</process_name><type>C<")], "ok", 0, id="a-program"),
    ],
)
def test_health(changes, state, code):
    health = failing(*changes)
    assert (health.state, health.code) == (state, code)


def test_a_gpu_that_cannot_be_opened_may_be_all_that_is_said():
    report = parse_smi("Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error\n")
    assert [(gpu.index, gpu.pci_bus_id, gpu.health.state) for gpu in report.gpus] == [(0, "0000:0B:00.0", "error")]


@pytest.mark.parametrize(("word", "state"), [("Completed", "completed"), ("In Progress", "in_progress"), ("N/A", None)])
def test_fabric(word, state):
    text = TEXT.replace("<utilization>", f"<fabric><state>{word}</state></fabric><utilization>")
    assert parse_smi(text).gpus[0].fabric == state


def test_no_gpu():
    assert parse_smi("<nvidia_smi_log></nvidia_smi_log>").state == "no_devices"


def test_mig_mode_is_in_lower_case():
    assert parse_smi(TEXT.replace("<current_mig>N/A", "<current_mig>Enabled")).gpus[0].mig_mode == "enabled"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("No devices were found\n", id="words"),
        pytest.param("<html></html>", id="other-document"),
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]><nvidia_smi_log/>', id="entities"),
    ],
)
def test_refused(text):
    with pytest.raises(SmiError, match="nvidia-smi -q -x"):
        parse_smi(text)
