# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads how much room a file system has."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..node.observed.host import Disk
from .child import within
from .root import Root


def disk_of(root: Root, path: str, deadline: float) -> Disk:
    """Return the room of the file system behind a path; a dead network mount costs the deadline, not the run."""
    numbers = within(deadline, lambda: measure(root, path), f"statvfs of {path}")
    return Disk(total_mib=numbers[0], free_mib=numbers[1], free_inodes=numbers[2])


def measure(root: Root, path: str) -> Sequence[int | None]:
    """Return total and free MiB and free inodes of the file system behind a path."""
    while not os.path.isdir(root.path(path)) and path not in ("/", ""):
        path = os.path.dirname(path)
    found = os.statvfs(root.path(path or "/"))
    inodes = found.f_favail if found.f_files else None
    return [found.f_blocks * found.f_frsize >> 20, found.f_bavail * found.f_frsize >> 20, inodes]
