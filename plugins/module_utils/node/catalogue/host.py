# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the machine, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, ERROR, REFUSE, TELL
from .check import Check

CHECKS: dict[str, Check] = {
    "SYS002": Check(ERROR, REFUSE, "The platform is not supported"),
    "SYS003": Check(ERROR, REFUSE, "cgroup v1 with a kubelet that refuses it"),
    "SYS005": Check(ERROR, REFUSE, "Too little free disk"),
    "SYS008": Check(ERROR, REFUSE, "A minikube node sees no GPU on WSL2"),
    "SYS010": Check(ADVICE, TELL, "An easier way exists for this machine"),
}
