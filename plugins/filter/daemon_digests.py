# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: settings of daemon.json without their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.docker.digest import digested


def daemon_digests(settings: Any) -> Any:
    """Return settings with a digest instead of each value."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError("daemon_digests: the input must be a mapping, keys of daemon.json")
    return digested(settings)


class FilterModule:
    """Registers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return filters by name."""
        return {"daemon_digests": daemon_digests}
