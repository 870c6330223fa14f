# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the doctor's play ends as a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .read import DoctorError, one_line, plural, shown

FAIL_ON = ("error", "warning", "never")


def check_fail_on(fail_on: Any) -> str:
    """Return the value.

    Raises:
        DoctorError: there is no such value; the text has those that exist.
    """
    if fail_on not in FAIL_ON:
        raise DoctorError(f"doctor_fail_on is '{shown(fail_on, 60)}'; set one of {', '.join(FAIL_ON)}")
    return str(fail_on)


def failures(report: Mapping[str, Any], fail_on: str) -> list[str]:
    """Return why a machine fails the run; advice never does, a machine that gave no answer always does.

    Raises:
        DoctorError: there is no such value of fail_on.
    """
    check_fail_on(fail_on)
    if report["error"]:
        return [f"{shown(report['host'])}: nothing was observed: {one_line(report['error'])}"]
    counts = report["counts"]
    parts = {
        "error": [_count(counts["error"], "error", "errors")],
        "warning": [
            _count(counts["error"], "error", "errors"),
            _count(counts["warning"], "warning", "warnings"),
            _count(counts["not_observed"], "not observed", "not observed"),
        ],
        "never": [],
    }[fail_on]
    found = ", ".join(part for part in parts if part)
    return [f"{shown(report['host'])}: {found}"] if found else []


def _count(amount: int, one: str, many: str) -> str:
    return plural(amount, one, many) if amount else ""
