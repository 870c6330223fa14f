# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of the role launch_agent: what is wrong with its queues, and the agent's configuration file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .agent_config import read_agent_config
from .errors import LaunchInputError
from .findings import ERROR
from .predict import predict
from .queue import Wanted
from .tree import child

QUEUE_KEYS = ("name", "config", "template_variables", "max_jobs")


@dataclass
class AgentPlan:
    """Queues ready for the server, the configuration file, and what is to refuse or to tell."""

    queues: list[dict[str, Any]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    tells: list[str] = field(default_factory=list)

    def absent(self, known: Sequence[str]) -> list[str]:
        """Return a text for each queue that the server lacks and that can't be made."""
        return [
            f"launch_agent_queues: the server has no queue '{queue['name']}' (it has: {', '.join(known) or 'none'}); "
            "give it a config, or name a queue that exists"
            for queue in self.queues
            if queue["config"] is None and queue["name"] not in known
        ]


def plan_agent(
    queues: Sequence[Any],
    settings: Mapping[str, Any],
    read_text: Callable[[Any], Any],
    agent_version: str,
    gpu_count: int = 0,
) -> AgentPlan:
    """Read the queues and the settings of the configuration file; nothing is raised for a wrong one.

    Args:
        queues: entries of launch_agent_queues.
        settings: the other keys of the configuration file; max_jobs 0 is the sum over the queues.
        read_text: opens a config that is text; it raises ValueError.
        agent_version: release that the agent will have.
        gpu_count: GPUs of the machine, 0 when not known.
    """
    plan = AgentPlan()
    for position, entry in enumerate(queues):
        path = child("launch_agent_queues", position)
        try:
            plan.queues.append(_queue(entry, path, read_text))
            _check(plan, plan.queues[-1], f"{path} ({plan.queues[-1]['name']})", agent_version, gpu_count)
        except ValueError as error:
            named = f" ({entry['name']})" if isinstance(entry, Mapping) and isinstance(entry.get("name"), str) else ""
            plan.refusals.append(f"{path}{named}: {error}")
    total = sum(queue["max_jobs"] for queue in plan.queues)
    names = [queue["name"] for queue in plan.queues]
    try:
        jobs = settings.get("max_jobs") or total or 1
        plan.config = read_agent_config({**settings, "queues": names, "max_jobs": jobs}) if names else {}
    except LaunchInputError as error:
        plan.refusals.append(f"launch_agent_config: {error}")
    return plan


def _queue(entry: Any, path: str, read_text: Callable[[Any], Any]) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise LaunchInputError("", f"must be a mapping with {', '.join(QUEUE_KEYS)}")
    unknown = sorted(set(entry) - set(QUEUE_KEYS))
    if unknown:
        raise LaunchInputError(unknown[0], f"unknown key; a queue has {', '.join(QUEUE_KEYS)}")
    config = entry.get("config")
    if isinstance(config, (str, bytes)):
        try:
            config = read_text(config)
        except ValueError as error:
            raise LaunchInputError("config", str(error)) from error
    wanted = Wanted.from_params({**entry, "config": config})
    jobs = 1 if entry.get("max_jobs") is None else entry["max_jobs"]
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise LaunchInputError("max_jobs", f"{jobs!r} is not an integer of at least 1")
    declared = None if wanted.variables is None else {name: v.to_dict() for name, v in wanted.variables.items()}
    return {"name": wanted.name, "config": wanted.config, "template_variables": declared, "max_jobs": jobs}


def _check(plan: AgentPlan, queue: Mapping[str, Any], where: str, agent_version: str, gpu_count: int) -> None:
    if queue["config"] is None:
        return
    result = predict(queue["config"], queue["template_variables"], agent_version=agent_version)
    if result.refused:
        raise LaunchInputError("config", f"the agent would refuse every run: {result.refused}")
    for finding in result.findings:
        text = f"{where}: {finding.id} {finding.path}: {finding.message}; fix: {finding.fix}"
        (plan.refusals if finding.severity == ERROR else plan.tells).append(text)
    highest = result.variables["gpus"].maximum if "gpus" in result.variables else None
    if gpu_count and isinstance(highest, int) and highest > gpu_count:
        plan.tells.append(
            f"{where}: AGT008 template_variables.gpus.maximum is {highest}, the machine has {gpu_count} GPUs; "
            f"a run that asks for more waits for ever. Set it to {gpu_count}"
        )
