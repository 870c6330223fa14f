# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The cluster as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Optional

from ...lean_dataclass import dataclass
from ...minikube.profile import Profile
from .shared import FileSeen, Unit


@dataclass(frozen=True)
class Port:
    """A port of a container that the host listens on: 22/tcp at 127.0.0.1:32768."""

    container: str
    address: str
    port: str


@dataclass(frozen=True)
class NodeContainer:
    """The container that is the cluster's node.

    Attributes:
        minikube: it carries minikube's label.
        started_at: when it was last started; the year 1 where it never was.
    """

    exists: bool = False
    status: Optional[str] = None
    gpus: Optional[bool] = None
    memory_mib: Optional[int] = None
    restart_policy: Optional[str] = None
    id: str = ""
    started_at: str = ""
    minikube: Optional[bool] = None
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True)
class NodeSeen:
    """The node as the API server has it; CPU in millicores."""

    ready: bool = False
    capacity_gpus: int = 0
    allocatable_gpus: int = 0
    cpu_m: int = 0
    memory_mib: int = 0
    allocatable_cpu_m: int = 0
    allocatable_memory_mib: int = 0


@dataclass(frozen=True)
class PluginPod:
    """A pod of the device plugin; reason is why a container of it does not run, such as ImagePullBackOff."""

    name: str
    phase: str
    ready: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Plugin:
    """The device plugin's DaemonSet; replicas is the sharing factor that its config asks for, 0 without one."""

    name: str = ""
    namespace: str = ""
    desired: int = 0
    ready: int = 0
    replicas: int = 0
    pods: tuple[PluginPod, ...] = ()


@dataclass(frozen=True)
class GpuPod:
    """A pod that holds or waits for GPUs."""

    namespace: str
    name: str
    phase: str
    gpus: int


@dataclass(frozen=True)
class Certificate:
    """When a certificate ends."""

    not_after: str
    days_left: int


@dataclass(frozen=True)
class StraySetting:
    """A variable that changes what minikube does, in a file that this collection did not write."""

    variable: str
    file: str


@dataclass(frozen=True)
class Copy:
    """A kubeconfig of a listed user.

    Attributes:
        account: there is such an account.
        group: the account's own group.
        path: where the copy should be.
        current: it holds what the cluster's own kubeconfig holds, and nothing else.
        folder: the folder that it belongs into is there.
    """

    account: bool = False
    group: str = ""
    path: str = ""
    file: Optional[FileSeen] = None
    current: Optional[bool] = None
    folder: bool = False


@dataclass(frozen=True)
class ClusterFacts:
    """A minikube profile, its node, and the account and folder it lives in: None where there is no such thing.

    Attributes:
        user_locked: the account has no password that works.
        user_docker: the account is a member of group docker.
        exists: there is a folder of the profile.
        creating: a creation began and did not come to its end; left is the container that it left, "" for none.
        kubeconfig: there is a kubeconfig in the home; kubeconfig_current: it is for this profile.
        node: None while the node does not run, and where the API server does not answer.
        settings: names in minikube's own configuration.
        programs: what is known of each program, by path: checksums as sha256:..., and its version.
        links: where the names on the PATH lead; "" where nothing is there, "-" for what is no link.
    """

    profile_name: Optional[str] = None
    home: Optional[str] = None
    home_owner: Optional[str] = None
    user_home: Optional[str] = None
    user_shell: Optional[str] = None
    user_locked: Optional[bool] = None
    user_docker: Optional[bool] = None
    exists: Optional[bool] = None
    creating: bool = False
    left: Optional[str] = None
    profile: Optional[Profile] = None
    container: Optional[NodeContainer] = None
    kubeconfig: Optional[bool] = None
    kubeconfig_current: Optional[bool] = None
    node: Optional[NodeSeen] = None
    plugin: Optional[Plugin] = None
    gpu_pods: Optional[tuple[GpuPod, ...]] = None
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    stray: tuple[StraySetting, ...] = ()
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, Copy] = field(default_factory=dict)
    unit: Optional[Unit] = None
