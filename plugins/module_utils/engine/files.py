# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are complete or not there at all, also on a full disk."""

from __future__ import annotations

import os
import tempfile


def write_beside(path: str, data: bytes, mode: int) -> str:
    """Write data to a new file in the folder of `path`, flushed to the disk; return its name."""
    handle, name = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path) or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
    except OSError:
        os.unlink(name)
        raise
    return name


def write_atomically(path: str, data: bytes, mode: int) -> None:
    """Replace a file of our own in one step."""
    name = write_beside(path, data, mode)
    try:
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise
