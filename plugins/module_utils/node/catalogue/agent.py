# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the Launch agent, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "AGT002": Check(ERROR, REFUSE, "No queue, or one named twice"),
    "AGT004": Check(ERROR, REFUSE, "The base URL does not work from pods"),
    "AGT009": Check(WARNING, TELL, "More jobs at once than GPUs"),
    "AGT011": Check(ERROR, REFUSE, "The API key is missing or too short"),
    "AGT017": Check(ERROR, REFUSE, "No entity"),
}
