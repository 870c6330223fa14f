# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen and what is wanted, in the words of the module that changes clusters: both judge by the same rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..minikube.command import arguments
from ..minikube.plan import Action, Actual
from ..minikube.profile import Profile, normal_gpus
from ..minikube.status import Node, Status
from ..minikube.wanted import Addon, Wanted
from .observed.cluster import ClusterFacts, NodeContainer
from .wanted.cluster import BIN, ClusterWanted

PLUGIN = "nvidia-device-plugin"
_RUNS, _STOPPED = "Running", "Stopped"


def actual_of(cluster: ClusterFacts, container: NodeContainer) -> Actual:
    """Return what the module would have read with minikube and docker."""
    return Actual(
        profile=cluster.profile,
        leftover=bool(cluster.exists) and cluster.profile is None,
        creating=cluster.creating,
        status=_status(cluster, container) if cluster.profile is not None and container.exists else None,
        node=_node(container),
        gpus=cluster.node.allocatable_gpus if cluster.node else None,
        left=cluster.left,
    )


def _status(cluster: ClusterFacts, container: NodeContainer) -> Status:
    """The four words of `minikube status`: the API server is asked itself, and it knows whether the kubelet reports."""
    if container.status != "running":
        return Status(_STOPPED, _STOPPED, _STOPPED, _STOPPED)
    return Status(
        host=_RUNS,
        kubelet=_RUNS if cluster.node is not None and cluster.node.ready else _STOPPED,
        apiserver=_RUNS if cluster.node is not None else _STOPPED,
        kubeconfig="Configured" if cluster.kubeconfig_current is not False else "Misconfigured",
    )


def _node(container: NodeContainer) -> Node | None:
    if not container.exists:
        return None
    return Node(
        id=container.id,
        status=container.status or "",
        started_at=container.started_at,
        has_gpus=bool(container.gpus),
        is_minikube=container.minikube is not False,
    )


def wanted_profile(wanted: ClusterWanted) -> Wanted:
    """Return what the module is asked for."""
    return Wanted(
        profile=wanted.profile,
        state="started",
        gpus=normal_gpus(wanted.gpus),
        cpus=wanted.cpus,
        memory_mib=wanted.memory_mib,
        kubernetes_version=wanted.kubernetes_version,
        driver="docker",
        container_runtime="docker",
        base_image=wanted.base_image,
        binary_mirror=wanted.binary_mirror,
        image_repository=wanted.image_repository,
        insecure_registries=wanted.insecure_registries,
        registry_mirrors=wanted.registry_mirrors,
        preload=False,
        addons=_addons(wanted),
        recreate=wanted.recreate,
        ignore_drift=frozenset(),
    )


def _addons(wanted: ClusterWanted) -> tuple[Addon, ...]:
    """The device plugin comes and goes with the GPUs."""
    image = wanted.device_plugin_image
    plugin = Addon.from_value(
        {
            "name": PLUGIN,
            "enabled": wanted.gpus != "none",
            "images": {"NvidiaDevicePlugin": image} if image else {},
        },
        "device plugin",
    )
    return (*(Addon(name) for name in wanted.addons if name != PLUGIN), plugin)


def again_words(wanted: ClusterWanted, profile: Profile) -> dict[str, Any]:
    """Return the words of the commands that delete a cluster and make it anew, as its own account."""
    asked = wanted_profile(wanted)
    asked = replace(asked, cpus=asked.cpus or profile.cpus, memory_mib=asked.memory_mib or profile.memory_mib)
    account = ["runuser", "-u", wanted.user, "--", "env", "-i", f"HOME={wanted.home}", "PATH=/usr/bin:/bin"]
    return {
        "unit": wanted.unit,
        "profile": wanted.profile,
        "minikube": [*account, f"{BIN}/minikube"],
        "create": [word for word in arguments(Action("create"), asked) if word != "--output=json"],
        "plugin": arguments(Action("enable", asked.addons[-1]), asked),
    }
