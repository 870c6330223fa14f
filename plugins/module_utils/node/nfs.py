# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the NFS exports: who may mount them, and whether this kernel can serve them."""

from __future__ import annotations

from .judge import Judge
from .observed.nfs import NfsFacts
from .wanted.nfs import NfsWanted

EVERYONE = ("*", "0.0.0.0/0", "::/0", "")


def compare_nfs(judge: Judge, wanted: NfsWanted) -> None:
    """Judge the wanted exports, then what the machine already exports."""
    for export in wanted.exports:
        network = (export.network or wanted.network).strip()
        if network in EVERYONE and not wanted.allow_everyone:
            fix = "set nfs_server_network to the cluster's network, or nfs_server_allow_everyone: true"
            judge.refuse("NFS001", export.path, f"network '{network}'", "the cluster's network only", fix)
    nfs = judge.need("nfs", judge.seen.nfs)
    if nfs is None:
        return
    _existing(judge, nfs, wanted)
    if wanted.backend == "kernel" and judge.need("nfs.kernel_server", nfs.kernel_server) == "absent":
        fix = "set nfs_server_backend: ganesha (or auto)"
        judge.refuse("NFS003", "kernel", "no file system nfsd and no module for it", "a kernel with an NFS server", fix)


def _existing(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    exports = judge.need("nfs.exports", nfs.exports)
    mine = {export.path for export in wanted.exports}
    for item in exports or ():
        place = f"{item.file}:{item.line}"
        if item.client in EVERYONE and item.file != wanted.file:
            judge.tell(
                "NFS001",
                item.path,
                f"{place} exports it to everyone",
                "a network",
                f"narrow it in {item.file}; this role owns only its own file",
            )
        if item.path in mine and wanted.file and item.file != wanted.file:
            judge.tell(
                "NFS002",
                item.path,
                f"{place} exports it too",
                f"{wanted.file} alone",
                f"remove line {item.line} of {item.file}",
            )
