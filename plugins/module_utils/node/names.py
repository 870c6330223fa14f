# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that look like inputs of a role but are none."""

from __future__ import annotations

from collections.abc import Sequence

from .convert import nearest


def unknown_inputs(found: Sequence[str], known: Sequence[str], role: str) -> list[str]:
    """Return one text for each found variable that is not an input.

    Args:
        found: names of variables that exist and start with the role's prefix.
        known: names of the role's inputs.
        role: the role's name.
    """
    start = f"{role}_"
    ends = {name[len(start) :]: name for name in known}
    texts = []
    for name in sorted(set(found) - set(known)):
        near = nearest(name[len(start) :], list(ends))
        hint = f"; did you mean {ends[near]}?" if near else ""
        texts.append(f"{name} is not an input of {role}{hint}")
    return texts
