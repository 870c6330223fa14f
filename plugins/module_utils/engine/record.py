# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of each owner's settings, below /var/lib/mlinfra.gpu_launch/daemon-config."""

from __future__ import annotations

import contextlib
import json
import os

from ..docker.errors import DaemonConfigError
from ..docker.record import Record, from_data, to_data
from .files import write_atomically


def load(record_dir: str, owner: str) -> Record | None:
    """Return what an owner set earlier, None when it never did."""
    path = os.path.join(record_dir, f"{owner}.json")
    try:
        with open(path, encoding="utf-8") as record:
            return from_data(json.load(record))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DaemonConfigError(f"{path} can't be read ({error}); move it away, or repair it") from error


def save(record_dir: str, owner: str, record: Record) -> None:
    """Write the record of an owner, or delete it when nothing is owned any more."""
    path = os.path.join(record_dir, f"{owner}.json")
    if record.leaves:
        os.makedirs(record_dir, mode=0o700, exist_ok=True)
        write_atomically(path, (json.dumps(to_data(record), indent=2) + "\n").encode(), 0o600)
    elif os.path.exists(path):
        os.unlink(path)
        with contextlib.suppress(OSError):
            os.rmdir(record_dir)
