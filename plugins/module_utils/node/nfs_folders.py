# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders behind the exports: whether they are there, can be exported, and can be written by the jobs."""

from __future__ import annotations

from typing import Any

from ..nfs.options import access_of
from .judge import Judge
from .observed.nfs import ExportFolder, NfsFacts
from .wanted.nfs import ExportWanted, NfsWanted

# Both servers name a file by a handle of its file system: a container's own root has none, a memory disk loses them.
_UNFIT = ("overlay", "tmpfs", "ramfs", "nfs", "nfs4", "cifs")
_WRITE_AND_ENTER = 0o3


def compare_folders(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    """Judge the folder of each wanted export."""
    folders = judge.need("nfs.folders", nfs.folders)
    if folders is None:
        return
    for export in wanted.exports:
        folder = judge.need(f"nfs.folders.{export.path}", folders.get(export.path))
        if folder is None:
            continue
        if folder.file_system in _UNFIT and not folder.handles:
            found = f"it lies on {folder.file_system}, which can not be exported"
            facts: dict[str, Any] = {"file_system": folder.file_system, "handles": folder.handles}
            judge.find("NFS013", export.path, found, "a folder on a disk of its own", **facts)
        if folder.kind == "absent":
            judge.find("NFS012", export.path, "nothing", f"a directory, {wanted.directory}", path=export.path)
        elif folder.kind != "directory":
            judge.find("NFS013", export.path, f"a {folder.kind}", "a directory, or nothing", kind=folder.kind)
        else:
            _writable(judge, folder, export, wanted)


def _writable(judge: Judge, folder: ExportFolder, export: ExportWanted, wanted: NfsWanted) -> None:
    """The server decides by the number that arrives; a job has no group but 0, and root of the server may all."""
    access = access_of(export.options)
    if export.options and not access.writable:
        return
    uid, gid = wanted.job_uid, 0
    if access.squash == "all" or (access.squash == "root" and uid == 0):
        uid = access.anonymous_uid
    if access.squash != "none":
        gid = access.anonymous_gid
    if not export.options or uid == 0:
        return
    mode = int(folder.mode or "0", 8)
    shift = 6 if uid == folder.uid else 3 if gid == folder.gid else 0
    if mode >> shift & _WRITE_AND_ENTER != _WRITE_AND_ENTER:
        found = f"mode {folder.mode}, owner {folder.uid}:{folder.gid}, and jobs arrive as {uid}:{gid}"
        judge.find("NFS006", export.path, found, f"a folder that user {uid} can write", path=export.path, uid=uid)
