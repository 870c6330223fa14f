# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run spec that is pushed to a queue."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..lean_dataclass import dataclass
from .errors import LaunchInputError
from .image import check_image
from .predict import predict
from .queue import RESOURCE, Queue
from .run import read_overrides
from .variables import KEYS, Variable, choose_values, read_declarations

PRIORITIES = ("critical", "high", "medium", "low")  # the server counts them from 0
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_JOB = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+")


def read_priority(value: Any) -> int | None:
    """Return a priority as the server counts it, from its name or its number.

    Raises:
        LaunchInputError: it is neither.
    """
    if value is None:
        return None
    names = (*PRIORITIES, "0", "1", "2", "3")
    if str(value) not in names:
        raise LaunchInputError("priority", f"{value!r} is not one of {', '.join(names)}")
    return names.index(str(value)) % len(PRIORITIES)


@dataclass(frozen=True)
class Submission:
    """One run for one queue, checked."""

    queue: str
    queue_entity: str
    spec: Mapping[str, Any]
    values: Mapping[str, Any]
    priority: int | None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Submission:
        """Read and check the module's parameters.

        Raises:
            LaunchInputError: any of them is wrong.
        """
        spec: dict[str, Any] = {"entity": params["entity"], "project": params["project"], "git": {}}
        if params.get("image") is not None:
            spec["docker"] = {"docker_image": check_image(params["image"], "image")}
        elif not _JOB.fullmatch(str(params.get("job"))):
            problem = "is no job reference such as team/project/job:latest; a container image is given as image"
            raise LaunchInputError("job", f"{params.get('job')!r} {problem}")
        else:
            spec["job"] = params["job"]
        if params.get("run_id") is not None and not _RUN_ID.fullmatch(params["run_id"]):
            raise LaunchInputError("run_id", "has 1 to 128 letters, digits, '-' or '_'")
        spec.update({key: params[key] for key in ("name", "run_id") if params.get(key) is not None})
        spec["overrides"] = read_overrides(params.get("overrides"))
        spec["resource"] = RESOURCE
        return cls(
            queue=params["queue"],
            queue_entity=params.get("queue_entity") or params["entity"],
            spec=spec,
            values=params.get("values") or {},
            priority=read_priority(params.get("priority")),
        )

    def check_queue(self, queue: Queue) -> None:
        """Compare the run with its queue.

        Raises:
            LaunchInputError: the queue is of another kind, or has no priorities.
        """
        if queue.resource != RESOURCE:
            raise LaunchInputError("queue", f"'{queue.name}' is a {queue.resource} queue, not one for {RESOURCE}")
        if self.priority is not None and queue.prioritization_mode == "DISABLED":
            fix = "leave priority out, or set prioritization_mode V0 for the queue (launch_queue)"
            raise LaunchInputError("priority", f"queue '{queue.name}' has no prioritization; {fix}")

    def request(self, project: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables of the push, the values converted and checked against the queue's declarations.

        Raises:
            LaunchInputError: a value breaks its declaration.
        """
        declared, odd = _declared(variables)
        sure = {name: value for name, value in self.values.items() if name not in odd}
        chosen = {**choose_values(declared, sure), **{name: self.values[name] for name in odd if name in self.values}}
        given = {name: value for name, value in chosen.items() if name in self.values}
        return {
            "entityName": self.queue_entity,
            "projectName": project,
            "queueName": self.queue,
            "runSpec": json.dumps(self.spec),
            **({} if self.priority is None else {"priority": self.priority}),
            "templateVariableValues": json.dumps(given),
        }

    def prediction(self, queue: Queue, agent_version: str, base_url: str) -> dict[str, Any]:
        """Return what an agent of this release would post, or in not_predicted why that can't be said."""
        if "docker" not in self.spec:
            return {
                "manifests": [],
                "refused": None,
                "findings": [],
                "not_predicted": "a job's image is not known here",
            }
        named = {key: self.spec.get(key) for key in ("entity", "project", "run_id", "name", "overrides")}
        run = {**named, "image": self.spec["docker"]["docker_image"], "base_url": base_url}
        run.update(queue=self.queue, queue_entity=self.queue_entity)
        own = {name: _own(body) for name, body in queue.variables.items()}
        try:
            result = predict(queue.config, own, self.values, run, agent_version)
        except LaunchInputError as error:
            return {"manifests": [], "refused": None, "findings": [], "not_predicted": str(error)}
        findings = [finding.to_dict() for finding in result.findings]
        return {"manifests": result.manifests, "refused": result.refused, "findings": findings, "not_predicted": ""}


def _own(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in KEYS if key in body}  # keys that a newer server adds are left to the server


def _declared(variables: Mapping[str, Any]) -> tuple[dict[str, Variable], dict[str, str]]:
    """Return the declarations that can be checked here, and why the others can't: those are left to the server."""
    known: dict[str, Variable] = {}
    odd: dict[str, str] = {}
    for name, body in variables.items():
        try:
            known.update(read_declarations({name: _own(body)}))
        except LaunchInputError as error:
            odd[name] = str(error)
    return known, odd
