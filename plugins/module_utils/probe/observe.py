# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The composite observation: any subset of components, in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..node.observation import Observation, Unit
from .agent import observe_agent
from .cluster import observe_cluster
from .command import Runner, run
from .docker import observe_docker
from .gpu import observe_gpu
from .host import observe_host
from .nfs import observe_nfs
from .nvidia_ctk import observe_nvidia_ctk
from .root import Root
from .seen import Seen
from .systemd import units


@dataclass(frozen=True)
class Places:
    """Where to look; the defaults are those of the roles."""

    docker_socket: str = "/var/run/docker.sock"
    docker_config: str = "/etc/docker/daemon.json"
    minikube_home: str = "/var/lib/minikube-gpu"
    minikube_profile: str = "minikube"
    minikube_user: str = "minikube"
    minikube_unit: str = "minikube"
    agent_user: str = "wandb-launch"
    agent_unit: str = "wandb-launch-agent"
    agent_config: str = ""
    disk_paths: tuple[str, ...] = ("/", "/var/lib")
    nvml_library: str | None = None
    nvml_deadline: float = 10.0
    deadline: float = 5.0


def observe(components: Sequence[str], root: Root, places: Places, runner: Runner = run) -> Observation:
    """Return what is there; what could not be read is part of the answer."""
    seen = Seen()
    names = {
        "docker": "docker",
        "cluster": places.minikube_unit,
        "nfs": "nfs-server",
        "agent": places.agent_unit,
    }
    asked = {component: name for component, name in names.items() if component in components}
    unit = _units(root, seen, asked, places, runner)
    found: dict[str, Any] = {}
    late = places.deadline
    if "host" in components:
        found["host"] = observe_host(root, seen, places.disk_paths, late)
    if "gpu" in components:
        found["gpu"] = observe_gpu(root, seen, places.nvml_library, places.nvml_deadline)
    if "docker" in components:
        socket, config = places.docker_socket, places.docker_config
        found["docker"] = observe_docker(root, seen, socket, config, unit.get("docker"), late)
    if "nvidia_ctk" in components:
        found["nvidia_ctk"] = observe_nvidia_ctk(root, seen)
    if "cluster" in components:
        home, name, user = places.minikube_home, places.minikube_profile, places.minikube_user
        node, socket = unit.get("cluster"), places.docker_socket
        found["cluster"] = observe_cluster(root, seen, home, name, socket, node, late, user)
    if "nfs" in components:
        kernel = seen.fact("nfs.kernel", lambda: root.line("/proc/sys/kernel/osrelease"))
        found["nfs"] = observe_nfs(root, seen, unit.get("nfs"), kernel)
    if "agent" in components:
        found["agent"] = observe_agent(root, seen, places.agent_user, places.agent_config, unit.get("agent"))
    return Observation(unknown=seen.missing, **found)


def _units(root: Root, seen: Seen, names: dict[str, str], places: Places, runner: Runner) -> dict[str, Unit]:
    """Ask systemd once for the units of all components."""
    if not names:
        return {}
    found = seen.fact("units", lambda: units(root, list(names.values()), places.deadline, runner))
    if found is None:
        return {}
    return {component: found[name] for component, name in names.items()}
