# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node takes for itself before the first job: figures with their source."""

from __future__ import annotations

from collections.abc import Collection

# Requests in millicores and MiB, as kubeadm 1.28 to 1.35 writes them (cmd/kubeadm/app/phases: controlplane, etcd,
# addons/dns). kube-proxy, minikube's storage-provisioner and its nvidia-device-plugin request nothing.
PODS: dict[str, tuple[int, int]] = {
    "kube-apiserver": (250, 0),
    "kube-controller-manager": (200, 0),
    "kube-scheduler": (100, 0),
    "etcd": (100, 100),
    "coredns": (100, 70),
}
# minikube's deploy/addons/<name>, v1.38.
ADDONS: dict[str, tuple[int, int]] = {
    "ingress": (100, 90),
    "metrics-server": (100, 200),
}
# An idle node of minikube 1.38.1 with the pods above takes about 630 MiB (measured); 170 of them are requests. The rest
# is docker, kubelet and what the pods use beyond their requests: the limit of the node's container counts it, the
# scheduler does not. minikube's kubelet reserves nothing (evictionHard 0 %, no systemReserved).
PROGRAMS_MIB = 630 - 170


def system_need(addons: Collection[str] = ()) -> tuple[int, int]:
    """Return millicores and MiB that are gone before the first job; an addon that is not listed counts nothing."""
    named = [*PODS.values(), *(ADDONS[name] for name in sorted(set(addons)) if name in ADDONS)]
    return sum(cpu for cpu, dummy in named), sum(memory for dummy, memory in named) + PROGRAMS_MIB


def host_reserve_mib(memory_mib: int) -> int:
    """Return what the host keeps of its memory: engine, agent and page cache live beside the node."""
    return max(2048, memory_mib // 10)


def node_memory_mib(memory_mib: int) -> int:
    """Return the memory of the node on a machine, in steps of 256 MiB."""
    return max(memory_mib - host_reserve_mib(memory_mib), 0) // 256 * 256
