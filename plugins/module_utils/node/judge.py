# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects what one comparison finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from .catalogue.index import CHECKS, component_of, link_of
from .model import CONVERGE, REFUSE, TELL, Finding, Report, Unknown
from .observation import Observation

T = TypeVar("T")


class Judge:
    """Findings and unknown facts of one comparison."""

    def __init__(self, seen: Observation, provided: Sequence[str] = (), asked: str = "") -> None:
        """Start with an observation.

        Args:
            seen: the whole observation; a comparison may look at other components.
            provided: components that an earlier role of the same play converges; what they lack is told, not refused.
            asked: the component whose role asks; of the others, what it needs is refused and never converged.
        """
        self.seen = seen
        self.provided = tuple(provided)
        self.asked = asked
        self._findings: list[Finding] = []
        self._unknown: list[Unknown] = []

    def find(
        self,
        check: str,
        subject: str,
        found: str,
        wanted: str,
        fix: str = "",
        cause: str = "",
        act: str = "",
        **evidence: Any,
    ) -> None:
        """Add a finding; who moves is the catalogue's word unless act is given, and depends on who asks.

        Args:
            check: id in the catalogue.
            subject: the thing that is judged: a file, a unit, an input.
            found: what is there.
            wanted: what should be there.
            fix: what to do; the catalogue's words where empty.
            cause: why; the catalogue's words where empty.
            act: converge, refuse or tell instead of the catalogue's.
            evidence: facts behind it; the catalogue's commands are filled in from them. Never a secret.
        """
        entry = CHECKS[check]
        self._findings.append(
            Finding(
                id=check,
                severity=entry.severity,
                act=self._act(check, act or entry.act),
                subject=subject,
                found=found,
                wanted=wanted,
                cause=cause or entry.cause or entry.title,
                fix=fix or entry.fix,
                commands=entry.commands_for(evidence),
                link=link_of(check),
                evidence=dict(evidence),
            )
        )

    def _act(self, check: str, declared: str) -> str:
        component = component_of(check)
        if component == self.asked or declared == TELL:
            return declared
        return TELL if component in self.provided else REFUSE

    def converge(self, check: str, subject: str, found: str, wanted: str, fix: str = "", **evidence: Any) -> None:
        """Add a finding that the role's own tasks mend."""
        self.find(check, subject, found, wanted, fix, act=CONVERGE, **evidence)

    def refuse(self, check: str, subject: str, found: str, wanted: str, fix: str = "", **evidence: Any) -> None:
        """Add a finding that stops the role before its first change."""
        self.find(check, subject, found, wanted, fix, act=REFUSE, **evidence)

    def tell(self, check: str, subject: str, found: str, wanted: str, fix: str = "", **evidence: Any) -> None:
        """Add a finding that is only reported."""
        self.find(check, subject, found, wanted, fix, act=TELL, **evidence)

    def milder(self, severity: str, check: str, subject: str, found: str, wanted: str, **evidence: Any) -> None:
        """Add the milder form of a check, with a severity of its own; it is only reported."""
        self.tell(check, subject, found, wanted, **evidence)
        self._findings[-1] = replace(self._findings[-1], severity=severity)

    def need(self, fact: str, value: T | None) -> T | None:
        """Return a fact that matters, and note it as unknown when it was not read."""
        if value is None:
            self._unknown.append(Unknown(fact, self.seen.reason(fact) or "it was not observed"))
        return value

    def need_read(self, *facts: str) -> None:
        """Note as unknown what a probe failed to read of these, where nothing is a good answer as well."""
        for fact in facts:
            self._unknown += [item for item in self.seen.unknown if f"{item.fact}.".startswith(f"{fact}.")]

    def report(self) -> Report:
        """Return everything collected, sorted by id."""
        return Report().merged(Report(tuple(self._findings), tuple(self._unknown)))
