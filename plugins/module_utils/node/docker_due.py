# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a reload, start or restart that is due: whether a role does it now, or only tells of it."""

from __future__ import annotations

from ..docker import due as rules
from .judge import Judge
from .model import CONVERGE, TELL
from .observed.docker import DueSeen


def act_on(judge: Judge, due: DueSeen, policy: str) -> tuple[str, str]:
    """Return who moves, and what keeps a restart from being done; a role that may do part of it still moves.

    Args:
        judge: takes what would have to be known.
        due: what is due.
        policy: when_idle, always or never.
    """
    containers = due.containers
    if due.kind == rules.RESTART and policy == "when_idle":
        containers = judge.need("docker.due.containers", due.containers)
    may = rules.allowed(policy, rules.Due(due.kind), containers or ())
    if may:
        return CONVERGE, ""
    kept = f"containers run: {', '.join(containers)}" if containers else f"a restart is allowed '{policy}'"
    moves = rules.instead(rules.Due(due.kind), may, due.reloadable) != rules.NONE
    return (CONVERGE if moves else TELL), kept
