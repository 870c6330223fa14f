# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the cluster."""

from __future__ import annotations

from dataclasses import dataclass

from .shared import Wanted


@dataclass(frozen=True)
class ClusterWanted(Wanted):
    """The profile and the user that owns it; running: the caller needs a running node."""

    user: str = "minikube"
    profile: str = "minikube"
    gpus: str = "all"
    gpu_count: int = 0
    cpus: int = 0
    memory_mib: int = 0
    kubernetes_version: str = ""
    recreate: str = "never"
    running: bool = False
    home: str = "/var/lib/minikube-gpu"
    unit: str = "minikube-gpu.service"
    socket: str = "/var/run/docker.sock"

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return (self.unit,)
