# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the catalogue says of one check."""

from __future__ import annotations

import shlex
import string
from collections.abc import Mapping
from typing import Any

from ...lean_dataclass import dataclass

DOCS = "https://github.com/mlinfra/gpu_launch/blob/main/docs/docsite/rst/checks_{component}.rst#{anchor}"


@dataclass(frozen=True)
class Check:
    """One check: what it says, who moves, and the way out.

    Attributes:
        severity: error (the wanted state can't be reached, or jobs will fail), warning (works now, breaks later or is
            unsafe) or advice (nothing is wrong).
        act: who moves when the component itself is asked: converge (its role's tasks), refuse (a person, a reboot or
            consent), tell (report only). For a component that another one merely needs, converge becomes refuse.
        title: the state that is wrong, in a few words.
        cause: why machines get into it.
        fix: what to do, in words.
        see: where the comparison looks.
        commands: shell lines that mend it; {name} stands for a value of the finding's evidence, a list for its words.
        sources: public threads (owner/repository#number), bulletins or documents that it comes from.
    """

    severity: str
    act: str
    title: str
    cause: str = ""
    fix: str = ""
    see: str = ""
    commands: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def commands_for(self, evidence: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the shell lines with the evidence filled in and quoted; none where a value is missing."""
        fields = (field for line in self.commands for field in string.Formatter().parse(line))
        names = {field[1] for field in fields if field[1]}
        if any(evidence.get(name) in (None, "", [], ()) for name in names):
            return ()
        values = {name: _quoted(evidence[name]) for name in names}
        return tuple(line.format(**values) for line in self.commands)


def _quoted(value: Any) -> str:
    words = value if isinstance(value, (list, tuple)) else [value]
    return shlex.join(str(word) for word in words)
