# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ...lean_dataclass import dataclass
from .shared import Wanted

PLATFORMS: dict[str, tuple[str, ...]] = {"debian": ("12", "13"), "ubuntu": ("22.04", "24.04")}
ARCHITECTURES = ("x86_64",)


# What a proxy must leave alone: the cluster's node, its services and their names.
NO_PROXY = ("192.168.49.0/24", "10.96.0.0/12", ".svc")


@dataclass(frozen=True)
class HostWanted(Wanted):
    """Platforms that the role supports, the room it needs, and what is to be looked at beside that.

    Attributes:
        free_mib: MiB that must be free, by path.
        data_root: which of these paths stands for the engine's data root; an engine that has another one is believed.
        free_inodes: inodes that must be free at each of these paths, where the file system counts them.
        kubernetes_version: version of the cluster that is to run here; empty where none is.
        gpu_cluster: a node of minikube with GPUs is to run here.
        thorough: judge also what no role needs before it starts, as the doctor does.
        controller_time: seconds since the epoch on the controller, taken right before the observation; 0: not given.
        clock_limit_s: seconds that the machine's clock may differ from that.
        no_proxy: what a proxy must leave alone.
    """

    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(PLATFORMS))
    architectures: tuple[str, ...] = ARCHITECTURES
    systemd: bool = True
    free_mib: Mapping[str, int] = field(default_factory=dict)
    data_root: str = ""
    free_inodes: int = 10000
    kubernetes_version: str = ""
    gpu_cluster: bool = False
    thorough: bool = False
    controller_time: float = 0.0
    clock_limit_s: int = 60
    no_proxy: tuple[str, ...] = NO_PROXY
