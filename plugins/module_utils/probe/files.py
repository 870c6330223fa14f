# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at a path: kind, mode, owner, and the hash of a file whose content matters."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping

from ..node.observed.shared import FileSeen
from ..node.wanted.shared import FileWanted
from .accounts import group_name, user_name
from .root import Root, Unreadable
from .seen import Seen

LIMIT = 16 << 20


def look_at(root: Root, seen: Seen, fact: str, wanted: Mapping[str, FileWanted]) -> dict[str, FileSeen]:
    """Return what is at each path that something is wanted of; one that can't be read is noted and left out."""
    found: dict[str, FileSeen] = {}
    for path, want in wanted.items():
        item = seen.fact(f"{fact}.{path}", lambda path=path, want=want: look(root, path, bool(want.sha256)))  # type: ignore[misc]
        if item is not None:
            found[path] = item
    return found


def look(root: Root, path: str, content: bool = False) -> FileSeen:
    """Return what is at a path, links not followed.

    Args:
        root: the machine.
        path: absolute path on it.
        content: hash a regular file (up to 16 MiB).

    Raises:
        Unreadable: it is there and may not be looked at, or is too large to hash.
    """
    try:
        info = os.lstat(root.path(path))
    except (FileNotFoundError, NotADirectoryError):
        return FileSeen()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    kind = _kind(info.st_mode)
    digest = None
    if content and kind == "file":
        data = root.read_bytes(path, LIMIT)
        digest = None if data is None else hashlib.sha256(data).hexdigest()
    return FileSeen(
        kind=kind,
        mode=f"{stat.S_IMODE(info.st_mode):04o}",
        owner=user_name(root, info.st_uid),
        group=group_name(root, info.st_gid),
        sha256=digest,
    )


def _kind(mode: int) -> str:
    tests = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))
    return next((name for test, name in tests if test(mode)), "other")
