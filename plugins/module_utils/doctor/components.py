# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a machine that the doctor looks at, and which finding or unknown fact belongs to which."""

from __future__ import annotations

from typing import Any

from ..node.catalogue.index import CHECKS, component_of

TITLES: dict[str, str] = {
    "host": "Machine",
    "gpu": "GPUs and driver",
    "docker": "Docker",
    "nvidia_ctk": "Container toolkit",
    "cluster": "Cluster",
    "nfs": "NFS cache",
    "agent": "Launch agent",
}
OTHER = "other"
_PREFIXES = {check[:3]: component_of(check) for check in CHECKS}  # also for a check of a newer release


def of_finding(check: str) -> str:
    """Return the component that a check belongs to."""
    return _PREFIXES.get(check[:3], OTHER)


def of_fact(fact: str) -> str:
    """Return the component that a fact belongs to."""
    first = fact.split(".", 1)[0]
    return first if first in TITLES else OTHER


def holds_facts(value: Any) -> bool:
    """Tell whether anything at all was read: a component of nothing but null and empty lists was not observed."""
    if isinstance(value, (dict, list)):
        return any(holds_facts(part) for part in (value.values() if isinstance(value, dict) else value))
    return value is not None
