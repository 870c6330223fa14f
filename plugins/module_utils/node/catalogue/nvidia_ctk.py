# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the container toolkit, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import CONVERGE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "CTK001": Check(ERROR, CONVERGE, "The toolkit is not installed"),
    "CTK003": Check(ERROR, REFUSE, "Toolkit packages of different versions"),
    "CTK006": Check(WARNING, TELL, "Pods without a GPU request see all GPUs"),
    "CTK008": Check(ERROR, REFUSE, "The toolkit is below its security floor"),
}
