# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the kernel: control groups, the BPF compiler, WSL2, SELinux."""

from __future__ import annotations

from .floors import COMPONENTS
from .judge import Judge
from .observed.host import HostFacts
from .versions import parts
from .wanted.host import HostWanted

_HARDENED = 2
_LAST_ON_V1 = next(
    item.max_on_cgroup_v1
    for entry in COMPONENTS
    if entry.name == "kubernetes"
    for item in entry.functional
    if item.max_on_cgroup_v1
)


def compare_kernel(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    """Judge whether containers with GPUs and a cluster can run on this kernel."""
    _cgroups(judge, host, wanted)
    if wanted.gpu_cluster or wanted.thorough:
        _bpf(judge, host)
    if wanted.gpu_cluster:
        _wsl(judge, host)
    if wanted.thorough:
        _selinux(judge, host)


def _cgroups(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    line = (parts(wanted.kubernetes_version) or ())[:2]
    if line <= (parts(_LAST_ON_V1) or ()):
        return
    if judge.need("host.cgroup_version", host.cgroup_version) == 1:
        found = f"cgroup v1 and Kubernetes {wanted.kubernetes_version}"
        version = wanted.kubernetes_version
        judge.refuse("SYS003", "cgroups", found, "cgroup v2", cgroup_version=1, kubernetes=version, kernel=host.kernel)


def _bpf(judge: Judge, host: HostFacts) -> None:
    value = judge.need("host.bpf_jit_harden", host.bpf_jit_harden)
    if value == _HARDENED:
        judge.refuse("SYS004", "net.core.bpf_jit_harden", str(value), "0 or 1", value=value)


def _wsl(judge: Judge, host: HostFacts) -> None:
    if judge.need("host.wsl", host.wsl):
        judge.refuse("SYS008", "WSL2", "minikube's node sees no GPU on WSL2", "a Linux machine", dxg=host.dxg)


def _selinux(judge: Judge, host: HostFacts) -> None:
    selinux = judge.need("host.selinux", host.selinux)
    if selinux is not None and selinux.mode == "enforcing" and not selinux.container_policy:
        judge.tell(
            "SYS009",
            "SELinux",
            "enforcing, without a policy for containers",
            "the policy of container-selinux",
            mode=selinux.mode,
            container_policy=selinux.container_policy,
        )
