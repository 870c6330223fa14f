# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wanted state of each component, by the component's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..convert import from_mapping, nearest
from ..model import ModelError
from .agent import AgentWanted
from .cluster import ClusterWanted
from .docker import DockerWanted
from .gpu import GpuWanted
from .host import HostWanted
from .nfs import NfsWanted
from .nvidia_ctk import CtkWanted

WANTED: dict[str, type[Any]] = {
    "host": HostWanted,
    "gpu": GpuWanted,
    "docker": DockerWanted,
    "nvidia_ctk": CtkWanted,
    "cluster": ClusterWanted,
    "nfs": NfsWanted,
    "agent": AgentWanted,
}


def wanted_from_dict(component: str, data: Any) -> Any:
    """Return the wanted state of a component.

    Raises:
        ModelError: no such component, an unknown key, or a value of the wrong type.
    """
    if component not in WANTED:
        near = nearest(component, list(WANTED))
        raise ModelError(f"no component '{component}'" + (f"; did you mean '{near}'?" if near else ""))
    return from_mapping(WANTED[component], data, f"wanted {component}")


def states_of(wanted: Mapping[str, Any], components: Sequence[str]) -> dict[str, Any]:
    """Return the state by which each component is to be looked at: its own, else what another one requires of it.

    Of the room at a path only that somebody asks for it counts here; each judges by what it asks for itself.

    Raises:
        ModelError: the data has not the documented shape.
    """
    parts: dict[str, dict[str, Any]] = {}
    rooms: dict[str, Any] = {}
    for name, part in [*wanted.items(), *_required(wanted)]:
        if not isinstance(part, Mapping):
            raise ModelError(f"wanted {name}: a mapping is needed")
        rooms.update(part.get("free_mib") or {} if name == "host" else {})
        state = {str(k): v for k, v in part.items() if k not in ("requires", "provided")}
        parts[str(name)] = _joined(parts.get(str(name), {}), state)
    if rooms:
        parts["host"]["free_mib"] = rooms
    return {name: wanted_from_dict(name, parts.get(name, {})) for name in components}


def _joined(first: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return one state to look by: the first to say something counts, but what anybody wants looked at is looked at."""
    return {**more, **first, **{key: value for key, value in more.items() if str(value).lower() == "true"}}


def _required(wanted: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, part in wanted.items():
        requires = part.get("requires", {}) if isinstance(part, Mapping) else {}
        if not isinstance(requires, Mapping):
            raise ModelError(f"wanted {name}.requires: a mapping is needed")
        found += requires.items()
    return found
