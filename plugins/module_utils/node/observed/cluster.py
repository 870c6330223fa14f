# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The cluster as it was seen; None means that a fact was not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .shared import Unit


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
