# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""What was seen on a machine, one dataclass per component; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ..gpu.model import GpuReport
from .convert import from_mapping, to_plain
from .model import Unknown

COMPONENTS = ("host", "gpu", "docker", "nvidia_ctk", "cluster", "nfs", "agent")


@dataclass(frozen=True)
class Unit:
    """A systemd unit as systemctl shows it."""

    load: str = "not-found"
    active: str = "inactive"
    sub: str = ""
    enabled: str = ""


@dataclass(frozen=True)
class Disk:
    """Room on the file system that holds a path."""

    total_mib: int
    free_mib: int
    free_inodes: Optional[int] = None


@dataclass(frozen=True)
class HostFacts:
    """The machine and its operating system."""

    os_id: Optional[str] = None
    version_id: Optional[str] = None
    codename: Optional[str] = None
    arch: Optional[str] = None
    kernel: Optional[str] = None
    systemd: Optional[bool] = None
    cgroup_version: Optional[int] = None
    cpus: Optional[int] = None
    memory_mib: Optional[int] = None
    disks: Mapping[str, Disk] = field(default_factory=dict)
    wsl: Optional[bool] = None
    vendor: Optional[str] = None
    python: Optional[str] = None
    python_executable: Optional[str] = None


@dataclass(frozen=True)
class PciDevice:
    """An NVIDIA GPU on the PCI bus."""

    address: str
    device: str
    driver: Optional[str] = None


@dataclass(frozen=True)
class GpuFacts:
    """GPUs as the PCI bus, the kernel module, the library files and NVML see them."""

    pci: Optional[tuple[PciDevice, ...]] = None
    module_version: Optional[str] = None
    nouveau: Optional[bool] = None
    library_versions: tuple[str, ...] = ()
    nvml: Optional[GpuReport] = None


@dataclass(frozen=True)
class DaemonConfig:
    """The engine's daemon.json: whether it parses, and what it names (never its values); owned: set by role docker."""

    exists: bool = False
    valid: bool = True
    error: Optional[str] = None
    line: Optional[int] = None
    column: Optional[int] = None
    keys: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    default_runtime: Optional[str] = None


@dataclass(frozen=True)
class Engine:
    """What the daemon behind the socket says of itself."""

    version: Optional[str] = None
    operating_system: Optional[str] = None
    components: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    default_runtime: Optional[str] = None
    security_options: tuple[str, ...] = ()
    root_dir: Optional[str] = None
    cgroup_driver: Optional[str] = None
    storage_driver: Optional[str] = None
    containers_running: Optional[int] = None


@dataclass(frozen=True)
class DockerFacts:
    """Container engines on the machine."""

    packages: Optional[Mapping[str, str]] = None
    snap: Optional[bool] = None
    desktop_context: Optional[bool] = None
    socket: Optional[str] = None
    engine: Optional[Engine] = None
    config: Optional[DaemonConfig] = None
    unit: Optional[Unit] = None
    group_members: Optional[tuple[str, ...]] = None


@dataclass(frozen=True)
class AptSource:
    """An enabled entry of apt's sources; the URI is without user and password, and its architecture filled in."""

    file: str
    uri: str


@dataclass(frozen=True)
class CtkFacts:
    """The container toolkit."""

    packages: Optional[Mapping[str, str]] = None
    hook: Optional[bool] = None
    runtime: Optional[bool] = None
    no_cgroups: Optional[bool] = None
    sources: Optional[tuple[AptSource, ...]] = None


@dataclass(frozen=True)
class Profile:
    """A minikube profile as its config.json has it; memory 0 means no limit."""

    gpus: str = ""
    cpus: int = 0
    memory_mib: int = 0
    kubernetes_version: str = ""
    driver: str = ""
    container_runtime: str = ""
    addons: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeContainer:
    """The container that is the cluster's node."""

    exists: bool = False
    status: Optional[str] = None
    gpus: Optional[bool] = None
    memory_mib: Optional[int] = None
    restart_policy: Optional[str] = None


@dataclass(frozen=True)
class ClusterFacts:
    """A minikube profile, its node, and the account and folder it lives in: None where there is no such thing."""

    profile_name: Optional[str] = None
    home: Optional[str] = None
    home_owner: Optional[str] = None
    user_home: Optional[str] = None
    user_shell: Optional[str] = None
    exists: Optional[bool] = None
    profile: Optional[Profile] = None
    container: Optional[NodeContainer] = None
    kubeconfig: Optional[bool] = None
    unit: Optional[Unit] = None


@dataclass(frozen=True)
class ExportClient:
    """Who may mount an exported path, and how; the line says where that is written."""

    path: str
    client: str
    options: tuple[str, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class NfsFacts:
    """The NFS server and what it exports."""

    kernel_server: Optional[str] = None
    exports: Optional[tuple[ExportClient, ...]] = None
    files: Optional[tuple[str, ...]] = None
    packages: Optional[Mapping[str, str]] = None
    unit: Optional[Unit] = None


@dataclass(frozen=True)
class AgentFacts:
    """The Launch agent's user, unit and files."""

    user: Optional[str] = None
    user_exists: Optional[bool] = None
    home: Optional[str] = None
    config: Optional[bool] = None
    kubeconfig: Optional[bool] = None
    unit: Optional[Unit] = None


@dataclass(frozen=True)
class Observation:
    """Everything seen in one pass; a component that nobody asked for is None."""

    host: Optional[HostFacts] = None
    gpu: Optional[GpuFacts] = None
    docker: Optional[DockerFacts] = None
    nvidia_ctk: Optional[CtkFacts] = None
    cluster: Optional[ClusterFacts] = None
    nfs: Optional[NfsFacts] = None
    agent: Optional[AgentFacts] = None
    unknown: tuple[Unknown, ...] = ()

    @classmethod
    def from_dict(cls, data: Any) -> Observation:
        """Read what to_dict wrote; keys of a newer release are left out."""
        return from_mapping(cls, data, "observed", ignore_unknown=True)

    def to_dict(self) -> Any:
        """Return plain data for Ansible; only the observed components are keys."""
        return {k: v for k, v in to_plain(self).items() if v is not None}

    def reason(self, fact: str) -> Optional[str]:
        """Return why a fact is unknown: its own reason, or that of what it is part of."""
        for item in self.unknown:
            if fact == item.fact or fact.startswith(item.fact + "."):
                return item.reason
        return None
