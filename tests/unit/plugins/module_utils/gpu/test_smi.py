# SPDX-License-Identifier: GPL-3.0-or-later
"""The XML of nvidia-smi, read as the last resort."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.smi import SmiError, parse_smi

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
    <power_readings><power_draw>9.52 W</power_draw></power_readings>
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
    assert [(p.pid, p.type, p.used_memory) for p in gpu.processes] == [
        (12, "compute", 100 << 20),
        (13, "graphics", None),
    ]


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
