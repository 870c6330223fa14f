# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the size of the node and the jobs that run on it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.text.reader import read_text

MACHINE = ("gpus", "cpus", "memory_mib")


def capacity_plan(
    machine: Any,
    queues: Any,
    jobs: int = 0,
    cpus: int = 0,
    memory_mib: int = 0,
    addons: Sequence[str] = (),
) -> dict[str, Any]:
    """Plan the node of a machine for the jobs of its queues."""
    # Ansible loads every filter of a collection to find one of them, in each task anew; this one is heavy.
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.capacity import Limits, Machine
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.demand import largest
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.planning import make_plan
    from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.job_demand import queue_job

    if not isinstance(machine, Mapping) or set(machine) - set(MACHINE):
        raise AnsibleFilterError(f"capacity_plan needs a mapping with {', '.join(MACHINE)}, not {machine!r}")
    if isinstance(queues, Mapping):
        queues = [queues]
    if not isinstance(queues, Sequence) or not all(isinstance(queue, Mapping) for queue in queues):
        raise AnsibleFilterError("capacity_plan needs a queue or a list of queues, each with a config")
    try:
        known = Machine(**{str(name): int(value or 0) for name, value in machine.items()})
        wanted = [queue for queue in queues if queue.get("config") is not None]
        found = [queue_job(_config(queue), queue.get("template_variables")) for queue in wanted]
        at_once = int(jobs) or sum(int(queue.get("max_jobs") or 0) for queue in wanted)
        limits = Limits(at_once, int(cpus), int(memory_mib), tuple(str(name) for name in addons))
        return make_plan(known, largest(found), limits).to_dict()
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"capacity_plan: {error}") from error


def _config(queue: Mapping[str, Any]) -> Any:
    config = queue["config"]
    return read_text(config) if isinstance(config, (str, bytes)) else config


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"capacity_plan": capacity_plan}
