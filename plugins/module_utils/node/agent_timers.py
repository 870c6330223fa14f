# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what looks after the agent now and then: each timer runs, or is not there. Files are compared elsewhere."""

from __future__ import annotations

from .judge import Judge
from .observed.agent import AgentFacts
from .observed.shared import Unit
from .wanted.agent import AgentWanted


def compare_timers(judge: Judge, agent: AgentFacts, wanted: AgentWanted) -> None:
    """Judge each timer."""
    for name, on in sorted(wanted.timers.items()):
        timer = judge.need(f"agent.timers.{name}", agent.timers.get(name))
        if timer is not None:
            _timer(judge, name, timer, on)


def _timer(judge: Judge, name: str, timer: Unit, on: bool) -> None:
    state = f"{timer.enabled or 'not enabled'}, {timer.active}"
    runs = (timer.enabled, timer.active) == ("enabled", "active")
    if not on:
        if timer.active != "inactive" or timer.enabled == "enabled":
            judge.find("AGT015", name, state, "no such timer")
    elif not runs:
        found = "no such unit" if timer.load == "not-found" else state
        judge.find("AGT015", name, found, "enabled and active", unit=name)
    elif timer.need_reload:
        judge.find("AGT015", name, "its file is newer than what systemd has read", "the same", unit=name)
