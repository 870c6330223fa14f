#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: observe a machine, component by component, without changing it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_state
short_description: Observe a machine, component by component, without changing it
version_added: 1.0.0
author: Contributors to mlinfra.gpu_launch (@mlinfra)
description:
  - Reads what the roles of this collection decide by, each component in a process
    of its own, and with a deadline for everything that may hang.
  - Never fails because of what it sees. What could not be read is listed with the reason in RV(observed.unknown).
  - Starts no program but C(systemctl show), C(nvidia-smi) where no NVML library can be loaded, and
    C(kubectl config view) for a kubeconfig that is more than plain YAML or JSON, where Python has no C(yaml).
  - Reads packages on Debian-like systems.
  - With O(wanted) it also compares, as the filter P(mlinfra.gpu_launch.findings#filter) does.
options:
  components:
    description: What to observe.
    type: list
    elements: str
    choices: [host, gpu, docker, nvidia_ctk, cluster, nfs, agent]
    default: [host, gpu, docker, nvidia_ctk, cluster, nfs, agent]
  roles:
    description:
      - Roles of this collection whose inputs say what is wanted. Their inputs are checked as by
        M(mlinfra.gpu_launch.check_inputs) first, and the state that they ask for is compared as if it stood in
        O(wanted), where it must not stand as well.
      - What one of them sets up counts as provided for those after it, which tell that it is missing and don't refuse.
      - The play must know the roles, by C(import_role) with C(tasks_from) V(inputs.yml) or as part of one of them.
      - A variable that looks like an input of one and is none is told as a warning.
    type: list
    elements: str
  wanted:
    description:
      - Wanted states by component, in the shape that the filter P(mlinfra.gpu_launch.findings#filter) documents.
      - They say where to look (paths, accounts, units) as well; of what is not given the roles' defaults count.
      - Given, the result also has RV(findings), RV(unknown), RV(gaps), RV(refusals), RV(due) and RV(converged).
    type: dict
  observation:
    description:
      - What another task has observed, to compare that instead of looking at the machine. Empty looks.
      - Then nothing reaches the machine, and O(wanted) or O(roles) is needed.
    type: dict
    default: {}
  refuse_as:
    description:
      - Who asks. Given, the task fails with one message that holds everything that must stop a run before its first
        change, and names who asked.
      - A wanted value that works on no machine is then refused without a look at this one.
    type: str
  api_key:
    description:
      - Key of the W&B server, for the queues of the agent and to see whether the machine has this key.
      - With V(launch_agent) among O(roles) its own input by default.
    type: str
  nvml_library:
    description: NVML library to load instead of C(libnvidia-ml.so.1); its Python binding is then not used.
    type: path
  nvml_deadline:
    description: Seconds that NVML may take.
    type: float
    default: 8.0
  deadline:
    description: Seconds that each other probe may take.
    type: float
    default: 5.0
  root:
    description: Folder to read files below, for tests and offline images.
    type: path
    default: /
attributes:
  action:
    description: Compares on the controller, by an action plugin of the same name.
    support: full
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
  - module: mlinfra.gpu_launch.gpu_info
  - plugin: mlinfra.gpu_launch.findings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Observe the engine and the machine
  mlinfra.gpu_launch.node_state:
    components: [host, docker]
  register: seen
  become: true

- name: Observe and compare in one step
  mlinfra.gpu_launch.node_state:
    components: [host, gpu]
    wanted:
      gpu:
        count: 4
  register: seen

- name: Stop before the first change where something can't work
  mlinfra.gpu_launch.node_state:
    components: [host, gpu]
    wanted:
      gpu:
        count: 4
    refuse_as: this play
  register: seen

- name: Check the inputs of a role, observe, and compare with them
  mlinfra.gpu_launch.node_state:
    components: [host, docker]
    roles: [docker]
  register: seen
  become: true

- name: Show what differs
  ansible.builtin.debug:
    msg: "{{ seen.findings | map(attribute='message') }}"
"""

RETURN = r"""
observed:
  description:
    - The observation. Each component that was asked for is a key, unless the look at it as a whole gave no answer.
    - A fact that was not read is null. RV(observed.unknown) says why, of components too.
  returned: unless O(refuse_as) made the task fail, which returns its message alone
  type: dict
  contains:
    host:
      description:
        - Operating system, architecture, kernel, init system, cgroup version, CPUs, memory, disks, Python.
        - With C(thorough) in its wanted state also the clock, proxies, SELinux and C(net.core.bpf_jit_harden).
      type: dict
      returned: when asked for
    gpu:
      description:
        - NVIDIA devices on the PCI bus, module and library versions, and C(nvml) as M(mlinfra.gpu_launch.gpu_info)
          returns it.
        - With C(thorough) in its wanted state also the driver's packages, unattended upgrades, secure boot and the
          processes that hold GPU memory.
      type: dict
      returned: when asked for
    docker:
      description: Engine packages, socket, what the engine says of itself, C(daemon.json), unit, group members.
      type: dict
      returned: when asked for
    nvidia_ctk:
      description:
        - Toolkit packages, whether its hook and its runtime are there, what its own configuration says of cgroups
          and of the variable by which images ask for GPUs, apt's sources without users and passwords, the
          repository's keys, and the files that the role writes.
        - NVIDIA's CDI specifications, and device files of the driver without a link in C(/dev/char).
      type: dict
      returned: when asked for
    cluster:
      description:
        - The minikube profile, its node container, and the account and home that it belongs to.
        - The node as the API server has it, the device plugin, pods that hold or wait for GPUs, and days until the
          certificates end.
        - Programs with their checksums, links, files, unit, minikube's own settings, variables that others set for
          it, the kubeconfig, and its copies at the listed users.
      type: dict
      returned: when asked for
    nfs:
      description:
        - Kernel support (V(active), V(available) or V(absent)), exports with file and line, what is served, packages,
          units, files, folders, listener and answer, mounts that hang, the volume and the claim.
      type: dict
      returned: when asked for
    agent:
      description:
        - Account, environment, files, unit and kubeconfig of the Launch agent, whether it polls by its own log, and
          what its cluster and the W&B server say. Of the key and of queue configs only comparisons and hashes.
      type: dict
      returned: when asked for
    unknown:
      description: Facts that could not be read.
      type: list
      elements: dict
      returned: always
      contains:
        fact:
          description: Path of the fact, for example V(docker.engine).
          type: str
        reason:
          description: Why it could not be read.
          type: str
findings:
  description: What differs, as the filter P(mlinfra.gpu_launch.findings#filter) returns it.
  returned: when O(wanted) or O(roles) is given and the task does not fail
  type: list
  elements: dict
unknown:
  description: Facts that the comparison needs and that could not be read, each with C(fact) and C(reason).
  returned: when O(wanted) or O(roles) is given and the task does not fail
  type: list
  elements: dict
gaps:
  description: For each of RV(unknown) a refusal, in the shape of RV(findings).
  returned: when O(wanted) or O(roles) is given and the task does not fail
  type: list
  elements: dict
refusals:
  description: One line for everything that must stop a run before its first change, unknown facts included.
  returned: when O(wanted) or O(roles) is given and the task does not fail
  type: list
  elements: str
due:
  description: Components that their roles would converge.
  returned: when O(wanted) or O(roles) is given and the task does not fail
  type: list
  elements: str
  sample: [docker, agent]
converged:
  description: Whether nothing is to converge or refuse, and nothing that matters is unknown.
  returned: when O(wanted) or O(roles) is given and the task does not fail
  type: bool
roles:
  description: The roles that were asked for.
  returned: unless the task fails
  type: list
  elements: str
due_roles:
  description: Those of O(roles) whose component is in RV(due).
  returned: unless the task fails
  type: list
  elements: str
argument_errors:
  description: What is wrong with the inputs, each with the name of the role.
  returned: when something is wrong
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import COMPONENTS
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.index import states_of
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.look import Look
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.observe import observe
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.seen import Seen


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "components": {"type": "list", "elements": "str", "choices": list(COMPONENTS), "default": list(COMPONENTS)},
        "roles": {"type": "list", "elements": "str"},
        "wanted": {"type": "dict"},
        "observation": {"type": "dict", "default": {}},
        "refuse_as": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "nvml_library": {"type": "path"},
        "nvml_deadline": {"type": "float", "default": 8.0},
        "deadline": {"type": "float", "default": 5.0},
        "root": {"type": "path", "default": "/"},
    }


def look_of(params: dict[str, Any]) -> Look:
    """Return where and how to look, from the module's options.

    Raises:
        ModelError: the wanted states have not the documented shape.
    """
    return Look(
        root=Root(params["root"]),
        seen=Seen(),
        wanted=states_of(params["wanted"] or {}, params["components"]),
        deadline=params["deadline"],
        nvml_library=params["nvml_library"],
        nvml_deadline=params["nvml_deadline"],
        api_key=params["api_key"] or "",
    )


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    result: dict[str, Any] = {"changed": False}
    try:
        result["observed"] = observe(module.params["components"], look_of(module.params))
    except ModelError as error:
        module.fail_json(msg=f"wanted: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
