# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the NFS server: kernel support, packages, what is exported, who answers, and the cluster's claim."""

from __future__ import annotations

import re

from ..node.nfs_backend import backend_of
from ..node.observed.nfs import ClaimSeen, NfsFacts, VolumeSeen
from ..node.wanted.nfs import UNITS
from . import dpkg, exports, ganesha, mounts, nfs_volume, rpc
from .files import look_at
from .look import Look
from .root import Root

PACKAGES = ("nfs-kernel-server", "nfs-common", "nfs-ganesha", "nfs-ganesha-vfs", "rpcbind")
_CALL_SECONDS = 2.0  # the wanted address is one of this machine


def observe_nfs(look: Look) -> NfsFacts:
    """Return the facts of the NFS server; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["nfs"]
    kernel = seen.fact("nfs.kernel_server", lambda: kernel_server(root))
    files = seen.fact("nfs.files", lambda: exports.export_files(root))
    table = seen.fact("nfs.mounts", lambda: mounts.mounts(root))
    paths = [export.path for export in wanted.exports]
    listening = seen.fact("nfs.listening", lambda: rpc.listening(root))
    kubeconfig, volume, claim = _cluster(look)
    return NfsFacts(
        kernel_server=kernel,
        backend=backend_of(wanted.backend, kernel),
        exports=seen.fact("nfs.exports", lambda: None if files is None else exports.exports(root, files)),
        files=files,
        served=seen.fact("nfs.served", lambda: exports.served(root)),
        packages=seen.fact("nfs.packages", lambda: dpkg.installed(root, PACKAGES)),
        unit=look.units.get(UNITS["kernel"]),
        ganesha_unit=look.units.get(UNITS["ganesha"]),
        ganesha=seen.fact("nfs.ganesha", lambda: ganesha.config(root)),
        config_files=look_at(root, seen, "nfs.config_files", {**wanted.kernel_files, **wanted.ganesha_files}),
        written=seen.fact("nfs.written", lambda: ganesha.written(root, (ganesha.CONFIG, wanted.include))),
        folders=seen.fact(
            "nfs.folders", lambda: None if table is None else mounts.folders(root, table, paths, look.deadline)
        ),
        listening=listening,
        answer=rpc.null_call(wanted.address, min(_CALL_SECONDS, look.deadline)) if listening and root.real else None,
        hung=seen.fact("nfs.hung", lambda: None if table is None else mounts.hung(table, look.deadline)),
        kubeconfig=kubeconfig,
        volume=volume,
        claim=claim,
    )


def kernel_server(root: Root) -> str:
    """Return active, available (a module that can be loaded) or absent."""
    if re.search(r"\bnfsd$", root.read("/proc/filesystems") or "", re.MULTILINE):
        return "active"
    kernel = root.line("/proc/sys/kernel/osrelease")
    for folder in ("/lib/modules", "/usr/lib/modules"):
        for name in ("modules.dep", "modules.builtin"):
            if "/nfsd.ko" in (root.read(f"{folder}/{kernel}/{name}") or ""):
                return "available"
    return "absent"


def _cluster(look: Look) -> tuple[bool | None, VolumeSeen | None, ClaimSeen | None]:
    """Ask the cluster, where the wanted state names one and its kubeconfig is there."""
    path = look.wanted["nfs"].kubeconfig
    if not path:
        return None, None, None
    if not look.root.exists(path):
        return False, None, None
    found = look.seen.fact("nfs.objects", lambda: nfs_volume.objects(look))
    return True, *(found or (None, None))
