# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles left on the lab host, for peers that should leave the same: contents of files, volume and claim."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.lab import config, hosts, inventory
from tests.lab.processes import LabError

NETRC = "/etc/mlinfra.gpu_launch/launch_agent/netrc"
FILES = (
    "/etc/docker/daemon.json",
    "/etc/apt/keyrings/nvidia-container-toolkit.asc",
    "/etc/apt/sources.list.d/nvidia-container-toolkit.sources",
    "/var/lib/minikube-gpu/.minikube/config/config.json",
    "/etc/systemd/system/minikube-gpu.service",
    "/opt/mlinfra.gpu_launch/kube-client/requirements.txt",
    "/opt/mlinfra.gpu_launch/launch-agent/requirements.txt",
    NETRC,
    "/var/lib/wandb-launch/launch-config.yaml",
    "/var/lib/wandb-launch/.kube/config",
    "/etc/systemd/system/wandb-launch-agent.service",
)
# Which of the two servers a lab host has depends on the machine's kernel.
KERNEL_EXPORTS = "/etc/exports.d/mlinfra_gpu_launch.exports"
SERVERS: dict[str, dict[str, Any]] = {
    "kernel": {
        "packages": ["nfs-kernel-server", "nfs-common"],
        "files": [KERNEL_EXPORTS],
        "unit": "nfs-server.service",
    },
    "ganesha": {
        "packages": ["nfs-ganesha", "nfs-ganesha-vfs", "nfs-common"],
        "files": ["/etc/ganesha/ganesha.conf", "/etc/ganesha/mlinfra_gpu_launch.conf"],
        "unit": "nfs-ganesha.service",
    },
}
KUBECTL = ("kubectl", "--kubeconfig=/var/lib/minikube-gpu/.kube/config", "get", "--output=json")
OBJECTS = (("pv", "nfs-pv"), ("pvc", "nfs-pvc"))


def _read(host: str, command: Sequence[str]) -> str:
    done = hosts.execute(host, command)
    if done.returncode != 0:
        raise LabError(f"benchmarks: {host} is not as site.yml leaves it: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def essence(found: Mapping[str, Any]) -> dict[str, Any]:
    """A Kubernetes object as somebody would write it: without what the server adds."""
    names = {key: value for key, value in found["metadata"].items() if key in ("name", "namespace")}
    spec = {key: value for key, value in found["spec"].items() if key != "claimRef"}
    return {"apiVersion": found["apiVersion"], "kind": found["kind"], "metadata": names, "spec": spec}


def programs() -> dict[str, dict[str, str]]:
    """Where the two programs come from, as the lab's inventory says it."""
    sums = inventory.read_checksums()
    places = {
        "minikube": f"{config.HTTP_URL}/minikube/{config.MINIKUBE}/minikube-linux-amd64",
        "kubectl": f"{config.HTTP_URL}/kubernetes/{config.KUBERNETES}/bin/linux/amd64/kubectl",
    }
    return {name: {"url": url, "sha256": sums.get(name, "")} for name, url in places.items()}


def read(host: str, folder: Path) -> dict[str, Any]:
    """Lays the host's files below a folder (they hold a key: the caller's folder is private) and returns variables."""
    has_kernel = hosts.execute(host, ["test", "-e", KERNEL_EXPORTS]).returncode == 0
    server = SERVERS["kernel" if has_kernel else "ganesha"]
    for path in (*FILES, *server["files"]):
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_read(host, ["cat", path]), encoding="utf-8")
    return {
        "benchmark_files": str(folder),
        "benchmark_nfs": server,
        "benchmark_netrc_owner": _read(host, ["stat", "--format=%U", NETRC]).strip(),
        "benchmark_programs": programs(),
        "benchmark_server": config.WANDB_URL,
        "benchmark_objects": [essence(json.loads(_read(host, [*KUBECTL, *names]))) for names in OBJECTS],
    }
