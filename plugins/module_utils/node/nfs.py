# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the NFS server with the inputs: what is exported, by whom, to whom, and the cluster's claim on it."""

from __future__ import annotations

from .judge import Judge
from .nfs_backend import backend_of
from .nfs_exports import compare_exports
from .nfs_folders import compare_folders
from .nfs_server import compare_server
from .nfs_volume import compare_volume
from .wanted.nfs import NfsWanted


def compare_nfs(judge: Judge, wanted: NfsWanted) -> None:
    """Judge the inputs, then the server, its exports, their folders, and the volume and claim of the cluster."""
    for text in wanted.problems:
        judge.find("NFS011", "inputs", text, "inputs that can work")
    nfs = judge.need("nfs", judge.seen.nfs)
    if nfs is None:
        return
    backend = backend_of(wanted.backend, judge.need("nfs.kernel_server", nfs.kernel_server))
    compare_exports(judge, nfs, wanted)
    compare_folders(judge, nfs, wanted)
    if backend is not None:
        compare_server(judge, nfs, wanted, backend)
    if wanted.kubeconfig:
        compare_volume(judge, nfs, wanted)
