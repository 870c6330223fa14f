# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the container engine."""

from __future__ import annotations

from dataclasses import dataclass

from .shared import Wanted


@dataclass(frozen=True)
class DockerWanted(Wanted):
    """Where the engine comes from; running: the caller needs one that answers."""

    source: str = "distribution"
    running: bool = False
    users: tuple[str, ...] = ()
    config_path: str = "/etc/docker/daemon.json"
    unit: str = "docker.service"
    socket: str = "/var/run/docker.sock"

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return (self.unit, "docker.socket", "containerd.service")
