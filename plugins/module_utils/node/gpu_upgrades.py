# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare unattended upgrades with the packages of the driver."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .judge import Judge
from .observed.gpu import GpuFacts

_NAMED = 3


def compare_upgrades(judge: Judge, gpu: GpuFacts) -> None:
    """DRV003: an unattended upgrade must not replace the driver under running containers."""
    packages = judge.need("gpu.packages", gpu.packages)
    upgrades = judge.need("gpu.upgrades", gpu.upgrades)
    if packages is None or upgrades is None or not upgrades.enabled:
        return
    free = [item.name for item in packages if not item.held and not left_alone(item.name, upgrades.excluded)]
    if not free:
        return
    more = f" and {len(free) - _NAMED} more" if len(free) > _NAMED else ""
    found = f"unattended upgrades are on, and nothing holds {', '.join(free[:_NAMED])}{more}"
    judge.tell("DRV003", "driver packages", found, "packages that are held or excluded", packages=free)


def left_alone(package: str, patterns: Sequence[str]) -> bool:
    """Return whether unattended upgrades exclude a package: a pattern matches from the beginning of its name."""
    return any(_matches(pattern, package) for pattern in patterns)


def _matches(pattern: str, package: str) -> bool:
    try:
        return re.match(pattern, package) is not None
    except re.error:
        return False
