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
from .predict import Prediction, predict
from .queue import Wanted
from .tree import child
from .variables import read_declarations

QUEUE_KEYS = ("name", "config", "template_variables", "max_jobs")
REFUSE = "refuse"
TELL = "tell"
# Checks of the catalogue.
BAD_SETTING = "AGT001"
CONTEXT = "AGT003"
REFUSED_BY_AGENT = "AGT005"
VARIABLES = "AGT008"
BAD_INPUT = "AGT024"


@dataclass(frozen=True)
class Problem:
    """Something wrong in the inputs, as a finding of the catalogue says it."""

    id: str
    act: str
    subject: str
    found: str
    fix: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return plain data for Ansible."""
        return {"id": self.id, "act": self.act, "subject": self.subject, "found": self.found, "fix": self.fix}

    def text(self) -> str:
        """Return one line."""
        return f"{self.subject}: {self.id} {self.found}" + (f"; fix: {self.fix}" if self.fix else "")


@dataclass
class AgentPlan:
    """Queues ready for the server, the configuration file, and what is to refuse or to tell.

    Attributes:
        states: what the comparison wants to know of each queue that has a name, good or bad: whether the inputs hold a
            config, and of a good one the digest, the highest number of GPUs, and what the agent makes of it.
    """

    queues: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def texts(self, act: str) -> list[str]:
        """Return the problems of one kind, one text each."""
        return [problem.text() for problem in self.problems if problem.act == act]


def plan_agent(
    queues: Sequence[Any], settings: Mapping[str, Any], read_text: Callable[[Any], Any], agent_version: str
) -> AgentPlan:
    """Read the queues and the settings of the configuration file; nothing is raised for a wrong one.

    Args:
        queues: entries of launch_agent_queues.
        settings: the other keys of the configuration file; max_jobs 0 is the sum over the queues.
        read_text: opens a config that is text; it raises ValueError.
        agent_version: release that the agent will have.
    """
    plan = AgentPlan()
    for position, entry in enumerate(queues):
        path = child("launch_agent_queues", position)
        named = isinstance(entry, Mapping) and isinstance(entry.get("name"), str)
        where = f"{path} ({entry['name']})" if named else path
        state = {"name": entry["name"], "has_config": entry.get("config") is not None} if named else {}
        try:
            wanted, queue = _queue(entry, read_text)
            plan.queues.append(queue)
            state.update(_check(plan, wanted, where, agent_version))
        except ValueError as error:
            plan.problems.append(Problem(_id_of(error), REFUSE, where, str(error)))
        if named:
            plan.states.append(state)
    _settings(plan, settings)
    return plan


def _id_of(error: ValueError) -> str:
    text = str(error)
    return VARIABLES if text.startswith("template_variables") or "template variable" in text else BAD_INPUT


def _settings(plan: AgentPlan, settings: Mapping[str, Any]) -> None:
    names = list(dict.fromkeys(state["name"] for state in plan.states))
    if not names or not settings.get("entity"):
        return  # the comparison says so
    jobs = settings.get("max_jobs") or sum(queue["max_jobs"] for queue in plan.queues) or 1
    try:
        plan.config = read_agent_config({**settings, "queues": names, "max_jobs": jobs})
    except LaunchInputError as error:
        plan.problems.append(Problem(BAD_SETTING, REFUSE, "launch_agent_config", str(error)))


def _queue(entry: Any, read_text: Callable[[Any], Any]) -> tuple[Wanted, dict[str, Any]]:
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
    queue = {"name": wanted.name, "config": wanted.config, "template_variables": declared, "max_jobs": jobs}
    return wanted, queue


def _check(plan: AgentPlan, wanted: Wanted, where: str, agent_version: str) -> dict[str, Any]:
    if wanted.config is None:
        return {}
    declared = {name: variable.to_dict() for name, variable in (wanted.variables or {}).items()}
    result = predict(wanted.config, declared, agent_version=agent_version)
    plan.problems += problems_of(result, where)
    resource, namespace = made_of(wanted.config)
    return {"digest": wanted.digest(), "gpus": highest_gpus(declared), "resource": resource, "namespace": namespace}


def made_of(config: Mapping[str, Any]) -> tuple[str, str]:
    """Return the resource that the agent makes of a config, as in jobs.batch, and the namespace in the config."""
    group = str(config.get("apiVersion") or "batch/v1").partition("/")[0]
    resource = f"{str(config.get('kind') or 'Job').lower()}s.{group}"
    metadata = config.get("metadata")
    place = (metadata.get("namespace") if isinstance(metadata, Mapping) else None) or config.get("namespace") or ""
    return resource, str(place)


def problems_of(result: Prediction, where: str) -> list[Problem]:
    """Return what is wrong with a config: that the agent refuses it, or what in it harms."""
    found = [
        Problem(
            finding.id,
            REFUSE if finding.severity == ERROR else TELL,
            where,
            f"{finding.path}: {finding.message}",
            finding.fix,
        )
        for finding in result.findings
    ]
    if result.refused:
        check = CONTEXT if result.refused_path == "context" else REFUSED_BY_AGENT
        found.insert(0, Problem(check, REFUSE, where, f"the agent would refuse every run: {result.refused}"))
    return found


def highest_gpus(variables: Any) -> int:
    """Return the largest number of GPUs that a run may ask for by the variable gpus, 0 where that is open."""
    try:
        declared = read_declarations(variables)
    except LaunchInputError:
        return 0
    highest = declared["gpus"].maximum if "gpus" in declared else None
    return highest if isinstance(highest, int) else 0
