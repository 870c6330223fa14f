# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the look at the agent's health: its timer runs, or nothing of it does. Its files are among the agent's."""

from __future__ import annotations

from .judge import Judge
from .observed.agent import AgentFacts
from .wanted.agent import AgentWanted


def compare_health(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    """Judge the timer."""
    timer = judge.need("agent.health_timer", agent.health_timer)
    if timer is None:
        return
    name = wanted.health_timer
    if not wanted.health:
        if timer.active != "inactive" or timer.enabled == "enabled":
            judge.find("AGT015", name, f"{timer.enabled or 'not enabled'}, {timer.active}", "no look at the health")
    elif timer.load == "not-found":
        judge.find("AGT015", name, "no such unit", "enabled and active", unit=name)
    elif (timer.enabled, timer.active) != ("enabled", "active"):
        found = f"{timer.enabled or 'not enabled'}, {timer.active}"
        judge.find("AGT015", name, found, "enabled and active", unit=name)
    elif timer.need_reload:
        judge.find("AGT015", name, "its file is newer than what systemd has read", "the same", unit=name)
