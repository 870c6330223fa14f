# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects what one comparison finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from .catalogue import severity_of, title_of
from .model import REFUSE, TELL, Finding, Report, Unknown
from .observation import Observation

T = TypeVar("T")


class Judge:
    """Findings and unknown facts of one comparison."""

    def __init__(self, seen: Observation, provided: Sequence[str] = ()) -> None:
        """Start with an observation.

        Args:
            seen: the whole observation; a comparison may look at other components.
            provided: components that an earlier role of the same play converges; what they lack is told, not refused.
        """
        self.seen = seen
        self.provided = tuple(provided)
        self._findings: list[Finding] = []
        self._unknown: list[Unknown] = []

    def refuse(self, check: str, subject: str, found: str, wanted: str, fix: str, **evidence: Any) -> None:
        """Add a finding that stops the role before its first change."""
        self._add(REFUSE, check, subject, found, wanted, fix, evidence)

    def tell(self, check: str, subject: str, found: str, wanted: str, fix: str, **evidence: Any) -> None:
        """Add a finding that is only reported."""
        self._add(TELL, check, subject, found, wanted, fix, evidence)

    def lacks(self, component: str, check: str, subject: str, found: str, wanted: str, fix: str) -> None:
        """Refuse because another component is missing, unless an earlier role of the play brings it."""
        self._add(TELL if component in self.provided else REFUSE, check, subject, found, wanted, fix, {})

    def need(self, fact: str, value: T | None) -> T | None:
        """Return a fact that matters, and note it as unknown when it was not read."""
        if value is None:
            self._unknown.append(Unknown(fact, self.seen.reason(fact) or "it was not observed"))
        return value

    def report(self) -> Report:
        """Return everything collected, sorted by id."""
        return Report().merged(Report(tuple(self._findings), tuple(self._unknown)))

    def _add(self, act: str, check: str, subject: str, found: str, wanted: str, fix: str, evidence: Any) -> None:
        self._findings.append(
            Finding(
                id=check,
                severity=severity_of(check),
                act=act,
                subject=subject,
                found=found,
                wanted=wanted,
                cause=title_of(check),
                fix=fix,
                evidence=dict(evidence),
            )
        )
