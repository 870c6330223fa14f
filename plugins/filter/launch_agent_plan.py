# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that checks the inputs of the role launch_agent and makes the agent's configuration of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.agent_plan import REFUSE, TELL, plan_agent
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text


def launch_agent_plan(queues: Any, settings: Any, agent_version: str = "0.31.0") -> dict[str, Any]:
    """Return queues, configuration and problems; a wrong input is one of these and no error of the filter."""
    if not isinstance(queues, Sequence) or isinstance(queues, (str, bytes)):
        raise AnsibleFilterError(f"launch_agent_plan needs a list of queues, not {type(queues).__name__}")
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"launch_agent_plan needs a mapping of settings, not {type(settings).__name__}")
    plan = plan_agent(queues, settings, read_text, str(agent_version))
    return {
        "queues": plan.queues,
        "states": plan.states,
        "config": plan.config,
        "problems": [problem.to_dict() for problem in plan.problems],
        "refusals": plan.texts(REFUSE),
        "tells": plan.texts(TELL),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"launch_agent_plan": launch_agent_plan}
