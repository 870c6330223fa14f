# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the container engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ...docker.digest import digested
from ...lean_dataclass import dataclass
from .shared import FileWanted, Wanted

DROPIN = "/etc/systemd/system/docker.service.d/mlinfra-gpu-launch-proxy.conf"
# From Debian 13 on, the engine's package no longer brings the client.
PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "debian": {"12": ("docker.io",), "13": ("docker.io", "docker-cli")},
    "ubuntu": {"22.04": ("docker.io",), "24.04": ("docker.io",)},
}
ROTATION: Mapping[str, Any] = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}


@dataclass(frozen=True)
class DockerWanted(Wanted):
    """Where the engine comes from, and its settings.

    Attributes:
        running: the caller needs an engine that answers.
        settings: keys of daemon.json, the leaves as digests.
        plain_settings: the same without the rotation of logs, for a file with log keys of somebody else.
        files: what the role writes besides daemon.json.
        restart: when a running engine may restart: when_idle, always or never.
        secret_inputs: names of inputs that hold an address with a user or password.
        packages: the distributions' packages by os_id and version_id.
    """

    source: str = "distribution"
    running: bool = False
    users: tuple[str, ...] = ()
    config_path: str = "/etc/docker/daemon.json"
    settings: Mapping[str, Any] = field(default_factory=lambda: digested(ROTATION))
    plain_settings: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileWanted] = field(default_factory=lambda: {DROPIN: FileWanted(kind="absent")})
    restart: str = "when_idle"
    log_max_size: str = "10m"
    log_max_file: int = 3
    secret_inputs: tuple[str, ...] = ()
    packages: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: dict(PACKAGES))
    unit: str = "docker.service"
    socket: str = "/var/run/docker.sock"
    run_dir: str = "/run/mlinfra.gpu_launch"
    record_dir: str = "/var/lib/mlinfra.gpu_launch/daemon-config"

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return (self.unit, "docker.socket", "containerd.service")
