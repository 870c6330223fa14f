# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the size of the node with the machine."""

from __future__ import annotations

from .cluster_inputs import LEAST_CPUS, LEAST_MIB
from .judge import Judge
from .observed.host import HostFacts
from .wanted.cluster import ClusterWanted


def compare_size(judge: Judge, host: HostFacts, wanted: ClusterWanted) -> None:
    """Judge whether the machine has the node that is asked for, and the node enough for Kubernetes."""
    total = judge.need("host.memory_mib", host.memory_mib)
    if total is not None and wanted.memory_mib > total:
        fix = f"set minikube_gpu_memory_mib to less than {total}, or to 0"
        judge.refuse("K8S019", "minikube_gpu_memory_mib", f"the host has {total} MiB", f"{wanted.memory_mib} MiB", fix)
    cpus = judge.need("host.cpus", host.cpus)
    if cpus is not None and wanted.cpus > cpus:
        fix = f"set minikube_gpu_cpus to {cpus} or less, or to 0"
        judge.refuse("K8S019", "minikube_gpu_cpus", f"the host has {cpus} CPUs", f"{wanted.cpus} CPUs", fix)
    if cpus is not None and (wanted.cpus or cpus) < LEAST_CPUS:
        found = f"{wanted.cpus or cpus} for the node"
        judge.refuse("K8S021", "minikube_gpu_cpus", found, f"at least {LEAST_CPUS}: Kubernetes needs them")
    memory = wanted.memory_mib or node_memory(total or 0)
    if total is not None and memory < LEAST_MIB:
        found = f"{memory} MiB for the node; the host has {total}"
        judge.refuse("K8S021", "minikube_gpu_memory_mib", found, f"at least {LEAST_MIB} MiB")


def node_memory(host_mib: int) -> int:
    """Return the node's memory where the inputs leave it open: the host keeps a tenth of its own, at least 2 GiB."""
    return max(host_mib - max(2048, host_mib // 10), 0) // 256 * 256
