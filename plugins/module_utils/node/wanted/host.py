# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .shared import Wanted

PLATFORMS: dict[str, tuple[str, ...]] = {"debian": ("12", "13"), "ubuntu": ("22.04", "24.04")}
ARCHITECTURES = ("x86_64",)


@dataclass(frozen=True)
class HostWanted(Wanted):
    """Platforms that the role supports, and the room it needs."""

    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(PLATFORMS))
    architectures: tuple[str, ...] = ARCHITECTURES
    systemd: bool = True
    free_mib: Mapping[str, int] = field(default_factory=dict)
