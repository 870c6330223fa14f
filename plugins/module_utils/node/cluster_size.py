# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the size of the node with the machine, and with the jobs that are to run on it."""

from __future__ import annotations

from ..gpu.capacity import Limits, Machine
from ..gpu.demand import Job
from ..gpu.planning import make_plan
from ..gpu.quantity import CapacityError, cpu_millis, memory_mib
from ..gpu.reserved import node_memory_mib
from .cluster_inputs import LEAST_CPUS, LEAST_MIB
from .convert import to_plain
from .judge import Judge
from .observed.host import HostFacts
from .wanted.cluster import ClusterWanted, JobWanted


def compare_size(judge: Judge, host: HostFacts, wanted: ClusterWanted) -> None:
    """Judge whether the machine has the node that is asked for, and the node enough for Kubernetes and the jobs."""
    total = judge.need("host.memory_mib", host.memory_mib)
    cpus = judge.need("host.cpus", host.cpus)
    if total is None or cpus is None:
        return
    if _beyond(judge, total, cpus, wanted):
        return
    node_cpus, node_mib = wanted.cpus or cpus, wanted.memory_mib or node_memory_mib(total)
    if node_cpus < LEAST_CPUS:
        found = f"{node_cpus} for the node"
        wants = f"at least {LEAST_CPUS}: Kubernetes needs them"
        judge.refuse("K8S021", "minikube_gpu_cpus", found, wants, host_cpus=cpus)
    if node_mib < LEAST_MIB:
        found = f"{node_mib} MiB for the node; the host has {total}"
        judge.refuse("K8S021", "minikube_gpu_memory_mib", found, f"at least {LEAST_MIB} MiB", host_mib=total)
    elif wanted.jobs or wanted.job != JobWanted():
        _jobs(judge, Machine(_gpus(judge, wanted), cpus, total), wanted)


def _beyond(judge: Judge, total: int, cpus: int, wanted: ClusterWanted) -> bool:
    if wanted.memory_mib > total:
        fix = f"set minikube_gpu_memory_mib to less than {total}, or to 0"
        found, wants = f"the host has {total} MiB", f"{wanted.memory_mib} MiB"
        judge.refuse("K8S019", "minikube_gpu_memory_mib", found, wants, fix, host_mib=total)
    if wanted.cpus > cpus:
        fix = f"set minikube_gpu_cpus to {cpus} or less, or to 0"
        found, wants = f"the host has {cpus} CPUs", f"{wanted.cpus} CPUs"
        judge.refuse("K8S019", "minikube_gpu_cpus", found, wants, fix, host_cpus=cpus)
    return wanted.memory_mib > total or wanted.cpus > cpus


def _gpus(judge: Judge, wanted: ClusterWanted) -> int:
    gpu = judge.seen.gpu
    there = len(gpu.nvml.gpus) if gpu is not None and gpu.nvml is not None else wanted.gpu_count
    return 0 if wanted.gpus == "none" else there * max(wanted.replicas, 1)


def _jobs(judge: Judge, machine: Machine, wanted: ClusterWanted) -> None:
    """K8S008: the sum of all jobs against the node that is there, or that the role would make."""
    cluster = judge.seen.cluster
    made = cluster.profile if cluster is not None and wanted.recreate == "never" else None
    cpus = (made.cpus if made else 0) or wanted.cpus
    memory = (made.memory_mib if made else 0) or wanted.memory_mib
    try:
        job = Job(cpu_millis(wanted.job.cpu or 0, "cpu"), memory_mib(wanted.job.memory or 0, "memory"), wanted.job.gpus)
        plan = make_plan(machine, job, Limits(wanted.jobs, cpus, memory, wanted.addons))
    except CapacityError as error:
        wants = "quantities such as 4, 500m or 12Gi"
        judge.refuse("K8S021", "minikube_gpu_job", str(error), wants, job=to_plain(wanted.job))
        return
    facts = {
        "job": to_plain(wanted.job),
        "jobs": wanted.jobs,
        "node_cpus": cpus,
        "node_mib": memory,
        "host": to_plain(machine),
    }
    ways = "; or ".join(proposal.text for proposal in plan.proposals)
    for text in plan.refusals:
        fix = f"what fits: {ways}" if ways else ""
        judge.find("K8S008", "minikube_gpu_job", text, "jobs that fit", fix, **facts)
