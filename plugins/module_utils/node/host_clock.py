# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the clock: with the controller's, and with what the kernel knows of it."""

from __future__ import annotations

from .judge import Judge
from .model import WARNING
from .observed.host import ClockSeen, HostFacts
from .wanted.host import HostWanted


def compare_clock(judge: Judge, host: HostFacts, wanted: HostWanted) -> None:
    """SYS007: an error beyond the limit, a warning when nothing keeps the clock right."""
    if not wanted.controller_time and not wanted.thorough:
        return
    clock = judge.need("host.clock", host.clock)
    if clock is None:
        return
    if wanted.controller_time and _off(judge, clock, wanted.clock_limit_s):
        return
    if wanted.thorough and judge.need("host.clock.synchronised", clock.synchronised) is False:
        found = "the kernel's clock is not synchronised"
        judge.milder(WARNING, "SYS007", "clock", found, "a clock that is kept right", synchronised=False)


def _off(judge: Judge, clock: ClockSeen, limit: int) -> bool:
    ahead = judge.need("host.clock.ahead_s", clock.ahead_s)
    if ahead is None or abs(ahead) <= limit:
        return False
    found = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the controller's"
    judge.refuse("SYS007", "clock", found, f"at most {limit} s of difference", ahead_s=round(ahead))
    return True
