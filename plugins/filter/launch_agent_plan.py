# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that checks the inputs of the role launch_agent and makes the agent's configuration of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.agent_plan import plan_agent
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text


def launch_agent_plan(
    queues: Any,
    settings: Any,
    agent_version: str = "0.31.0",
    known_queues: Sequence[str] | None = None,
    gpu_count: int = 0,
) -> dict[str, Any]:
    """Return queues, configuration, refusals and tells; a wrong input is a refusal and no error of the filter."""
    if not isinstance(queues, Sequence) or isinstance(queues, (str, bytes)):
        raise AnsibleFilterError(f"launch_agent_plan needs a list of queues, not {type(queues).__name__}")
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"launch_agent_plan needs a mapping of settings, not {type(settings).__name__}")
    try:
        plan = plan_agent(queues, settings, read_text, str(agent_version), int(gpu_count))
    except LaunchInputError as error:
        raise AnsibleFilterError(f"launch_agent_plan: {error}") from error
    absent = [] if known_queues is None else plan.absent(list(known_queues))
    return {
        "queues": plan.queues,
        "names": [{"name": queue["name"]} for queue in queues if _has_name(queue)],
        "config": plan.config,
        "refusals": plan.refusals + absent,
        "tells": plan.tells,
    }


def _has_name(queue: Any) -> bool:
    return isinstance(queue, Mapping) and isinstance(queue.get("name"), str)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"launch_agent_plan": launch_agent_plan}
