# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of GPUs and driver, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "GPU001": Check(ERROR, REFUSE, "No NVIDIA GPU"),
    "GPU002": Check(ERROR, REFUSE, "Fewer GPUs than expected"),
    "GPU003": Check(ERROR, REFUSE, "A GPU is lost or requires a reset"),
    "GPU004": Check(ERROR, REFUSE, "NVML does not answer"),
    "GPU006": Check(WARNING, TELL, "Different GPU models in one node"),
    "GPU007": Check(ADVICE, TELL, "A GPU drives a display"),
    "DRV001": Check(ERROR, REFUSE, "No driver is loaded"),
    "DRV002": Check(ERROR, REFUSE, "Driver and library versions differ"),
}
