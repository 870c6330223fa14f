# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster's API server says of its node, of the device plugin and of the pods that hold GPUs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..gpu.quantity import CapacityError
from ..gpu.quantity import quantity as exact
from ..node.observed.cluster import GpuPod, NodeSeen, Plugin, PluginPod
from .kubernetes import Server, Session
from .root import Unreadable

GPU = "nvidia.com/gpu"
_IMAGE = "k8s-device-plugin"
_ALIVE = "fieldSelector=status.phase!%3DSucceeded%2Cstatus.phase!%3DFailed"
_REPLICAS = re.compile(r"""["']?replicas["']?\s*:\s*["']?([0-9]{1,4})""")


def look_inside(server: Server, name: str, seconds: float) -> tuple[NodeSeen | None, Plugin, tuple[GpuPod, ...]]:
    """Return the node of that name (None where the server has none), the device plugin, and pods with GPUs.

    Raises:
        Unreadable: the server does not answer in time, or not as an API server does.
    """
    with Session(server, seconds) as session:
        node = session.get(f"/api/v1/nodes/{name}")
        if node is None:
            return None, Plugin(), ()
        pods = _items(session.get(f"/api/v1/pods?{_ALIVE}"))
        sets = _items(session.get("/apis/apps/v1/daemonsets"))
        plugin = next((item for item in sets if _is_plugin(item)), None)
        if plugin is None:
            return node_of(node), Plugin(), gpu_pods(pods)
        return node_of(node), plugin_of(plugin, pods, _replicas(session, plugin)), gpu_pods(pods)


def _items(answer: Any) -> list[Any]:
    items = _dict(answer).get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [_dict(item) for item in value] if isinstance(value, list) else []


def quantity(value: Any) -> Fraction:
    """Return what a quantity such as 4, 15900m or 61440Ki means; nothing is 0.

    Raises:
        Unreadable: it is no quantity.
    """
    try:
        return exact(value or 0, "")
    except CapacityError as error:
        raise Unreadable(f"the node has the quantity {str(value)[:40]!r}") from error


def node_of(node: Mapping[str, Any]) -> NodeSeen:
    """Pick the facts out of a node."""
    status = _dict(node.get("status"))
    has, offers = _dict(status.get("capacity")), _dict(status.get("allocatable"))
    ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in _list(status.get("conditions")))
    return NodeSeen(
        ready=ready,
        capacity_gpus=int(quantity(has.get(GPU))),
        allocatable_gpus=int(quantity(offers.get(GPU))),
        cpu_m=int(quantity(has.get("cpu")) * 1000),
        memory_mib=int(quantity(has.get("memory"))) >> 20,
        allocatable_cpu_m=int(quantity(offers.get("cpu")) * 1000),
        allocatable_memory_mib=int(quantity(offers.get("memory"))) >> 20,
    )


def _pod_spec(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return _dict(_dict(_dict(item.get("spec")).get("template")).get("spec"))


def _is_plugin(item: Mapping[str, Any]) -> bool:
    return any(_IMAGE in str(c.get("image", "")) for c in _list(_pod_spec(item).get("containers")))


def _replicas(session: Session, plugin: Mapping[str, Any]) -> int:
    """Return the largest sharing factor in the config maps that the plugin mounts, 0 without one."""
    space = _meta(plugin)[0]
    found = [0]
    for volume in _list(_pod_spec(plugin).get("volumes")):
        name = _dict(volume.get("configMap")).get("name")
        if name:
            texts = _dict(_dict(session.get(f"/api/v1/namespaces/{space}/configmaps/{name}")).get("data")).values()
            found += [int(number) for text in texts for number in _REPLICAS.findall(str(text))]
    return max(found)


def _meta(item: Mapping[str, Any]) -> tuple[str, str]:
    meta = _dict(item.get("metadata"))
    return str(meta.get("namespace", "")), str(meta.get("name", ""))


def plugin_of(item: Mapping[str, Any], pods: Sequence[Mapping[str, Any]], replicas: int) -> Plugin:
    """Pick the facts out of the plugin's DaemonSet and its pods."""
    space, name = _meta(item)
    status = _dict(item.get("status"))
    mine = [pod for pod in pods if _meta(pod)[0] == space and name in _owners(pod)]
    return Plugin(
        name=name,
        namespace=space,
        desired=int(status.get("desiredNumberScheduled") or 0),
        ready=int(status.get("numberReady") or 0),
        replicas=replicas,
        pods=tuple(_plugin_pod(pod) for pod in mine),
    )


def _owners(pod: Mapping[str, Any]) -> list[str]:
    owners = _list(_dict(pod.get("metadata")).get("ownerReferences"))
    return [str(owner.get("name")) for owner in owners if owner.get("kind") == "DaemonSet"]


def _plugin_pod(pod: Mapping[str, Any]) -> PluginPod:
    status = _dict(pod.get("status"))
    containers = [*_list(status.get("initContainerStatuses")), *_list(status.get("containerStatuses"))]
    waiting = [_dict(_dict(c.get("state")).get("waiting")).get("reason") for c in containers]
    ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in _list(status.get("conditions")))
    reason = next((str(reason) for reason in waiting if reason), "")
    return PluginPod(_meta(pod)[1], str(status.get("phase", "")), ready, reason)


def gpu_pods(pods: Sequence[Mapping[str, Any]]) -> tuple[GpuPod, ...]:
    """Return the pods that hold or wait for GPUs."""
    found = []
    for pod in pods:
        gpus = _gpus(_dict(pod.get("spec")))
        if gpus:
            found.append(GpuPod(*_meta(pod), str(_dict(pod.get("status")).get("phase", "")), gpus))
    return tuple(sorted(found, key=lambda pod: (pod.namespace, pod.name)))


def _gpus(spec: Mapping[str, Any]) -> int:
    """Return what the scheduler counts: all containers at once, or the largest of those that run before them."""

    def asked(key: str) -> list[int]:
        limits = [_dict(_dict(c.get("resources")).get("limits")) for c in _list(spec.get(key))]
        return [int(quantity(limit.get(GPU))) for limit in limits]

    return max([sum(asked("containers")), *asked("initContainers")])
