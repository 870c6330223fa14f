# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue as it is and as it is wanted; the plan between the two keeps what the user did not set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from . import placeholders
from .answer import CONFIG, LINKS, VARIABLES, Answer, config_of, variables_of
from .digest import digest
from .errors import LaunchInputError
from .predict import read_config
from .tree import child, plain
from .variables import Variable, read_declarations

RESOURCE = "kubernetes"
MODES = ("DISABLED", "V0")
MAX_NAME = 64


def check_name(name: Any, path: str = "name") -> str:
    """Return a queue's name when the server accepts it.

    Raises:
        LaunchInputError: it is empty, longer than 64 characters or has control characters or outer blanks.
    """
    if not isinstance(name, str) or not name:
        raise LaunchInputError(path, "a queue needs a name")
    if len(name) > MAX_NAME:
        raise LaunchInputError(path, f"a queue's name has 1 to {MAX_NAME} characters, this one has {len(name)}")
    if not name.isprintable() or name != name.strip():
        raise LaunchInputError(path, f"{name!r} has characters that can't be part of a queue's name")
    return name


@dataclass(frozen=True)
class Queue:
    """A queue on the server; unreadable tells, by the module's option, what of it is not as documented."""

    name: str
    id: str = ""
    resource: str = RESOURCE
    config: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    prioritization_mode: str = "DISABLED"
    links: tuple[Mapping[str, Any], ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_server(cls, node: Mapping[str, Any]) -> Queue:
        """Read what the server answers; texts of JSON inside are opened, and what is odd is kept by its reason."""
        answer = Answer()
        default = answer.outer(node.get("defaultResourceConfig"), CONFIG, "defaultResourceConfig")
        resource = str(default.get("resource") or RESOURCE)
        config = config_of(answer, default.get("config"), resource)
        links = answer.outer(node.get("externalLinks"), LINKS, "externalLinks").get("links")
        return cls(
            name=str(node.get("name") or ""),
            id=str(node.get("id") or ""),
            resource=resource,
            config=config,
            variables=variables_of(answer, default.get("templateVariables")),
            prioritization_mode=str(node.get("prioritizationMode") or "DISABLED"),
            links=tuple(answer.entries(links, LINKS, "externalLinks.links")),
            unreadable=answer.problems,
        )

    def digest(self) -> str:
        """Return the hash that a queue of the same config and variables has, too; an unreadable one equals none."""
        odd = {part: text for part, text in self.unreadable.items() if part != LINKS}
        return digest(self.config, {**self.variables, "": odd} if odd else self.variables)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for Ansible."""
        return {
            "name": self.name,
            "config": dict(self.config),
            "template_variables": {name: dict(variable) for name, variable in self.variables.items()},
            "prioritization_mode": self.prioritization_mode,
            "external_links": [dict(link) for link in self.links],
            **({"unreadable": dict(self.unreadable)} if self.unreadable else {}),
        }


@dataclass(frozen=True)
class Wanted:
    """What a user sets of a queue; None keeps what is there."""

    name: str
    config: dict[str, Any] | None = None
    variables: Mapping[str, Variable] | None = None
    prioritization_mode: str | None = None
    links: tuple[Mapping[str, Any], ...] | None = None

    def digest(self) -> str:
        """Return the hash of the queue that this makes; empty when no config is given."""
        return "" if self.config is None else digest(self.config, _merged(self.variables or {}))

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Wanted:
        """Read and check parameters of the module or one entry of launch_agent_queues.

        Raises:
            LaunchInputError: any of them is wrong, or variables and config don't fit each other.
        """
        config = None if params.get("config") is None else read_config(params["config"], "config")
        given = params.get("template_variables")
        variables = None if given is None and config is None else read_declarations(given)
        if config is not None:
            placeholders.check(config, variables or {})
        links = params.get("external_links")
        return cls(
            name=check_name(params.get("name")),
            config=config,
            variables=variables,
            prioritization_mode=params.get("prioritization_mode"),
            links=None if links is None else tuple(_link(link, i) for i, link in enumerate(links)),
        )


def _link(link: Any, position: int) -> dict[str, str]:
    path = child("external_links", position)
    if not isinstance(link, Mapping) or set(link) != {"label", "url"}:
        raise LaunchInputError(path, "must have a label and a url, nothing else")
    if not str(link["url"]).startswith(("https://", "http://")):
        raise LaunchInputError(child(path, "url"), "must start with https:// or http://")
    return {key: str(value) for key, value in link.items()}


@dataclass(frozen=True)
class QueuePlan:
    """The one upsert that makes the queue as wanted; nothing when it is."""

    before: Queue | None
    after: Queue
    changed: bool

    def request(self, entity: str, project: str) -> dict[str, Any]:
        """Return the variables of the upsert; everything is sent, since the server resets what is left out."""
        variables = {}
        for name, declared in self.after.variables.items():
            schema = {key: value for key, value in declared.items() if key != "description"}
            described = {"description": declared["description"]} if declared.get("description") else {}
            variables[name] = {**described, "schema": schema}
        return {
            "entityName": entity,
            "projectName": project,
            "queueName": self.after.name,
            "resourceType": RESOURCE,
            "resourceConfig": json.dumps({"resource_args": {RESOURCE: self.after.config}}),
            "templateVariables": json.dumps(variables),
            "prioritizationMode": self.after.prioritization_mode,
            "externalLinks": json.dumps({"links": list(self.after.links)}),
        }


def make_plan(actual: Queue | None, wanted: Wanted) -> QueuePlan:
    """Compare what is there with what is wanted.

    Raises:
        LaunchInputError: the queue is absent and no config says what to make, it is of another kind, the wanted
            variables don't fit the config that is kept, or what would be kept can't be read.
    """
    if actual is None and wanted.config is None:
        raise LaunchInputError("config", f"queue '{wanted.name}' does not exist, so a config is needed to make it")
    if actual is not None and actual.resource != RESOURCE:
        text = f"queue '{wanted.name}' is a {actual.resource} queue; delete it or take another name"
        raise LaunchInputError("name", text)
    base = actual or Queue(wanted.name)
    if wanted.prioritization_mode == "DISABLED" and base.prioritization_mode != "DISABLED":
        text = f"the server can't switch prioritization off again once it is {base.prioritization_mode}"
        raise LaunchInputError("prioritization_mode", f"{text}; leave the option out to keep it, or delete the queue")
    after = Queue(
        name=wanted.name,
        id=base.id,
        config=base.config if wanted.config is None else wanted.config,
        variables=base.variables if wanted.variables is None else _merged(wanted.variables),
        prioritization_mode=wanted.prioritization_mode or base.prioritization_mode,
        links=base.links if wanted.links is None else wanted.links,
        unreadable={part: text for part, text in base.unreadable.items() if given_of(wanted)[part] is None},
    )
    if wanted.config is None and wanted.variables is not None:
        placeholders.check(plain(after.config), after.variables)
    changed = actual is None or _differ(actual, after)
    if changed:
        _check_kept(base, wanted)
    return QueuePlan(actual, after, changed=changed)


def given_of(wanted: Wanted) -> dict[str, Any]:
    """Return what the user sets, by the parts of a queue that can be unreadable."""
    return {CONFIG: wanted.config, VARIABLES: wanted.variables, LINKS: wanted.links}


def _check_kept(base: Queue, wanted: Wanted) -> None:
    """Refuse to write back what could not be read: every upsert sends everything, so it would be lost."""
    given = given_of(wanted)
    for part, reason in base.unreadable.items():
        if given[part] is None:
            text = f"what the server has can't be read ({reason}), so a change would lose it; set {part} as well"
            raise LaunchInputError(part, text)


def _differ(actual: Queue, after: Queue) -> bool:
    kept = (actual.prioritization_mode, actual.links) == (after.prioritization_mode, after.links)
    mended = actual.unreadable != after.unreadable
    return mended or not kept or actual.digest() != after.digest()


def _merged(variables: Mapping[str, Variable]) -> dict[str, dict[str, Any]]:
    return {name: variable.to_dict() for name, variable in variables.items()}
