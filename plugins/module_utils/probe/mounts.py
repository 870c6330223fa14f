# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the mount table: on which file system a folder lies, and which mounts of other machines hang."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from typing import Any, Callable

from ..lean_dataclass import dataclass
from ..node.convert import to_plain
from ..node.observed.nfs import ExportFolder
from .child import Late, within
from .exports import unescaped
from .root import Root, Unreadable

MOUNTS = "/proc/self/mountinfo"
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "9p", "ceph")
_SERVERS = 3  # each that hangs costs a deadline


@dataclass(frozen=True)
class Mount:
    """A line of the mount table."""

    point: str
    kind: str
    source: str
    options: tuple[str, ...]

    @property
    def remote(self) -> bool:
        """Whether another machine answers for it."""
        return self.kind in _REMOTE


def mounts(root: Root) -> tuple[Mount, ...]:
    """Return the mount table, in its order.

    Raises:
        Unreadable: there is none.
    """
    text = root.read(MOUNTS)
    if text is None:
        raise Unreadable(f"{MOUNTS}: no such file")
    found = []
    for line in text.splitlines():
        left, dash, right = line.partition(" - ")
        first, last = left.split(" "), right.split(" ")
        if dash and len(first) > 5 and len(last) > 2:
            options = (*first[5].split(","), *last[2].split(","))
            found.append(Mount(unescaped(first[4]), last[0], unescaped(last[1]), options))
    return tuple(found)


def folders(root: Root, table: Sequence[Mount], paths: Iterable[str], seconds: float) -> dict[str, ExportFolder]:
    """Return what is at each path, and on which file system.

    Raises:
        Unreadable: a path can't be looked at, or a mount of another machine did not answer.
    """
    wanted = list(dict.fromkeys(paths))
    if not any(mount.remote for mount in table):
        return {path: _folder(root, table, path) for path in wanted}
    found = within(seconds, lambda: {path: to_plain(_folder(root, table, path)) for path in wanted}, "export folders")
    return {path: ExportFolder(**item) for path, item in found.items()}


def _folder(root: Root, table: Sequence[Mount], path: str) -> ExportFolder:
    try:
        info = os.stat(root.path(path))
    except (FileNotFoundError, NotADirectoryError):
        info = None
    place = path
    while not root.exists(place) and place != "/":
        place = os.path.dirname(place)
    mount = mount_of(table, os.path.realpath(place) if root.real else place)
    kind, handles = (mount.kind, "nfs_export=on" in mount.options) if mount else ("", False)
    if info is None:
        return ExportFolder(file_system=kind, handles=handles)
    return ExportFolder(
        kind="directory" if stat.S_ISDIR(info.st_mode) else "file",
        mode=f"{stat.S_IMODE(info.st_mode):04o}",
        uid=info.st_uid,
        gid=info.st_gid,
        file_system=kind,
        handles=handles,
    )


def mount_of(table: Sequence[Mount], path: str) -> Mount | None:
    """Return the mount that a path lies on: the longest one above it, and of those the last."""
    above = [item for item in table if item.point in ("/", path) or path.startswith(item.point + "/")]
    return max(enumerate(above), key=lambda item: (len(item[1].point), item[0]))[1] if above else None


def hung(table: Sequence[Mount], seconds: float, ask: Callable[[str], Any] = os.statvfs) -> tuple[str, ...]:
    """Return the mounts of NFS servers that do not answer; one mount speaks for all of its server.

    Raises:
        Unreadable: more servers hang than there is time for.
    """
    servers: dict[str, list[str]] = {}
    for item in table:
        if item.kind in ("nfs", "nfs4"):
            servers.setdefault(item.source.partition(":/")[0], []).append(item.point)
    late: list[str] = []
    for count, (server, points) in enumerate(servers.items()):
        if len(late) and count >= _SERVERS:
            raise Unreadable(f"{', '.join(late)} hang, and mounts of {server} were not asked any more")
        try:
            within(seconds, lambda point=points[0]: bool(ask(point)), points[0])  # type: ignore[misc]
        except Late:
            late += points
        except Unreadable:
            continue  # an error is an answer: nobody waits for it
    return tuple(late)
