#!/usr/bin/python
# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: minikube_cluster
short_description: Keep a minikube cluster as wanted
version_added: "0.1.0"
description:
  - A minikube profile with the docker driver as desired state, GPUs included.
  - Never runs C(minikube start) on a healthy cluster, because that restarts docker in the node and kills every job.
  - Finds the options in which an existing profile differs (C(minikube start) ignores them without a word) and returns
    them as RV(drift). They are mended only by deleting and creating the cluster, which takes O(recreate=when_drifted).
  - A cluster whose creation did not come to its end is deleted and created; one that worked before is only started.
  - A container with the name of the profile that was not made from O(home) is somebody else's. It is an error, and with
    O(state=absent) it stays as it is.
  - minikube runs as O(user), with an environment of this module's own, so that stray E(MINIKUBE_GPUS) and the like have
    no effect.
author:
  - Contributors to mlinfra.gpu_launch (@mlinfra)
options:
  profile:
    description: Name of the profile, which is also the name of the node.
    type: str
    default: minikube
  state:
    description: Whether the cluster runs, exists, or is gone.
    type: str
    choices: [started, stopped, absent]
    default: started
  executable:
    description: The minikube program.
    type: path
    default: /usr/local/bin/minikube
  user:
    description:
      - Account that minikube runs as. When the module runs as root, it starts minikube as this user, so no
        C(become_user) is needed.
      - Empty means the user that the module runs as, which must not be root.
    type: str
    default: ""
  home:
    description: Folder that holds C(.minikube) and C(.kube). Empty means the home of the user.
    type: str
    default: ""
  gpus:
    description:
      - GPUs of the node. V(all) and V(nvidia) mean the same, V(nvidia.com) uses CDI, V(none) gives a CPU cluster.
    type: str
    choices: [all, nvidia, nvidia.com, none]
    default: all
  cpus:
    description: CPUs of the node; V(0) leaves them to minikube.
    type: int
    default: 0
  memory_mib:
    description: Memory of the node in MiB; V(0) leaves it to minikube.
    type: int
    default: 0
  kubernetes_version:
    description:
      - Kubernetes version such as V(v1.34.4). Words such as V(stable) are used for the creation and never compared.
    type: str
    default: ""
  driver:
    description: Driver of minikube.
    type: str
    choices: [docker]
    default: docker
  container_runtime:
    description: Container runtime in the node; GPUs need docker.
    type: str
    choices: [docker]
    default: docker
  addons:
    description:
      - Addons to have enabled, as names, or as mappings with C(name), C(enabled) (default true) and C(images).
      - C(images) maps minikube's name of an image, such as C(NvidiaDevicePlugin), to the reference to use instead.
      - Other addons are left as they are.
    type: list
    elements: raw
    default: []
  base_image:
    description: Node image to use instead of minikube's own.
    type: str
    default: ""
  binary_mirror:
    description: Address that kubeadm, kubelet and kubectl are taken from.
    type: str
    default: ""
  image_repository:
    description: Registry that the images of Kubernetes are taken from.
    type: str
    default: ""
  insecure_registries:
    description: Registries that the node may use without TLS. More in the profile is no drift.
    type: list
    elements: str
    default: []
  registry_mirrors:
    description: Mirrors of Docker Hub for the node. More in the profile is no drift.
    type: list
    elements: str
    default: []
  preload:
    description: Whether minikube may download its archive of preloaded images.
    type: bool
    default: false
  environment:
    description: Additional variables for minikube, such as C(HTTPS_PROXY).
    type: dict
    default: {}
  recreate:
    description:
      - Whether a profile that differs may be deleted and created anew.
      - Refused while pods hold GPUs, and while the node runs and does not tell.
    type: str
    choices: [never, when_drifted]
    default: never
  ignore_drift:
    description: Names of options that are used for the creation and not compared later.
    type: list
    elements: str
    choices:
      - cpus
      - memory_mib
      - kubernetes_version
      - base_image
      - image_repository
      - insecure_registries
      - registry_mirrors
    default: []
  timeout:
    description: Longest time in seconds for one start.
    type: int
    default: 600
attributes:
  check_mode:
    description: Predicts the commands without running them.
    support: full
  diff_mode:
    description: Shows the cluster before and after.
    support: full
  platform:
    description: Linux with docker.
    support: full
    platforms: linux
"""

EXAMPLES = r"""
- name: Have a cluster with all GPUs
  mlinfra.gpu_launch.minikube_cluster:
    user: minikube
    home: /var/lib/minikube-gpu
    gpus: all
    cpus: 16
    memory_mib: 53248
    kubernetes_version: v1.34.4
    addons:
      - storage-provisioner
      - name: nvidia-device-plugin
        images:
          NvidiaDevicePlugin: registry.example.org:5000/nvidia/k8s-device-plugin:v0.18.2
  become: true

- name: Remove it
  mlinfra.gpu_launch.minikube_cluster:
    user: minikube
    home: /var/lib/minikube-gpu
    state: absent
  become: true
"""

RETURN = r"""
actions:
  description: The commands of minikube that were run, or would be run in check mode.
  returned: success
  type: list
  elements: str
  sample: [create, enable nvidia-device-plugin]
cluster:
  description: The cluster afterwards (in check mode before).
  returned: success
  type: dict
  sample: {state: healthy, profile: minikube, gpus: all, cpus: 16, memory_mib: 53248, node_ip: 192.168.49.2}
