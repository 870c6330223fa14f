# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""What was seen on a machine in one pass, component by component; None means that a component was not asked for."""

from __future__ import annotations

from typing import Any, Optional

from ..lean_dataclass import dataclass
from .convert import from_mapping, to_plain
from .model import Unknown
from .observed.agent import AgentFacts
from .observed.cluster import ClusterFacts
from .observed.docker import DockerFacts
from .observed.gpu import GpuFacts
from .observed.host import HostFacts
from .observed.nfs import NfsFacts
from .observed.nvidia_ctk import CtkFacts

COMPONENTS = ("host", "gpu", "docker", "nvidia_ctk", "cluster", "nfs", "agent")


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
