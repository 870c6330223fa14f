# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders on the controller for what later runs would otherwise make anew: below ANSIBLE_HOME, this user's alone.

They hold code, so one that somebody else can write to is not used. Nothing is lost when they are deleted.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ansible import constants as C


def folder(name: str) -> Path:
    """Return the place of a cache; it need not exist."""
    return Path(C.config.get_config_value("ANSIBLE_HOME")) / "mlinfra.gpu_launch" / name


def private(path: Path) -> bool:
    """Return whether a folder is this user's, and nobody else may write to it."""
    try:
        seen = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and not seen.st_mode & 0o022
