# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the NFS server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .shared import Wanted


@dataclass(frozen=True)
class ExportWanted:
    """One exported path; an empty network means the role's own."""

    path: str
    network: str = ""
    options: Any = None


@dataclass(frozen=True)
class NfsWanted(Wanted):
    """The exports, and whether the whole world may mount them."""

    exports: tuple[ExportWanted, ...] = ()
    network: str = ""
    allow_everyone: bool = False
    backend: str = "auto"
    file: str = ""

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units."""
        return ("nfs-server.service", "nfs-ganesha.service")
