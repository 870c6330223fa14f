# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""The NFS server as it was seen; None means that a fact was not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ...lean_dataclass import dataclass
from .shared import FileSeen, Unit


@dataclass(frozen=True)
class ExportClient:
    """Who may mount an exported path, and how; line to last say where that is written."""

    path: str
    client: str
    options: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    last: int = 0


@dataclass(frozen=True)
class GaneshaConfig:
    """What nfs-ganesha's configuration is made of, without comments: names of its blocks, and files that it reads."""

    exists: bool = False
    blocks: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportFolder:
    """A folder that is to be exported.

    Attributes:
        kind: absent, directory, or what else is there.
        uid: number of its owner; of its group, gid.
        file_system: type of the file system that it lies on, or will lie on.
        handles: that file system was told to name its files for NFS (nfs_export=on).
    """

    kind: str = "absent"
    mode: str = ""
    uid: int = 0
    gid: int = 0
    file_system: str = ""
    handles: bool = False


@dataclass(frozen=True)
class VolumeSeen:
    """A PersistentVolume; claim is namespace/name of the claim that it belongs to."""

    exists: bool = False
    server: str = ""
    path: str = ""
    size: str = ""
    access_modes: tuple[str, ...] = ()
    storage_class: str = ""
    reclaim: str = ""
    claim: str = ""
    phase: str = ""


@dataclass(frozen=True)
class ClaimSeen:
    """A PersistentVolumeClaim; storage_class is None where it leaves the choice to the cluster."""

    exists: bool = False
    volume: str = ""
    size: str = ""
    access_modes: tuple[str, ...] = ()
    storage_class: Optional[str] = None
    phase: str = ""


@dataclass(frozen=True)
class NfsFacts:
    """The NFS server, what it exports, and the cluster's way to it.

    Attributes:
        kernel_server: active, available (a module that can be loaded) or absent.
        backend: kernel or ganesha, the one that the inputs mean on this kernel.
        exports: every client of every line in the export files.
        served: what the kernel's server has in force.
        config_files: the files that the role writes.
        written: when the configuration of nfs-ganesha was written, by file, in seconds since the boot.
        listening: something listens on the NFS port.
        answer: what a call to the wanted address brought, answers where all is well; None when nothing was asked.
        hung: mounts of this machine that do not answer.
        kubeconfig: whether the file is there; None when none is wanted.
    """

    kernel_server: Optional[str] = None
    backend: Optional[str] = None
    exports: Optional[tuple[ExportClient, ...]] = None
    files: Optional[tuple[str, ...]] = None
    served: Optional[tuple[ExportClient, ...]] = None
    packages: Optional[Mapping[str, str]] = None
    unit: Optional[Unit] = None
    ganesha_unit: Optional[Unit] = None
    ganesha: Optional[GaneshaConfig] = None
    config_files: Optional[Mapping[str, FileSeen]] = None
    written: Optional[Mapping[str, float]] = None
    folders: Optional[Mapping[str, ExportFolder]] = None
    listening: Optional[bool] = None
    answer: Optional[str] = None
    hung: Optional[tuple[str, ...]] = None
    kubeconfig: Optional[bool] = None
    volume: Optional[VolumeSeen] = None
    claim: Optional[ClaimSeen] = None
