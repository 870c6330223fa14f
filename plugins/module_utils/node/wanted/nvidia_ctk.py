# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the container toolkit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ...docker.digest import digested
from ...lean_dataclass import dataclass
from .shared import FileWanted, Wanted

# Since 1.18 the toolkit depends on the very same version of the others, so all four move in one transaction.
PACKAGES = (
    "nvidia-container-toolkit",
    "nvidia-container-toolkit-base",
    "libnvidia-container-tools",
    "libnvidia-container1",
)
KEYRING = "/etc/apt/keyrings/nvidia-container-toolkit.asc"
REPOSITORY = "/etc/apt/sources.list.d/nvidia-container-toolkit.sources"
RUNTIME: Mapping[str, Any] = {"runtimes": {"nvidia": {"args": [], "path": "nvidia-container-runtime"}}}


@dataclass(frozen=True)
class CtkWanted(Wanted):
    """The toolkit in one version, its repository, and its runtime in the engine.

    Attributes:
        version: of all four packages, as upstream counts it.
        installed: the caller needs it in place.
        cdi: the caller needs a CDI specification.
        settings: keys of daemon.json, the leaves as digests.
        keyring: file of the repository's key.
        fingerprint: the one key that may be in it.
        repository_url: as it stands in the sources of apt.
        files: what the role writes, the keyring's content left to the fingerprint.
        restart: when a running engine may restart: when_idle, always or never.
        secret_inputs: names of inputs that hold an address with a user or password.
    """

    version: str = "1.20.1"
    installed: bool = False
    allow_downgrade: bool = False
    cdi: bool = False
    settings: Mapping[str, Any] = field(default_factory=lambda: digested(RUNTIME))
    config_path: str = "/etc/docker/daemon.json"
    keyring: str = KEYRING
    fingerprint: str = "C95B321B61E88C1809C4F759DDCAE044F796ECB0"
    repository: str = REPOSITORY
    repository_url: str = "https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH)"
    files: Mapping[str, FileWanted] = field(
        default_factory=lambda: {
            KEYRING: FileWanted(mode="0644", owner="root", group="root"),
            REPOSITORY: FileWanted(mode="0644", owner="root", group="root"),
        }
    )
    restart: str = "when_idle"
    secret_inputs: tuple[str, ...] = ()
