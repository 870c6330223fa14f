# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what Kubernetes hands out with the GPUs that are there: plugin, capacity, allocatable, sharing."""

from __future__ import annotations

from typing import Any

from .judge import Judge
from .observed.cluster import ClusterFacts, NodeSeen, Plugin
from .wanted.cluster import BIN, ClusterWanted


def compare_gpus(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    """Judge whether as many GPUs can be scheduled as NVML sees, times the jobs that share one."""
    gpu, node = judge.seen.gpu, cluster.node
    if wanted.gpus == "none" or node is None or gpu is None or gpu.nvml is None:
        return  # without NVML's answer, the component gpu says so
    there = len(gpu.nvml.gpus)
    plugin = judge.need("cluster.plugin", cluster.plugin)
    if plugin is None or there == 0:
        return
    tools = {"kubectl": f"{BIN}/kubectl", "kubeconfig": f"{wanted.home}/.kube/config"}
    if _shared(judge, node, plugin, wanted, there):
        return
    expected = there * max(plugin.replicas, 1)
    if plugin.name and plugin.desired == 0:
        found = f"{plugin.namespace}/{plugin.name} is meant for 0 nodes"
        judge.find("K8S005", "device plugin", found, "one pod on the node", node=wanted.profile, **tools)
    elif node.allocatable_gpus == 0:
        found = f"{expected} GPUs are there, the node offers 0; {says(plugin)}"
        facts = _facts(node, plugin, there)
        judge.find("K8S006", f"node {wanted.profile}", found, f"{expected} GPUs", cause=_why(plugin), **facts)
    elif {node.allocatable_gpus, node.capacity_gpus} != {expected}:
        found = f"capacity {node.capacity_gpus}, allocatable {node.allocatable_gpus}, NVML {there}"
        names = [pod.name for pod in plugin.pods]
        judge.find(
            "K8S007",
            f"node {wanted.profile}",
            found,
            f"{expected} of each",
            namespace=plugin.namespace,
            pod=names[0] if names else "",
            **_facts(node, plugin, there),
            **tools,
        )


def _shared(judge: Judge, node: NodeSeen, plugin: Plugin, wanted: ClusterWanted, there: int) -> bool:
    """K8S010: a sharing factor that is asked for and not in force."""
    subject, factor = "device plugin", max(wanted.replicas, plugin.replicas)
    if plugin.replicas == 1:
        found = "its config shares each GPU among 1 job, which the plugin refuses"
        judge.find("K8S010", subject, found, "2 jobs or more, or no sharing", **_facts(node, plugin, there))
    elif factor > 1 and (plugin.replicas != factor or node.allocatable_gpus == there):
        asks = f"{plugin.replicas} jobs on each" if plugin.replicas else "no sharing"
        found = f"the node offers {node.allocatable_gpus} GPUs; the plugin's config asks for {asks}"
        judge.find("K8S010", subject, found, f"{there} GPUs x {factor}", **_facts(node, plugin, there))
    else:
        return False
    return True


def _facts(node: NodeSeen, plugin: Plugin, there: int) -> dict[str, Any]:
    """Return the numbers side by side, and the plugin's pods."""
    return {
        "nvml": there,
        "capacity": node.capacity_gpus,
        "allocatable": node.allocatable_gpus,
        "replicas": plugin.replicas,
        "desired": plugin.desired,
        "pods": {pod.name: pod.reason or pod.phase for pod in plugin.pods},
    }


def says(plugin: Plugin) -> str:
    """Return the state of the plugin's pods in words."""
    if not plugin.name:
        return "there is no device plugin"
    states = [f"{pod.name} {pod.reason or pod.phase}" for pod in plugin.pods]
    return f"device plugin: {', '.join(states) or 'no pods'}"


def _why(plugin: Plugin) -> str:
    reasons = {pod.reason for pod in plugin.pods}
    if reasons & {"ImagePullBackOff", "ErrImagePull"}:
        return "the plugin's image can't be pulled; minikube's start ends well all the same"
    if not plugin.name:
        return "the addon nvidia-device-plugin is off, or its DaemonSet was deleted"
    return ""
