# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the NFS server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ...lean_dataclass import dataclass
from .shared import FileWanted, Wanted

UNITS = {"kernel": "nfs-server.service", "ganesha": "nfs-ganesha.service"}
PACKAGES = {"kernel": ("nfs-kernel-server",), "ganesha": ("nfs-ganesha", "nfs-ganesha-vfs")}


@dataclass(frozen=True)
class ExportWanted:
    """One exported path; an empty network means the role's own."""

    path: str
    network: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class NfsWanted(Wanted):
    """The exports, the server behind them, and the volume and claim over the first one.

    Attributes:
        backend: auto (the kernel's server where the kernel has one, else nfs-ganesha), kernel or ganesha.
        file: the export file of the kernel's server that belongs to the role.
        include: the file with its exports that nfs-ganesha reads.
        kernel_files: what the role writes for the kernel's server; for nfs-ganesha, ganesha_files.
        problems: what is wrong with the inputs, whatever the machine is; with nfs-ganesha, ganesha_problems too.
        grace_period: seconds that nfs-ganesha waits after a start.
        proxy_has_user: the proxy's address holds a user or password, which others could read.
        directory: owner, group and mode of a folder that the role makes, in words.
        job_uid: user that jobs write as.
        address: where the cluster's node reaches the server.
        kubeconfig: the cluster's; empty for neither volume nor claim.
    """

    exports: tuple[ExportWanted, ...] = (ExportWanted("/srv/nfs/kubedata"),)
    network: str = "192.168.49.0/24"
    allow_everyone: bool = False
    backend: str = "auto"
    file: str = "/etc/exports.d/mlinfra_gpu_launch.exports"
    include: str = "/etc/ganesha/mlinfra_gpu_launch.conf"
    kernel_files: Mapping[str, FileWanted] = field(default_factory=dict)
    ganesha_files: Mapping[str, FileWanted] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    ganesha_problems: tuple[str, ...] = ()
    grace_period: int = 30
    proxy_has_user: bool = False
    directory: str = "nobody:nogroup 1777"
    job_uid: int = 0
    address: str = "192.168.49.1"
    kubeconfig: str = "/var/lib/minikube-gpu/.kube/config"
    volume: str = "nfs-pv"
    claim: str = "nfs-pvc"
    namespace: str = "default"
    size: str = "100Gi"

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return tuple(UNITS.values())