drift:
  description: Options in which the existing profile differs; each with C(name), C(found) and C(wanted).
  returned: success
  type: list
  elements: dict
  sample: [{name: memory_mib, found: 4096, wanted: 53248}]
state_before:
  description: What the cluster was before, one of absent, half_made, stopped, broken, healthy, foreign.
  returned: success
  type: str
  sample: absent
steps:
  description: The steps that minikube reported.
  returned: success and failure
  type: list
  elements: str
  sample: [create, "8 Creating docker container (CPUs=2, Memory=4096MB) ..."]
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.cluster import Cluster, describe, predict
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.errors import MinikubeError, NoAccount
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.plan import FOREIGN, Actual, Plan, make_plan
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.runner import Account, Marker, Runner, locked
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.minikube.wanted import Wanted

IGNORABLE = [
    "cpus",
    "memory_mib",
    "kubernetes_version",
    "base_image",
    "image_repository",
    "insecure_registries",
    "registry_mirrors",
]

ARGUMENTS: dict[str, Any] = {
    "profile": {"type": "str", "default": "minikube"},
    "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
    "executable": {"type": "path", "default": "/usr/local/bin/minikube"},
    "user": {"type": "str", "default": ""},
    "home": {"type": "str", "default": ""},
    "gpus": {"type": "str", "choices": ["all", "nvidia", "nvidia.com", "none"], "default": "all"},
    "cpus": {"type": "int", "default": 0},
    "memory_mib": {"type": "int", "default": 0},
    "kubernetes_version": {"type": "str", "default": ""},
    "driver": {"type": "str", "choices": ["docker"], "default": "docker"},
    "container_runtime": {"type": "str", "choices": ["docker"], "default": "docker"},
    "addons": {"type": "list", "elements": "raw", "default": []},
    "base_image": {"type": "str", "default": ""},
    "binary_mirror": {"type": "str", "default": ""},
    "image_repository": {"type": "str", "default": ""},
    "insecure_registries": {"type": "list", "elements": "str", "default": []},
    "registry_mirrors": {"type": "list", "elements": "str", "default": []},
    "preload": {"type": "bool", "default": False},
    "environment": {"type": "dict", "default": {}},
    "recreate": {"type": "str", "choices": ["never", "when_drifted"], "default": "never"},
    "ignore_drift": {"type": "list", "elements": "str", "choices": IGNORABLE, "default": []},
    "timeout": {"type": "int", "default": 600},
}


def finish(module: AnsibleModule, plan: Plan, before: dict[str, Any], after: dict[str, Any], steps: list[str]) -> None:
    """Return what happened; drift that stays is worth a warning, because the cluster looks converged otherwise."""
    kept = plan.drift if not plan.deletes else ()
    for item in kept:
        module.warn(
            f"profile {module.params['profile']}: {item.name} is {item.found!r}, wanted {item.wanted!r}; minikube "
            "can't change it in place. Do: set recreate to when_drifted, or ask for what is there"
        )
    if plan.before == FOREIGN:
        module.warn(f"container {module.params['profile']} was not made from this home; it stays as it is")
    module.exit_json(
        changed=plan.changed,
        actions=[str(action) for action in plan.actions],
        cluster=before if module.check_mode else after,
        drift=[item.to_dict() for item in plan.drift],
        state_before=plan.before,
        steps=steps,
        diff={"before": before, "after": after},
    )


def run(module: AnsibleModule, wanted: Wanted, cluster: Cluster) -> None:
    """Observe, plan, apply."""
    actual = cluster.observe()
    if not module.check_mode:
        cluster.settle(actual)
    plan = make_plan(actual, wanted)
    before = describe(actual)
    if module.check_mode or not plan.changed:
        finish(module, plan, before, predict(plan, wanted, before), [])
    finish(module, plan, before, describe(cluster.apply(plan, wanted)), cluster.steps)


def without_minikube(module: AnsibleModule, wanted: Wanted, missing: MinikubeError) -> None:
    """No program or account, no cluster: nothing to remove; in check mode earlier tasks would have brought them."""
    plan = make_plan(Actual(), wanted)
    before = {"state": plan.before}
    if plan.changed and not module.check_mode:
        raise missing
    finish(module, plan, before, predict(plan, wanted, before), [])


def account_with_minikube(params: dict[str, Any]) -> Account:
    """The user to run minikube as; an error where there is no such user or no program for it."""
    account = Account(params["user"], params["home"])
    if not os.access(params["executable"], os.X_OK):
        raise NoAccount(f"{params['executable']} does not exist; install minikube first")
    return account


def main() -> None:
    """Translate between Ansible and the package."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    cluster = None
    try:
        wanted = Wanted.from_params(params)
        try:
            account = account_with_minikube(params)
        except NoAccount as missing:
            without_minikube(module, wanted, missing)
            return
        runner, mark = Runner(account, params["environment"]), Marker(account, wanted.profile)
        cluster = Cluster(params["executable"], wanted.profile, runner, mark, params["timeout"])
        with locked(account, params["timeout"]):
            run(module, wanted, cluster)
    except MinikubeError as error:
        module.fail_json(msg=str(error), steps=cluster.steps if cluster else [])


if __name__ == "__main__":
    main()
