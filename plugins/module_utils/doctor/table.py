# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as lines for a screen: by severity, worst first."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from .components import TITLES
from .inputs import SEVERITIES
from .read import DoctorError, moment, one_line, plural, shown
from .report import gaps

NARROWEST = 40
_WORDS = {"ok": "ok", "findings": "findings", "not_observed": "not observed"}
_HEADINGS = {"error": "ERRORS", "warning": "WARNINGS", "advice": "ADVICE"}
_LABELS = ("found", "wanted", "cause", "fix")


def table(report: Mapping[str, Any], width: int = 100) -> list[str]:
    """Return the lines; texts are folded to the width, commands and reasons stay in one line.

    Raises:
        DoctorError: the width leaves no room for text.
    """
    if width < NARROWEST:
        raise DoctorError(f"width is {width}; set {NARROWEST} or more")
    host, when = shown(report["host"]), moment(report["observed_at"])
    lines = [f"{host}, {when}", *_components(report, width)]
    for severity in SEVERITIES:
        found = [finding for finding in report["findings"] if finding["severity"] == severity]
        lines += ["", _HEADINGS[severity]] if found else []
        for finding in found:
            lines += _finding(finding, width)
    missing = gaps(report)
    lines += ["", "NOT OBSERVED"] if missing else []
    lines += [f"  not observed  {shown(fact)}: {one_line(reason)}" for fact, reason in missing]
    return [*lines, "", f"{host}: {counted(report['counts'])}"]


def counted(counts: Mapping[str, int]) -> str:
    """Return the numbers in words."""
    words = [
        plural(counts["error"], "error", "errors"),
        plural(counts["warning"], "warning", "warnings"),
        f"{counts['advice']} advice",
        f"{counts['not_observed']} not observed",
    ]
    return ", ".join(words)


def _components(report: Mapping[str, Any], width: int) -> list[str]:
    left = max(len(title) for title in TITLES.values())
    lines = []
    for part in report["components"]:
        word = part["severity"] or _WORDS[part["status"]]
        start = f"  {part['title']:{left}}  {word:12}  "
        lines += _folded(start, part["summary"], width)
    return lines


def _finding(finding: Mapping[str, Any], width: int) -> list[str]:
    lines = _folded(f"  {shown(finding['id']):7} ", shown(finding["subject"]), width)
    for label in _LABELS:
        if finding[label]:
            lines += _folded(f"          {label:6}  ", shown(finding[label]), width)
    return lines + [f"          run     {shown(command)}" for command in finding["commands"]]


def _folded(start: str, text: str, width: int) -> list[str]:
    if not text:
        return [start.rstrip()]
    inner = max(width - len(start), 20)
    parts = textwrap.wrap(text, inner, break_on_hyphens=False) or [""]
    return [start + parts[0], *(" " * len(start) + part for part in parts[1:])]
