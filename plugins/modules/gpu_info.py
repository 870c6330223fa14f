#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: what NVML says of the GPUs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_info
short_description: NVIDIA GPUs, driver and health as NVML sees them
version_added: 1.0.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Reads GPUs through C(nvidia-ml-py) where it can be imported, else through the NVML library itself, else from the XML
    of C(nvidia-smi).
  - NVML runs in a child process with a deadline, so a driver that hangs or a library that crashes costs neither the
    module nor the facts that were read before.
  - Never fails because of a broken driver or GPU; see RV(state) and RV(gpus[].health).
options:
  nvml_library:
    description: NVML library to load instead of C(libnvidia-ml.so.1); its Python binding is then not used.
    type: path
  deadline:
    description: Seconds that NVML may take in all. With the default the module answers within 10 seconds.
    type: float
    default: 8.0
attributes:
  check_mode:
    description: Reads the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
  platform:
    description: Platforms it works on.
    platforms: linux
    support: full
seealso:
  - module: mlinfra.gpu_launch.node_state
"""

EXAMPLES = r"""
- name: Read the GPUs
  mlinfra.gpu_launch.gpu_info:
  register: found

- name: Show model and memory of each
  ansible.builtin.debug:
    msg: "{{ item.index }} {{ item.name }} {{ item.memory_total | human_readable }}"
  loop: "{{ found.gpus }}"
  loop_control:
    label: "{{ item.uuid }}"
"""

RETURN = r"""
state:
  description:
    - State of the driver. V(ok), V(no_devices), V(driver_not_loaded), V(library_not_found), V(version_mismatch) (driver
      and library differ), V(no_permission), V(timeout) (NVML hangs), V(crashed) or V(error).
    - V(timeout), V(crashed) and V(error) may come with the GPUs that were read before.
  returned: always
  type: str
  sample: ok
error:
  description: What went wrong, when RV(state) is neither V(ok) nor V(no_devices).
  returned: always
  type: str
driver:
  description: Version of the driver.
  returned: always
  type: str
  sample: 550.90.07
nvml:
  description: Version of the NVML library.
  returned: always
  type: str
  sample: 12.550.90.07
cuda:
  description: Newest CUDA version that the driver serves.
  returned: always
  type: str
  sample: "12.4"
source:
  description: Where the facts come from, V(pynvml), V(ctypes) or V(nvidia-smi).
  returned: always
  type: str
gpus:
  description: The GPUs in the order of NVML. A fact that a GPU does not support is null.
  returned: always
  type: list
  elements: dict
  contains:
    index:
      description: Index of NVML.
      type: int
    uuid:
      description: UUID.
      type: str
      sample: GPU-00000000-0000-4000-8000-000000000000
    name:
      description: Model.
      type: str
      sample: Tesla T4
    serial:
      description: Serial number of the board.
      type: str
    minor:
      description: Number of the device node.
      type: int
    pci_bus_id:
      description: PCI address.
      type: str
      sample: "00000000:04:00.0"
    memory_total:
      description: Memory in bytes.
      type: int
      sample: 16106127360
    memory_used:
      description: Used memory in bytes.
      type: int
    compute_capability:
      description: Compute capability.
      type: str
      sample: "7.5"
    mig_mode:
      description: Whether the GPU is cut into slices, V(enabled) or V(disabled).
      type: str
    mig_devices:
      description: The slices. By C(nvidia-smi) without their UUIDs and names.
      type: list
      elements: dict
      contains:
        index:
          description: Place of the slice.
          type: int
        uuid:
          description: UUID.
          type: str
        name:
          description: Name of the profile.
          type: str
        memory_total:
          description: Memory in bytes.
          type: int
    ecc:
      description: Whether ECC is on.
      type: bool
    ecc_uncorrected:
      description: Uncorrected memory errors since the driver was loaded.
      type: int
    persistence:
      description: Whether persistence mode is on.
      type: bool
    display_active:
      description: Whether the GPU drives a display.
      type: bool
    temperature:
      description: Degrees Celsius.
      type: int
    power_draw_mw:
      description: Power draw in milliwatts.
      type: int
    power_limit_mw:
      description: Power limit in milliwatts.
      type: int
    utilization:
      description: Utilization in per cent.
      type: int
    fabric:
      description: >-
        Where the fabric manager stands with a GPU behind NVSwitches, V(not_started), V(in_progress) or V(completed);
        null where there is no fabric.
      type: str
    processes:
      description: Processes that hold memory of the GPU.
      type: list
      elements: dict
      contains:
        pid:
          description: Process id.
          type: int
        type:
          description: Either V(compute) or V(graphics).
          type: str
        used_memory:
          description: Memory in bytes.
          type: int
    health:
      description: Whether the GPU answers.
      type: dict
      contains:
        state:
          description: One of V(ok), V(lost), V(reset_required), V(no_permission) and V(error).
          type: str
        code:
          description: Number of NVML, V(0) when all is well.
          type: int
        message:
          description: Words for it.
          type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.convert import to_plain
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.nvml import read_gpus


def argument_spec() -> dict[str, Any]:
    return {"nvml_library": {"type": "path"}, "deadline": {"type": "float", "default": 8.0}}


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    report = read_gpus(module.params["nvml_library"], module.params["deadline"])
    module.exit_json(changed=False, **to_plain(report))


if __name__ == "__main__":
    main()
