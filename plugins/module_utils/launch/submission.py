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
from .run import read_overrides
from .variables import KEYS, choose_values, read_declarations

PRIORITIES = ("critical", "high", "medium", "low")
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_JOB = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Submission:
    """One run for one queue, checked."""

    queue: str
    queue_entity: str
    spec: Mapping[str, Any]
    values: Mapping[str, Any]
    priority: int

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
            raise LaunchInputError("job", f"{params.get('job')!r} is no job reference such as team/project/job:latest")
        else:
            spec["job"] = params["job"]
        if params.get("run_id") is not None and not _RUN_ID.fullmatch(params["run_id"]):
            raise LaunchInputError("run_id", "has 1 to 128 letters, digits, '-' or '_'")
        spec.update({key: params[key] for key in ("name", "run_id") if params.get(key) is not None})
        spec["overrides"] = read_overrides(params.get("overrides"))
        spec["resource"] = "kubernetes"
        return cls(
            queue=params["queue"],
            queue_entity=params.get("queue_entity") or params["entity"],
            spec=spec,
            values=params.get("values") or {},
            priority=PRIORITIES.index(params.get("priority") or "medium"),
        )

    def request(self, project: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables of the push, the values converted and checked against the queue's declarations.

        Raises:
            LaunchInputError: a value breaks its declaration.
        """
        own = {name: {key: body[key] for key in KEYS if key in body} for name, body in variables.items()}
        declared = read_declarations(own)  # keys that a newer server adds are left to the server
        chosen = choose_values(declared, self.values)
        given = {name: value for name, value in chosen.items() if name in self.values}
        return {
            "entityName": self.queue_entity,
            "projectName": project,
            "queueName": self.queue,
            "runSpec": json.dumps(self.spec),
            "priority": self.priority,
            "templateVariableValues": json.dumps(given),
        }
