# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the cluster, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import CONVERGE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "K8S001": Check(ERROR, REFUSE, "The profile was created without GPUs"),
    "K8S002": Check(WARNING, TELL, "Start flags drifted"),
    "K8S003": Check(ERROR, REFUSE, "The profile is half created"),
    "K8S004": Check(ERROR, CONVERGE, "The node is not running"),
    "K8S009": Check(ERROR, REFUSE, "minikube would run as root"),
    "K8S019": Check(ERROR, REFUSE, "The node would be larger than the machine"),
    "K8S020": Check(ERROR, REFUSE, "The account or home is somebody else's"),
}
