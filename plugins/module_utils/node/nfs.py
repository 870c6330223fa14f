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

_LONGEST_GRACE = 180


def compare_nfs(judge: Judge, wanted: NfsWanted) -> None:
    """Judge the inputs, then the server, its exports, their folders, and the volume and claim of the cluster."""
    _inputs(judge, wanted)
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


def _inputs(judge: Judge, wanted: NfsWanted) -> None:
    for text in wanted.problems:
        judge.find(
            "NFS011",
            "nfs_server_exports",
            text,
            "exports that can work",
            paths=[export.path for export in wanted.exports],
        )
    if not wanted.exports and not wanted.problems:
        wants = "name at least one folder, or leave the role out"
        judge.find("NFS011", "nfs_server_exports", "no export", wants, paths=[])
    if not 1 <= wanted.grace_period <= _LONGEST_GRACE:
        found = f"{wanted.grace_period} seconds"
        judge.find(
            "NFS011", "nfs_server_grace_period", found, f"1 to {_LONGEST_GRACE} seconds", seconds=wanted.grace_period
        )
    if wanted.proxy_has_user:
        found = "a user or password, which others could read"
        judge.find("NFS011", "nfs_server_proxy", found, "a proxy that needs none", input="nfs_server_proxy")
