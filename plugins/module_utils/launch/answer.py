# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a server says of a queue. Nothing in it is taken for granted; what can't be read is told by its part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .errors import LaunchInputError
from .tree import plain

CONFIG = "config"
VARIABLES = "template_variables"
LINKS = "external_links"


class Answer:
    """One answer; the first problem of each part is kept, and an empty value stands for what is wrong."""

    def __init__(self) -> None:
        """Start without problems."""
        self.problems: dict[str, str] = {}

    def problem(self, part: str, text: str) -> None:
        """Keep the first problem of a part."""
        self.problems.setdefault(part, text)

    def outer(self, value: Any, part: str, where: str) -> Mapping[str, Any]:
        """Return an object that only wraps others; a text of JSON is opened, null is empty."""
        opened = self._opened(value, part, where)
        if opened is None:
            return {}
        if not isinstance(opened, Mapping):
            self.problem(part, f"{where} is a {type(opened).__name__}, not an object")
            return {}
        return opened

    def mapping(self, value: Any, part: str, where: str) -> dict[str, Any]:
        """Return an object of plain data, within the limits of what a user may write."""
        try:
            found: dict[str, Any] = plain(self.outer(value, part, where))
        except LaunchInputError as error:
            self.problem(part, f"{where}: {error}")
            return {}
        return found

    def entries(self, value: Any, part: str, where: str) -> list[dict[str, Any]]:
        """Return a list of objects; null is empty, null inside of it is left out."""
        opened = self._opened(value, part, where)
        if opened is None:
            return []
        if not isinstance(opened, list):
            self.problem(part, f"{where} is a {type(opened).__name__}, not a list")
            return []
        there = [(position, entry) for position, entry in enumerate(opened) if entry is not None]
        return [self.mapping(entry, part, f"{where}[{position}]") for position, entry in there]

    def _opened(self, value: Any, part: str, where: str) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            self.problem(part, f"{where} is a text that is not JSON")
            return None


def variables_of(answer: Answer, value: Any) -> dict[str, dict[str, Any]]:
    """Return the declarations of template variables by name, as a person writes them."""
    out: dict[str, dict[str, Any]] = {}
    for entry in answer.entries(value, VARIABLES, "templateVariables"):
        name = entry.get("name")
        if not isinstance(name, str):
            answer.problem(VARIABLES, "templateVariables has an entry without a name")
            continue
        schema = answer.mapping(entry.get("schema"), VARIABLES, f"the schema of template variable {name}")
        described = {"description": entry["description"]} if entry.get("description") else {}
        out[name] = {**schema, **described}
    return out


def config_of(answer: Answer, value: Any, resource: str) -> dict[str, Any]:
    """Return what a queue's runs start from: the part of the stored config that belongs to its kind."""
    whole = answer.outer(value, CONFIG, "config")
    args = answer.outer(whole.get("resource_args"), CONFIG, "config.resource_args")
    if whole and not args:
        answer.problem(CONFIG, f"config has no resource_args, but {', '.join(sorted(whole))}")
    return answer.mapping(args.get(resource), CONFIG, f"config.resource_args.{resource}")
