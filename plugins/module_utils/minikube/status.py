# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the cluster is: `minikube status -o json`, `docker inspect` of the node, and pods that hold GPUs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass

NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Status:
    """The four fields of `minikube status`; all empty when it printed no status."""

    host: str = ""
    kubelet: str = ""
    apiserver: str = ""
    kubeconfig: str = ""

    @property
    def works(self) -> bool:
        """Whether the cluster itself runs; the kubeconfig is another matter."""
        return (self.host, self.kubelet, self.apiserver) == ("Running", "Running", "Running")


@dataclass(frozen=True)
class Node:
    """The node's container, as docker shows it."""

    id: str
    status: str
    started_at: str
    has_gpus: bool
    is_minikube: bool

    @property
    def ever_started(self) -> bool:
        """A container that docker refused to start stays in state created."""
        return self.status != "created" and self.started_at != NEVER

    @property
    def runs(self) -> bool:
        """Whether pods may be alive in it."""
        return self.status in ("running", "paused", "restarting")


def parse_status(text: str) -> Status | None:
    """Read a status. `null` (no node), CloudEvents (no profile) and anything else that is no status give None."""
    try:
        value: Any = json.loads(text.strip() or "null")
    except ValueError:
        return None
    if isinstance(value, list):  # several nodes: the first one is the control plane
        value = value[0] if value else None
    if not isinstance(value, Mapping) or "Host" not in value:
        return None
    fields = (str(value.get(key, "")) for key in ("Host", "Kubelet", "APIServer", "Kubeconfig"))
    return Status(*fields)


def parse_inspect(text: str) -> Node | None:
    """Read `docker inspect NAME`; None when there is no such container."""
    try:
        values = json.loads(text.strip() or "[]")
    except ValueError:
        return None
    if not isinstance(values, list) or not values:
        return None
    value = values[0]
    state, host = value.get("State") or {}, value.get("HostConfig") or {}
    labels = (value.get("Config") or {}).get("Labels") or {}
    return Node(
        id=str(value.get("Id", "")),
        status=str(state.get("Status", "")),
        started_at=str(state.get("StartedAt", "")),
        has_gpus=bool(host.get("DeviceRequests")),
        is_minikube=labels.get("created_by.minikube.sigs.k8s.io") == "true",
    )


def allocatable_gpus(text: str, name: str) -> int | None:
    """GPUs that the scheduler may hand out on a node, from `kubectl get nodes -o json`; None when that says nothing."""
    try:
        items = json.loads(text).get("items") or []
    except (ValueError, AttributeError):
        return None
    for node in items:
        if (node.get("metadata") or {}).get("name") == name:
            return int(((node.get("status") or {}).get("allocatable") or {}).get("nvidia.com/gpu", 0))
    return None


def gpu_pods(text: str) -> list[str] | None:
    """Pods that run or wait with a GPU limit, from `kubectl get pods -A -o json`; None when that is no list of pods."""
    try:
        items = json.loads(text)["items"] or []
    except (ValueError, KeyError, TypeError):
        return None
    return sorted(
        f"{pod['metadata'].get('namespace', '')}/{pod['metadata'].get('name', '')}"
        for pod in items
        if (pod.get("status") or {}).get("phase") in ("Running", "Pending") and _gpu_limit(pod.get("spec") or {})
    )


def _gpu_limit(spec: Mapping[str, Any]) -> bool:
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    limits = ((c.get("resources") or {}).get("limits") or {} for c in containers)
    return any(str(key).startswith("nvidia.com/") for limit in limits for key in limit)
