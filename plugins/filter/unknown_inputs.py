# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: variables that look like inputs of a role but are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.names import unknown_inputs as compare_names


def _names(value: Any, what: str) -> list[str]:
    if isinstance(value, Mapping):
        value = list(value)
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise AnsibleFilterError(f"unknown_inputs: {what} must be a list of names")
    if not all(isinstance(name, str) for name in value):
        raise AnsibleFilterError(f"unknown_inputs: {what} must hold nothing but names")
    return [str(name) for name in value]


def unknown_inputs(found: Any, known: Any, role: str = "") -> list[str]:
    """Return a text for each found name that isn't among the known ones."""
    return compare_names(_names(found, "the input"), _names(known, "the known names"), role)


class FilterModule:
    """Registers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return filters by name."""
        return {"unknown_inputs": unknown_inputs}
