# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the files that are written for a host."""

from __future__ import annotations

import re

OVERVIEW = "index"
_KEPT = re.compile(r"[A-Za-z0-9._-]")


def file_name(host: str) -> str:
    """Return a host's name as the first part of a file name: no two hosts share one, and none leaves its folder."""
    name = "".join(c if _KEPT.match(c) else _escaped(c) for c in host)
    if name.startswith(".") or name.lower() == OVERVIEW:  # a hidden file, the folder above, the overview's own name
        name = _escaped(name[0]) + name[1:]
    return name


def _escaped(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
