# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports that the tests read: of the lively machine, and of others made from it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.doctor.report import build

ROOT = Path(__file__).resolve().parents[5]
WHEN = "2026-11-26T09:42:00Z"


def seen(name="lively"):
    """Return what was observed and compared on a machine of tests/fixtures/doctor."""
    return json.loads((ROOT / f"tests/fixtures/doctor/{name}.json").read_text(encoding="utf-8"))


def healthy():
    """Return the reference machine, of which nothing is to say."""
    return {"observed": json.loads((ROOT / "tests/fixtures/observations/reference.json").read_text(encoding="utf-8"))}


def report(parts=None, host="gpu1", **changed):
    """Return a report, with parts of what was seen replaced."""
    return build(host, {**(seen() if parts is None else copy.deepcopy(parts)), **changed}, WHEN, "1.2.3")


def finding(check="GPU001", severity="error", **changed):
    """Return a finding with the least that it must have."""
    return {"id": check, "severity": severity, "act": "tell", "subject": "x", "found": "y", **changed}
