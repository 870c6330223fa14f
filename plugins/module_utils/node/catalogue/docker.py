# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the container engine, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, CONVERGE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "DOC001": Check(ERROR, REFUSE, "The engine does not answer"),
    "DOC002": Check(ERROR, REFUSE, "daemon.json is not valid"),
    "DOC004": Check(ERROR, REFUSE, "Docker from snap"),
    "DOC005": Check(ERROR, REFUSE, "Docker Desktop"),
    "DOC006": Check(ERROR, REFUSE, "Rootless engine"),
    "DOC007": Check(ERROR, REFUSE, "docker is podman's wrapper"),
    "DOC008": Check(WARNING, TELL, "A user is in group docker"),
    "DOC010": Check(ADVICE, CONVERGE, "The engine is absent or from another source"),
}
