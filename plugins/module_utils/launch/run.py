# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as it is submitted to a queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from .errors import LaunchInputError
from .image import check_image
from .macros import BUILT_IN
from .tree import child, plain

OVERRIDES = ("args", "entry_point", "run_config", "files", "artifacts")
_LISTS = ("args", "entry_point")
_TEXTS = ("project", "queue", "queue_entity", "run_id", "name", "author", "base_url", "trace_id", "agent_name")
KEYS = ("entity", "image", *_TEXTS, "overrides", "agent_env")


def read_overrides(data: Any, path: str = "overrides") -> dict[str, Any]:
    """Return the overrides that were given, checked.

    Raises:
        LaunchInputError: an unknown key or a value of the wrong type.
    """
    overrides = plain({} if data is None else data, path)
    if not isinstance(overrides, dict):
        raise LaunchInputError(path, f"must be a mapping with {', '.join(OVERRIDES)}")
    for key, value in overrides.items():
        where = child(path, key)
        if key not in OVERRIDES:
            raise LaunchInputError(where, f"unknown override; known are {', '.join(OVERRIDES)}")
        if value is None:
            continue
        if key in _LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise LaunchInputError(where, "must be a list of texts")
        if key not in _LISTS and not isinstance(value, dict):
            raise LaunchInputError(where, "must be a mapping")
    return {key: value for key, value in overrides.items() if value is not None}


@dataclass(frozen=True)
class Run:
    """What the agent knows of a run when it makes the manifests."""

    entity: str
    project: str
    image: str
    run_id: str
    queue: str = ""
    queue_entity: str = ""
    name: str | None = None
    author: str | None = None
    base_url: str = "https://api.wandb.ai"
    trace_id: str = ""
    agent_name: str = "launch-agent"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    agent_env: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Any, path: str = "run") -> Run:
        """Read and check a run.

        Raises:
            LaunchInputError: an unknown key, a missing entity, project or image, or a value of the wrong type.
        """
        given = plain({} if data is None else data, path)
        if not isinstance(given, dict):
            raise LaunchInputError(path, f"must be a mapping with {', '.join(KEYS)}")
        unknown = sorted(set(given) - set(KEYS))
        if unknown:
            raise LaunchInputError(child(path, unknown[0]), f"unknown key; known are {', '.join(KEYS)}")
        fields = {key: value for key, value in given.items() if value is not None}
        for key in ("entity", "project"):
            if not fields.get(key):
                raise LaunchInputError(child(path, key), "is needed")
        for key in ("entity", *_TEXTS):
            if not isinstance(fields.get(key, ""), str):
                raise LaunchInputError(child(path, key), "must be text")
        fields["image"] = check_image(fields.get("image"), child(path, "image"))
        fields["overrides"] = read_overrides(fields.get("overrides"), child(path, "overrides"))
        fields["agent_env"] = _environment(fields.get("agent_env", {}), child(path, "agent_env"))
        fields["base_url"] = fields.get("base_url", cls.base_url).rstrip("/")
        fields["project"] = fields["project"].lower()  # the agent lowers it (M)
        fields["name"] = fields.get("name") or None  # an empty name is none, for the agent, too (M)
        fields["run_id"] = fields.get("run_id") or "run00000"
        return cls(**fields)

    def macro_table(self) -> dict[str, Any]:
        """Return what each macro becomes; the agent's environment wins over the built-in names (M)."""
        own = (self.project, self.entity, self.run_id, self.name, self.image, self.author)
        return {**dict(zip(BUILT_IN, own)), **self.agent_env}


def _environment(data: Any, path: str) -> dict[str, str]:
    if not isinstance(data, dict):
        raise LaunchInputError(path, "must be a mapping of variable to text")
    for name, value in data.items():
        if not isinstance(value, str):
            raise LaunchInputError(child(path, name), "a variable of the environment is text")
    return data
