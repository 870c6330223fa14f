# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role wants of each component; the comparison's other half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .convert import from_mapping, nearest
from .model import ModelError

PLATFORMS: dict[str, tuple[str, ...]] = {"debian": ("12", "13"), "ubuntu": ("22.04", "24.04")}
ARCHITECTURES = ("x86_64",)


@dataclass(frozen=True)
class HostWanted:
    """Platforms that the role supports, and the room it needs."""

    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(PLATFORMS))
    architectures: tuple[str, ...] = ARCHITECTURES
    systemd: bool = True
    free_mib: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GpuWanted:
    """How many GPUs the role counts on; 0 means what NVML sees."""

    needed: bool = True
    count: int = 0


@dataclass(frozen=True)
class DockerWanted:
    """Where the engine comes from; running: the caller needs one that answers."""

    source: str = "distribution"
    running: bool = False
    users: tuple[str, ...] = ()
    config_path: str = "/etc/docker/daemon.json"


@dataclass(frozen=True)
class CtkWanted:
    """The toolkit's version; installed: the caller needs it in place."""

    version: str = ""
    installed: bool = False


@dataclass(frozen=True)
class ClusterWanted:
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


@dataclass(frozen=True)
class ExportWanted:
    """One exported path; an empty network means the role's own."""

    path: str
    network: str = ""
    options: Any = None


@dataclass(frozen=True)
class NfsWanted:
    """The exports, and whether the whole world may mount them."""

    exports: tuple[ExportWanted, ...] = ()
    network: str = ""
    allow_everyone: bool = False
    backend: str = "auto"
    file: str = ""


@dataclass(frozen=True)
class QueueWanted:
    """A queue as the inputs have it; its config is judged elsewhere."""

    name: str
    max_jobs: int = 0
    config: Any = None
    template_variables: Any = None


@dataclass(frozen=True)
class AgentWanted:
    """The agent's inputs; of the key only its length is ever handed over."""

    entity: str = ""
    api_key_length: int = 0
    base_url: str = ""
    queues: tuple[QueueWanted, ...] = ()
    max_jobs: int = 0


WANTED: dict[str, type[Any]] = {
    "host": HostWanted,
    "gpu": GpuWanted,
    "docker": DockerWanted,
    "nvidia_ctk": CtkWanted,
    "cluster": ClusterWanted,
    "nfs": NfsWanted,
    "agent": AgentWanted,
}


def wanted_from_dict(component: str, data: Any) -> Any:
    """Return the wanted state of a component.

    Raises:
        ModelError: no such component, an unknown key, or a value of the wrong type.
    """
    if component not in WANTED:
        near = nearest(component, list(WANTED))
        raise ModelError(f"no component '{component}'" + (f"; did you mean '{near}'?" if near else ""))
    return from_mapping(WANTED[component], data, f"wanted {component}")
