# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of all components."""

from __future__ import annotations

from .agent import CHECKS as AGENT
from .check import DOCS, Check
from .cluster import CHECKS as CLUSTER
from .docker import CHECKS as DOCKER
from .gpu import CHECKS as GPU
from .host import CHECKS as HOST
from .nfs import CHECKS as NFS
from .nvidia_ctk import CHECKS as NVIDIA_CTK

BY_COMPONENT: dict[str, dict[str, Check]] = {
    "host": HOST,
    "gpu": GPU,
    "docker": DOCKER,
    "nvidia_ctk": NVIDIA_CTK,
    "cluster": CLUSTER,
    "nfs": NFS,
    "agent": AGENT,
}
CHECKS: dict[str, Check] = {name: check for part in BY_COMPONENT.values() for name, check in part.items()}
_COMPONENT_OF = {name: component for component, part in BY_COMPONENT.items() for name in part}


def component_of(check: str) -> str:
    """Return the component that a check judges."""
    return _COMPONENT_OF[check]


def link_of(check: str) -> str:
    """Return the address of a check's paragraph in the documentation."""
    return DOCS.format(component=component_of(check), anchor=check.lower())
