# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS001 for a host on which no module ran at all: there is no observation that could tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..node.judge import Judge
from ..node.observation import Observation
from .read import at, mapping, number, one_line

SYSTEM = "/usr/bin/python3"
_TRACEBACK = "Traceback (most recent call last)"


def interpreter_findings(silence: Any) -> list[dict[str, Any]]:
    """Return the finding where the interpreter is at fault: no module ran, and the system's own interpreter works.

    Args:
        silence: module, the result of the module that said nothing; system, the result of asking the system's
            interpreter for its version; interpreter, the one that the module was to run with, where it was set.
    """
    module, system = mapping(at(silence, "module")), mapping(at(silence, "system"))
    said = f"{module.get('module_stderr') or ''}\n{module.get('module_stdout') or ''}".strip()
    works = number(system.get("rc")) == 0 and bool(system.get("stdout"))
    if "module_stdout" not in module or not works or _TRACEBACK in said:
        return []  # a module that fails by its own words, or in its own code, had an interpreter
    judge = Judge(Observation(), asked="host")
    judge.find(
        "SYS001",
        "Python interpreter",
        _found(module, said),
        f"an interpreter that runs, such as {SYSTEM}",
        interpreter=at(silence, "interpreter") or None,
        rc=number(module.get("rc")),
        system=f"{SYSTEM} {one_line(system['stdout'])}",
    )
    return [finding.to_dict() for finding in judge.report().findings]


def _found(module: Mapping[str, Any], said: str) -> str:
    words = one_line(said or module.get("msg") or "no answer")
    return f"no module runs, rc {module['rc']}: {words}" if "rc" in module else f"no module runs: {words}"
