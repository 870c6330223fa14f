# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine runs beside the floors, one line per component: for people who read, where findings are for acting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import floor_verdict
from .docker_floors import PARTS
from .floor_verdict import FloorVerdict, Installed
from .gpu_driver import version_of
from .observation import Observation
from .observed.docker import DockerFacts

_WORDS = {floor_verdict.OK: "ok", floor_verdict.BELOW: "below", floor_verdict.END_OF_LIFE: "below"}


def floor_table(observed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a line for each component whose version was seen, in the order of the chain.

    Args:
        observed: the observation of node_state.

    Raises:
        ModelError: the data has not the documented shape.
    """
    seen = Observation.from_dict(observed)
    lines: list[dict[str, Any]] = []
    if seen.gpu is not None:
        lines += _line("nvidia-driver", version_of(seen.gpu) or "")
    if seen.docker is not None:
        lines += _engine(seen, seen.docker)
    if seen.nvidia_ctk is not None:
        name = "nvidia-container-toolkit"
        lines += _line(name, (seen.nvidia_ctk.packages or {}).get(name, ""))
    if seen.cluster is not None and seen.cluster.profile is not None:
        lines += _line("kubernetes", seen.cluster.profile.kubernetes_version)
    return lines


def _engine(seen: Observation, docker: DockerFacts) -> list[dict[str, Any]]:
    versions = docker.engine.versions if docker.engine is not None else {}
    packages = docker.packages or {}
    host = seen.host
    lines: list[dict[str, Any]] = []
    for name, part, vendor, distribution in PARTS:
        build = None
        if vendor not in packages and distribution in packages and host is not None:
            build = Installed(host.os_id or "", host.version_id or "", distribution, packages[distribution])
        lines += _line(name, versions.get(part, "").removeprefix("v"), build)
    return lines


def _line(name: str, version: str, build: Installed | None = None) -> list[dict[str, Any]]:
    if not version:
        return []
    verdict = floor_verdict.judge(name, version, build)
    word = _WORDS.get(verdict.state, "unjudged")
    return [
        {"component": name, "installed": version, "floor": _floor(verdict), "verdict": word, "reason": verdict.text}
    ]


def _floor(verdict: FloorVerdict) -> str:
    """The floor that is missed, or else the highest that the rules name."""
    rules = floor_verdict.component(verdict.component).rules
    return verdict.floor or next((rule.min for rule in rules if rule.min), "")
