# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field

from ...lean_dataclass import dataclass
from .shared import FileWanted, Wanted

BIN = "/usr/local/lib/mlinfra.gpu_launch/bin"
PATH = "/usr/local/bin"
PROGRAMS = ("minikube", "kubectl")
# What the role writes as minikube's own configuration, and its hash: a setting left there by hand changes a start. In
# minikube's form, without a last newline: it writes the file anew when it deletes a profile.
SETTINGS = '{\n    "WantUpdateNotification": false\n}'
SETTINGS_SHA256 = hashlib.sha256(SETTINGS.encode()).hexdigest()


@dataclass(frozen=True)
class JobWanted:
    """What one job of the queue takes, as Kubernetes writes quantities; empty and 0 mean nothing."""

    cpu: str = ""
    memory: str = ""
    gpus: int = 1


@dataclass(frozen=True)
class ClusterWanted(Wanted):
    """The profile, its programs, and the account that owns it.

    Attributes:
        running: the caller needs a running node.
        checksums: of the minikube program, by architecture (amd64, arm64); empty is not compared.
        known_version: the role knows the release, so its checksums and addons.
        kubectl_checksum: empty where it comes from the file beside the download.
        data_root: where the engine keeps images and volumes, unless it says otherwise.
        unit_sha256: of the unit's file; empty is not compared.
        addresses: by input, every address in it, with users and passwords replaced.
        archive_checksums: of the image archives.
        replicas: jobs that share one GPU, as the device plugin is to hand them out.
        job: what the jobs take of which `jobs` should run at once.
    """

    version: str = "v1.38.1"
    checksums: Mapping[str, str] = field(default_factory=dict)
    known_version: bool = True
    kubectl_checksum: str = ""
    user: str = "minikube"
    profile: str = "minikube"
    gpus: str = "all"
    gpu_count: int = 0
    cpus: int = 0
    memory_mib: int = 0
    kubernetes_version: str = "v1.34.4"
    base_image: str = ""
    binary_mirror: str = ""
    image_repository: str = ""
    insecure_registries: tuple[str, ...] = ()
    registry_mirrors: tuple[str, ...] = ()
    addons: tuple[str, ...] = ("default-storageclass", "storage-provisioner", "ingress")
    device_plugin_image: str = ""
    recreate: str = "never"
    running: bool = False
    home: str = "/var/lib/minikube-gpu"
    data_root: str = "/var/lib/docker"
    unit: str = "minikube-gpu.service"
    unit_sha256: tuple[str, ...] = ()
    socket: str = "/var/run/docker.sock"
    kubeconfig_users: tuple[str, ...] = ()
    kubeconfig_path: str = ".kube/minikube-gpu.yml"
    addresses: Mapping[str, str] = field(default_factory=dict)
    archive_checksums: tuple[str, ...] = ()
    replicas: int = 1
    jobs: int = 0
    job: JobWanted = field(default_factory=JobWanted)

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units; the engine's tell whether it may be asked for the node."""
        return (self.unit, "docker.service", "docker.socket")

    @property
    def unit_path(self) -> str:
        """Where the unit's file is."""
        return f"/etc/systemd/system/{self.unit}"

    @property
    def settings_path(self) -> str:
        """Where minikube's own configuration is."""
        return f"{self.home}/.minikube/config/config.json"

    def files(self) -> dict[str, FileWanted]:
        """Return what the role keeps on the disk, but for the copies of the kubeconfig."""
        private = FileWanted("directory", mode="0700", owner=self.user, group=self.user)
        program = FileWanted(mode="0755", owner="root", group="root")
        return {
            self.home: private,
            f"{self.home}/.minikube/config": private,
            f"{self.home}/images": private,
            self.settings_path: FileWanted("file", (SETTINGS_SHA256,), "0600", self.user, self.user),
            BIN: FileWanted("directory", mode="0755", owner="root", group="root"),
            **{f"{BIN}/{name}": program for name in PROGRAMS},
            self.unit_path: FileWanted("file", self.unit_sha256, "0644", "root", "root"),
        }

    def links(self) -> dict[str, str]:
        """Return the names on the PATH and where they lead."""
        return {f"{PATH}/{name}": f"{BIN}/{name}" for name in PROGRAMS}
