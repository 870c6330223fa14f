# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups, from the files below /etc (not from the name service, which may be remote)."""

from __future__ import annotations

import os

from ..lean_dataclass import dataclass
from .root import Root


@dataclass(frozen=True)
class Account:
    """A line of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    comment: str = ""


def account(root: Root, name: str) -> Account | None:
    """Return a local user, None when there is none of that name."""
    for fields in _lines(root, "/etc/passwd", 7):
        if fields[0] == name and fields[2].isdigit() and fields[3].isdigit():
            return Account(name, int(fields[2]), int(fields[3]), fields[5], fields[6], fields[4])
    return None


def locked(root: Root, name: str) -> bool:
    """Return whether no password of a local account works; without an entry in /etc/shadow none does.

    Raises:
        Unreadable: this user may not read it.
    """
    for line in (root.read("/etc/shadow") or "").splitlines():
        fields = line.split(":")
        if fields[0] == name and len(fields) > 1:
            return fields[1].startswith(("!", "*"))
    return True


def owner(root: Root, path: str) -> str | None:
    """Return the local user that a path belongs to, None when nothing is there or its owner has no name."""
    try:
        return user_name(root, os.lstat(root.path(path)).st_uid)
    except OSError:
        return None


def user_name(root: Root, uid: int) -> str | None:
    """Return the name of a local user id, None when it has none."""
    return next((fields[0] for fields in _lines(root, "/etc/passwd", 7) if fields[2] == str(uid)), None)


def group_name(root: Root, gid: int) -> str | None:
    """Return the name of a local group id, None when it has none."""
    return next((fields[0] for fields in _lines(root, "/etc/group", 4) if fields[2] == str(gid)), None)


def members(root: Root, group: str) -> tuple[str, ...] | None:
    """Return who is listed in a group, None when there is no such group."""
    for fields in _lines(root, "/etc/group", 4):
        if fields[0] == group:
            return tuple(name for name in fields[3].split(",") if name)
    return None


def _lines(root: Root, path: str, width: int) -> list[list[str]]:
    fields = [line.split(":") for line in (root.read(path) or "").splitlines()]
    return [item for item in fields if len(item) == width]
