# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the free room of file systems with what is needed there; the engine itself says where its data root is."""

from __future__ import annotations

from .judge import Judge
from .observed.host import Disk, HostFacts
from .wanted.host import HostWanted


def compare_room(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    """SYS005: too few MiB or inodes at a path that the caller names."""
    for path, needed in sorted(wanted.free_mib.items()):
        place, disk = _disk(judge, host, path, wanted.data_root)
        if disk is not None:
            _room(judge, place, disk, needed, wanted.free_inodes)


def _disk(judge: Judge, host: HostFacts, path: str, data_root: str) -> tuple[str, Disk | None]:
    """Return where the room counts, and what there is; no input knows of a data root that was moved by hand."""
    docker = judge.seen.docker
    engine = docker.engine if docker is not None else None
    if path == data_root and engine is not None and engine.root_dir not in (None, data_root):
        return str(engine.root_dir), judge.need("docker.engine.disk", engine.disk)
    return path, judge.need(f"host.disks.{path}", host.disks.get(path))


def _room(judge: Judge, path: str, disk: Disk, needed: int, inodes: int) -> None:
    if disk.free_mib < needed:
        judge.refuse(
            "SYS005",
            path,
            f"{disk.free_mib} MiB free of {disk.total_mib} MiB",
            f"{needed} MiB free",
            f"free or add {needed - disk.free_mib} MiB below {path}",
            free_mib=disk.free_mib,
            needed_mib=needed,
        )
    if disk.free_inodes is not None and disk.free_inodes < inodes:
        fix = f"remove files below {path}: small ones use up the inodes before the room"
        has, wants = f"{disk.free_inodes} inodes free", f"{inodes} inodes free"
        judge.refuse("SYS005", path, has, wants, fix, free_inodes=disk.free_inodes, needed_inodes=inodes)
