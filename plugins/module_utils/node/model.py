# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings, unknown facts and the report that holds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass

CONVERGE = "converge"
REFUSE = "refuse"
TELL = "tell"

# Of two words on one finding the stronger counts: a refusal stops the run, whatever a role could mend.
_STRENGTH = {TELL: 0, CONVERGE: 1, REFUSE: 2}

ERROR = "error"
WARNING = "warning"
ADVICE = "advice"


class ModelError(ValueError):
    """Data handed to the comparison has not the shape that it documents; the text names the place."""


@dataclass(frozen=True)
class Finding:
    """One difference between what is there and what is wanted, with its way out.

    Attributes:
        commands: shell lines for root that mend it, where commands can.
        link: the check's paragraph in the documentation.
    """

    id: str
    severity: str
    act: str
    subject: str
    found: str
    wanted: str
    cause: str
    fix: str
    commands: tuple[str, ...] = ()
    link: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def message(self) -> str:
        """Return the finding as one line of text."""
        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible, the one-line message included."""
        return {
            "id": self.id,
            "severity": self.severity,
            "act": self.act,
            "subject": self.subject,
            "found": self.found,
            "wanted": self.wanted,
            "cause": self.cause,
            "fix": self.fix,
            "commands": list(self.commands),
            "link": self.link,
            "evidence": dict(self.evidence),
            "message": render(self),
        }


@dataclass(frozen=True)
class Unknown:
    """A fact that could not be read, and why."""

    fact: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        """Return plain data for Ansible."""
        return {"fact": self.fact, "reason": self.reason}


@dataclass(frozen=True)
class Report:
    """What one comparison says: the differences, and the facts it would have needed."""

    findings: tuple[Finding, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def converged(self) -> bool:
        """True when nothing is to converge or refuse and nothing that matters is unknown."""
        return not self.unknown and all(finding.act == TELL for finding in self.findings)

    def merged(self, other: Report) -> Report:
        """Return both as one, sorted; of a finding that both have the stronger act, each unknown fact once."""
        findings: dict[tuple[str, str, str], Finding] = {}
        for finding in (*self.findings, *other.findings):
            known = findings.get((finding.id, finding.subject, finding.found))
            if known is None or _STRENGTH[finding.act] > _STRENGTH[known.act]:
                findings[finding.id, finding.subject, finding.found] = finding
        unknown = {u.fact: u for u in (*self.unknown, *other.unknown)}
        return Report(
            tuple(findings[key] for key in sorted(findings)),
            tuple(unknown[key] for key in sorted(unknown)),
        )


def printable(text: str, limit: int = 400) -> str:
    """Return text from a host with control characters escaped and the length bounded."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def render(finding: Finding) -> str:
    """Return one line: id, severity, what was found, what is wanted, why, and what to do."""
    parts = [
        f"{finding.id} {finding.severity} {printable(finding.subject)}: found {printable(finding.found)}",
        f"wanted {printable(finding.wanted)}",
        f"cause: {printable(finding.cause)}" if finding.cause else "",
        f"fix: {printable(finding.fix)}",
    ]
    return "; ".join(part for part in parts if part)
