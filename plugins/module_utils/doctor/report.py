# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of one machine as plain data, in the shape of docs/schema/doctor-1.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .components import TITLES, holds_facts, of_fact, of_finding
from .inputs import SEVERITIES, capacity_plan, finding_of, unknown_of, version_of
from .interpreter import interpreter_findings
from .read import DoctorError, items, plain
from .summary import summary

SCHEMA_VERSION = 1
NOT_OBSERVED = "not_observed"
OK = "ok"
# What a whole machine is called: the worst that was said of it. Nobody can rely on what was not seen.
RANKS = ("error", "warning", NOT_OBSERVED, "advice", OK)


def build(host: str, seen: Mapping[str, Any], observed_at: str, collection_version: str) -> dict[str, Any]:
    """Return the report of a host.

    Args:
        host: its name in the inventory.
        seen: observed, findings, unknown, capacity and versions, each optional; error, reachable and silence (see
            interpreter_findings) for a host that gave no answer.
        observed_at: when that was, in UTC.
        collection_version: the release that looked.

    Raises:
        DoctorError: a part has not the documented shape.
    """
    observed = plain(_mapping(seen, "observed"))
    found = [*_list(seen, "findings"), *interpreter_findings(seen.get("silence"))]
    given = [finding_of(item, f"findings[{n}]") for n, item in enumerate(found)]
    findings = sorted((f for f in given if not _unseen(f)), key=_order)
    unknown = _unknown(seen, [f for f in given if _unseen(f)])
    error = str(seen.get("error") or "") or None
    report: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "collection": "mlinfra.gpu_launch",
        "collection_version": str(collection_version),
        "host": str(host),
        "observed_at": str(observed_at),
        "reachable": seen.get("reachable") is not False,
        "error": error,
        "components": [_component(name, observed, findings, unknown, error) for name in TITLES],
        "findings": findings,
        "unknown": unknown,
        "versions": [version_of(item, f"versions[{n}]") for n, item in enumerate(_list(seen, "versions"))],
        "capacity": capacity_plan(seen.get("capacity")),
        "observed": {key: value for key, value in observed.items() if key != "unknown"},
    }
    counts = _counts(report)
    return {**report, "counts": counts, "status": next((rank for rank in RANKS[:-1] if counts[rank]), OK)}


def _mapping(seen: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = seen.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise DoctorError(f"{name}: a mapping is needed")
    return value or {}


def _list(seen: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = seen.get(name)
    if value is not None and (isinstance(value, (str, bytes)) or not isinstance(value, Sequence)):
        raise DoctorError(f"{name}: a list is needed")
    return value or []


def _unseen(finding: Mapping[str, Any]) -> bool:
    """Tell whether it stands for a fact that was needed and not read: unknown, and neither a fault nor fine."""
    return str(finding["found"]).startswith("not observed")


def _unknown(seen: Mapping[str, Any], unseen: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    own = items(_mapping(seen, "observed").get("unknown"))
    facts = [unknown_of(item, f"unknown[{n}]") for n, item in enumerate([*own, *_list(seen, "unknown")])]
    for finding in unseen:
        reason = finding["found"].partition(":")[2].strip()
        facts.append({"component": of_fact(finding["subject"]), "fact": finding["subject"], "reason": reason})
    once = {item["fact"]: item for item in reversed(facts)}
    return [once[fact] for fact in sorted(once)]


def _order(finding: Mapping[str, Any]) -> tuple[int, str, str]:
    return SEVERITIES.index(finding["severity"]), finding["id"], finding["subject"]


def _component(
    name: str,
    observed: Mapping[str, Any],
    findings: Sequence[Mapping[str, Any]],
    unknown: Sequence[Mapping[str, Any]],
    error: str | None,
) -> dict[str, Any]:
    own = [finding for finding in findings if of_finding(finding["id"]) == name]
    missing = [item["fact"] for item in unknown if item["component"] == name]
    complete = not missing and not error and holds_facts(observed.get(name))
    return {
        "component": name,
        "title": TITLES[name],
        "status": "findings" if own else OK if complete else NOT_OBSERVED,
        "severity": own[0]["severity"] if own else None,
        "complete": complete,
        "summary": summary(name, observed),
        "findings": [finding["id"] for finding in own],
        "unknown": missing,
    }


def _counts(report: Mapping[str, Any]) -> dict[str, int]:
    counts = {s: sum(finding["severity"] == s for finding in report["findings"]) for s in SEVERITIES}
    return {**counts, NOT_OBSERVED: len(gaps(report))}


def gaps(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what was not observed and why: each unknown fact, and each component of which nothing was read."""
    if report["error"]:
        return [("everything", report["error"])]
    found = [(item["fact"], item["reason"]) for item in report["unknown"]]
    for part in report["components"]:
        if not part["complete"] and not part["unknown"]:
            found.append((part["component"], "nobody looked, or nothing of it could be read"))
    return found
