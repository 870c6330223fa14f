# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the minikube profile: its user, its size against the machine, its GPUs."""

from __future__ import annotations

from .judge import Judge
from .observed.cluster import ClusterFacts, Profile
from .observed.host import HostFacts
from .versions import below
from .wanted.cluster import ClusterWanted

_NO_LOGIN = "/usr/sbin/nologin"
_SAME_GPUS = {"nvidia": "all", "": "none"}


def compare_cluster(judge: Judge, wanted: ClusterWanted) -> None:
    """Judge whether the profile can be what the inputs ask for."""
    if wanted.user in ("root", "0", ""):
        fix = "set minikube_gpu_user to another name; the role creates that user"
        judge.refuse("K8S009", "minikube_gpu_user", wanted.user or "nothing", "a user that is not root", fix)
    host = judge.need("host", judge.seen.host)
    if host is not None:
        _size(judge, host, wanted)
        _kernel(judge, host, wanted)
    cluster = judge.need("cluster", judge.seen.cluster)
    if cluster is not None:
        _account(judge, cluster, wanted)
        _profile(judge, cluster, wanted)


def _size(judge: Judge, host: HostFacts, wanted: ClusterWanted) -> None:
    if wanted.memory_mib:
        total = judge.need("host.memory_mib", host.memory_mib)
        if total is not None and wanted.memory_mib > total:
            fix = f"set minikube_gpu_memory_mib to less than {total}, or to 0"
            judge.refuse(
                "K8S019", "minikube_gpu_memory_mib", f"the host has {total} MiB", f"{wanted.memory_mib} MiB", fix
            )
    if wanted.cpus:
        cpus = judge.need("host.cpus", host.cpus)
        if cpus is not None and wanted.cpus > cpus:
            fix = f"set minikube_gpu_cpus to {cpus} or less, or to 0"
            judge.refuse("K8S019", "minikube_gpu_cpus", f"the host has {cpus} CPUs", f"{wanted.cpus} CPUs", fix)


def _kernel(judge: Judge, host: HostFacts, wanted: ClusterWanted) -> None:
    refuses_v1 = bool(wanted.kubernetes_version) and below(wanted.kubernetes_version, "1.35") is False
    if refuses_v1 and judge.need("host.cgroup_version", host.cgroup_version) == 1:
        fix = "set minikube_gpu_kubernetes_version to v1.34.x, or boot with systemd.unified_cgroup_hierarchy=1"
        judge.refuse("SYS003", "cgroups", f"cgroup v1 and Kubernetes {wanted.kubernetes_version}", "cgroup v2", fix)
    if host.wsl and wanted.gpus != "none":
        fix = "use a Launch Docker queue or an existing cluster, or set minikube_gpu_gpus: none"
        judge.refuse("SYS008", "WSL2", "minikube's node sees no GPU on WSL2", "a Linux machine", fix)


def _account(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    """The role sets home and shell of its account, locks its password and closes its home: only if both are its own."""
    home = (cluster.home or "").rstrip("/")
    login = (cluster.user_home or "").rstrip("/"), cluster.user_shell
    if cluster.user_home is not None and login != (home, _NO_LOGIN):
        found = f"account {wanted.user} has home {cluster.user_home} and shell {cluster.user_shell}"
        fix = "set minikube_gpu_user to a name that is free; the role makes that account and locks it"
        judge.refuse("K8S020", "minikube_gpu_user", found, f"no account, or home {home} and shell {_NO_LOGIN}", fix)
    if cluster.home_owner not in (None, wanted.user):
        fix = "set minikube_gpu_home to a folder that does not exist yet; the role closes it to all other accounts"
        judge.refuse(
            "K8S020", "minikube_gpu_home", f"{home} belongs to {cluster.home_owner}", "a folder of its own", fix
        )


def _profile(judge: Judge, cluster: ClusterFacts, wanted: ClusterWanted) -> None:
    exists = judge.need("cluster.exists", cluster.exists)
    profile, node = cluster.profile, cluster.container
    if profile is not None:
        _gpus(judge, profile, wanted)
        _drift(judge, profile, wanted)
    elif node is not None and node.exists:
        found = f"a container {wanted.profile}, and no readable profile of that name in {cluster.home}"
        fix = (
            "it was not made from there: set minikube_gpu_profile to another name; where this role made it, set "
            "minikube_gpu_home to the home that it had then"
        )
        judge.refuse("K8S003", f"profile {wanted.profile}", found, "both, or neither", fix)
    elif exists:
        found = "a profile directory without a readable config.json"
        fix = "nothing; the role deletes it and starts anew"
        judge.tell("K8S003", f"profile {wanted.profile}", found, "both, or neither", fix)
    running = node is not None and node.status == "running"
    if wanted.running and not running:
        found = f"the node is {node.status}" if node is not None and node.exists else "no cluster"
        fix = "run role minikube_gpu, or start the unit of the cluster"
        judge.find("K8S004", f"profile {wanted.profile}", found, "a running node", fix)


def _gpus(judge: Judge, profile: Profile, wanted: ClusterWanted) -> None:
    has, wants = (_SAME_GPUS.get(g, g) for g in (profile.gpus, wanted.gpus))
    if has == "none" and wants != "none" and wanted.recreate == "never":
        judge.refuse(
            "K8S001",
            f"profile {wanted.profile}",
            "it was created without GPUs, and --gpus on it is ignored",
            f"gpus: {wanted.gpus}",
            "set minikube_gpu_recreate: when_drifted (deletes the cluster while no job runs), or use another profile",
        )


def _drift(judge: Judge, profile: Profile, wanted: ClusterWanted) -> None:
    pairs = (
        ("memory_mib", profile.memory_mib, wanted.memory_mib),
        ("cpus", profile.cpus, wanted.cpus),
        ("kubernetes_version", profile.kubernetes_version, wanted.kubernetes_version),
    )
    for name, has, wants in pairs:
        if wants and has != wants:
            fix = f"recreate the cluster, or set minikube_gpu_{name} to {has}"
            judge.tell("K8S002", f"profile {wanted.profile} {name}", str(has), str(wants), fix)
