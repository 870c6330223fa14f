# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare engine, containerd and runc with their floors: DOC009. A distribution's build isn't judged by number."""

from __future__ import annotations

from typing import Any

from . import floor_verdict
from .floor_verdict import FloorVerdict, Installed
from .judge import Judge
from .observed.docker import DockerFacts
from .observed.host import HostFacts

# Name in the floors, in the engine's answer to /version, the vendor's package, and the distribution's.
PARTS = (
    ("docker-engine", "Engine", "docker-ce", "docker.io"),
    ("containerd", "containerd", "containerd.io", "containerd"),
    ("runc", "runc", "containerd.io", "runc"),
)


def compare_floors(judge: Judge, docker: DockerFacts) -> None:
    """Tell what runs below its floor."""
    if docker.engine is None:
        return
    for name, part, vendor, distribution in PARTS:
        version = docker.engine.versions.get(part, "").removeprefix("v")
        if version:
            build = None if vendor in (docker.packages or {}) else _build(judge, docker, distribution)
            told(judge, "DOC009", name, floor_verdict.judge(name, version, build))


def _build(judge: Judge, docker: DockerFacts, package: str) -> Installed | None:
    version = (docker.packages or {}).get(package)
    if version is None:
        return None
    host = judge.seen.host or HostFacts()
    return Installed(host.os_id or "", host.version_id or "", package, version)


def told(judge: Judge, check: str, subject: str, verdict: FloorVerdict, act: str = "") -> None:
    """Add a finding for a version with open holes or without fixes; what can't be judged is none."""
    if verdict.state not in (floor_verdict.BELOW, floor_verdict.END_OF_LIFE):
        return
    wanted = f"{verdict.floor} or later" if verdict.floor else "a release line that gets fixes"
    judge.find(check, subject, verdict.version, wanted, cause=verdict.text, act=act, **version_facts(verdict))


def version_facts(verdict: FloorVerdict) -> dict[str, Any]:
    """Return the version, what it should be at least, and why."""
    return {"version": verdict.version, "floor": verdict.floor, "cves": list(verdict.cves)}
