# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the NFS server, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "NFS001": Check(ERROR, REFUSE, "An export is open to everyone"),
    "NFS002": Check(WARNING, TELL, "The path is exported by another file too"),
    "NFS003": Check(ERROR, REFUSE, "The kernel cannot serve NFS"),
}
