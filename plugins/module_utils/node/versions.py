# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of dotted versions."""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})(?![0-9.])")


def parts(version: str) -> tuple[int, ...] | None:
    """Return the numbers of a version such as v1.34.4 or 1:1.20.1-1, or None when it has none."""
    match = _VERSION.match(version.split(":", 1)[-1])
    return tuple(int(p) for p in match.group(1).split(".")) if match else None


def below(version: str, floor: str) -> bool | None:
    """Return whether a version is below a floor; None when one of them can't be read."""
    left, right = parts(version), parts(floor)
    if left is None or right is None:
        return None
    width = max(len(left), len(right))
    return left + (0,) * (width - len(left)) < right + (0,) * (width - len(right))
