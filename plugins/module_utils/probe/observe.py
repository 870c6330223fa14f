# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The composite observation: any subset of components, in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable

from ..node.observation import Observation
from ..node.observed.shared import Unit
from ..node.wanted.index import states_of
from .agent import observe_agent
from .cluster import observe_cluster
from .docker import observe_docker
from .gpu import observe_gpu
from .host import observe_host
from .look import Look
from .nfs import observe_nfs
from .nvidia_ctk import observe_nvidia_ctk
from .systemd import units

_OBSERVE: dict[str, Callable[[Look], Any]] = {
    "host": observe_host,
    "gpu": observe_gpu,
    "docker": observe_docker,
    "nvidia_ctk": observe_nvidia_ctk,
    "cluster": observe_cluster,
    "nfs": observe_nfs,
    "agent": observe_agent,
}


def observe(components: Sequence[str], look: Look) -> Observation:
    """Return what is there; what could not be read is part of the answer.

    Args:
        components: what to look at.
        look: where and how; what it lacks of wanted states is filled with the defaults.
    """
    full = replace(look, wanted={**states_of({}, components), **look.wanted})
    full = replace(full, units=_units(components, full))
    found = {name: probe(full) for name, probe in _OBSERVE.items() if name in components}
    return Observation(unknown=look.seen.missing, **found)


def _units(components: Sequence[str], look: Look) -> Mapping[str, Unit]:
    """Ask systemd once for the units of all components."""
    names = [name for component in components for name in look.wanted[component].unit_names()]
    if not names:
        return {}
    unique = list(dict.fromkeys(names))
    return look.seen.fact("units", lambda: units(look.root, unique, look.deadline, look.runner)) or {}
