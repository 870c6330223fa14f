# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the comparison, the version floors and the capacity plan hand over, each brought into its documented shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .components import of_fact, of_finding
from .read import DoctorError, items, mapping, number, plain

SEVERITIES = ("error", "warning", "advice")
ACTS = ("converge", "refuse", "tell")
VERDICTS = ("ok", "below", "unjudged", "absent")
RESOURCES = ("cpus", "memory_mib", "gpus")


def finding_of(item: Any, place: str) -> dict[str, Any]:
    """Return a finding with all its keys.

    Raises:
        DoctorError: no id, or a severity or act that does not exist.
    """
    data = _needed(item, place, "id")
    return {
        "id": str(data["id"]),
        "component": of_finding(str(data["id"])),
        "severity": _one_of(data.get("severity"), SEVERITIES, f"{place}.severity"),
        "act": _one_of(data.get("act"), ACTS, f"{place}.act"),
        **{key: _text(data.get(key)) or "" for key in ("subject", "found", "wanted", "cause", "fix")},
        "commands": [str(line) for line in items(data.get("commands"))],
        "link": _text(data.get("link")) or None,
        "evidence": plain(mapping(data.get("evidence"))),
        "message": _text(data.get("message")) or "",
    }


def unknown_of(item: Any, place: str) -> dict[str, Any]:
    """Return a fact that was not observed, and why.

    Raises:
        DoctorError: the fact has no name.
    """
    data = _needed(item, place, "fact")
    fact = str(data["fact"])
    return {"component": of_fact(fact), "fact": fact, "reason": _text(data.get("reason")) or "no reason given"}


def version_of(item: Any, place: str) -> dict[str, Any]:
    """Return a version beside its floor.

    Raises:
        DoctorError: the component has no name, or the verdict does not exist.
    """
    data = _needed(item, place, "component")
    return {
        "component": str(data["component"]),
        "verdict": _one_of(data.get("verdict"), VERDICTS, f"{place}.verdict"),
        **{key: _text(data.get(key)) or None for key in ("installed", "floor", "reason", "source")},
    }


def capacity_plan(data: Any) -> dict[str, Any] | None:
    """Return the capacity plan; None where none was made."""
    if not mapping(data):
        return None
    return {
        "jobs_at_once": number(data.get("jobs_at_once")),
        "limited_by": _text(data.get("limited_by")) or None,
        "node": _resources(data.get("node")),
        "job": _resources(data.get("job")),
        "sums": [_sum(mapping(line)) for line in items(data.get("sums"))],
        "refusals": [str(line) for line in items(data.get("refusals"))],
    }


def _resources(data: Any) -> dict[str, float | None]:
    return {name: number(mapping(data).get(name)) for name in RESOURCES}


def _sum(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "what": _text(line.get("what")) or "",
        "needed": number(line.get("needed")),
        "available": number(line.get("available")),
        "unit": _text(line.get("unit")) or "",
    }


def _needed(item: Any, place: str, key: str) -> Mapping[str, Any]:
    data = mapping(item)
    if not data.get(key):
        raise DoctorError(f"{place}: a mapping with {key} is needed")
    return data


def _one_of(value: Any, known: tuple[str, ...], place: str) -> str:
    if value not in known:
        raise DoctorError(f"{place}: '{value}' is none of {', '.join(known)}")
    return str(value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
