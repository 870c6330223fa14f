# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The note of changes that the engine hasn't taken over yet; it lives in /run, so a reboot clears it."""

from __future__ import annotations

import json
import os

from ..docker.due import Pending
from .files import write_atomically

NAME = "docker-engine.json"


def load(run_dir: str) -> Pending:
    """Return the note; a missing or broken one counts as none."""
    try:
        with open(os.path.join(run_dir, NAME), encoding="utf-8") as note:
            return Pending.from_data(json.load(note))
    except (OSError, ValueError):
        return Pending()


def save(run_dir: str, pending: Pending) -> None:
    """Write the note, or delete it when nothing is pending."""
    path = os.path.join(run_dir, NAME)
    if pending == Pending():
        if os.path.exists(path):
            os.unlink(path)
        return
    os.makedirs(run_dir, mode=0o700, exist_ok=True)
    write_atomically(path, json.dumps(pending.to_data()).encode(), 0o600)
