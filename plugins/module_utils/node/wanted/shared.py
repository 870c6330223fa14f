# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes that several wanted states are made of."""

from __future__ import annotations

from ...lean_dataclass import dataclass


class Wanted:
    """What all wanted states have: the units that an observation must ask systemd for."""

    def unit_names(self) -> tuple[str, ...]:
        """Return the names of the component's units, with their type."""
        return ()


@dataclass(frozen=True)
class FileWanted:
    """What should be at a path; what is empty does not matter.

    Attributes:
        kind: file, directory, link or absent.
        sha256: hashes of the contents that are right; any of them will do.
        mode: permission bits as four octal digits.
    """

    kind: str = "file"
    sha256: tuple[str, ...] = ()
    mode: str = ""
    owner: str = ""
    group: str = ""
