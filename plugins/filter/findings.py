# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what differs between an observation and what a role wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError


def findings(observed: Any, component: Any, wanted: Any) -> list[dict[str, Any]]:
    """Compare a component of an observation with its wanted state."""
    # Ansible loads every filter of a collection to find one of them, in each task anew; this one is heavy.
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node import compare
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.model import ModelError

    if not isinstance(observed, Mapping):
        raise AnsibleFilterError("findings: the input must be the mapping 'observed' that node_state returned")
    if not isinstance(component, str):
        raise AnsibleFilterError("findings: the first argument must be the name of a component")
    if not isinstance(wanted, Mapping):
        raise AnsibleFilterError("findings: the second argument must be a mapping, the wanted state")
    try:
        return [found.to_dict() for found in compare.with_unknown(compare.compare(component, observed, wanted))]
    except ModelError as error:
        raise AnsibleFilterError(f"findings: {error}") from error


class FilterModule:
    """Registers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return filters by name."""
        return {"findings": findings}
