# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that makes the texts of the agent's unit and configuration file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.service import Service, config_text


def launch_agent_files(config: Any, service: Any) -> dict[str, str]:
    """Return the texts; which of the two units a machine needs depends on its systemd."""
    for value in (config, service):
        if not isinstance(value, Mapping):
            raise AnsibleFilterError(f"launch_agent_files needs mappings, not {type(value).__name__}")
    try:
        wanted = Service.from_params({str(key): value for key, value in service.items()})
    except LaunchInputError as error:
        raise AnsibleFilterError(f"launch_agent_files: {error}") from error
    return {
        "config": config_text(config),
        "unit_by_credential": wanted.unit(by_credential=True),
        "unit_by_file": wanted.unit(by_credential=False),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"launch_agent_files": launch_agent_files}
