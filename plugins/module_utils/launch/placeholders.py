# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""{{name}} in a queue's config: what the server fills in when a run is enqueued."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from .errors import LaunchInputError
from .macros import MACRO
from .tree import child, walk
from .variables import Scalar

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_-]+)\s*\}\}")


def used(config: Any) -> dict[str, str]:
    """Return the names of the variables that a config uses, each with the first place.

    Raises:
        LaunchInputError: a placeholder in a key; the server fills values only.
    """
    found: dict[str, str] = {}
    for place in walk(config):
        if place.key is not None and PLACEHOLDER.search(place.key):
            raise LaunchInputError(place.path, "a template variable in a key is never filled in; use it in a value")
        if isinstance(place.value, str) and "{{" in place.value:
            for name in PLACEHOLDER.findall(place.value):
                found.setdefault(name, place.path)
    return found


def check(config: Any, declared: Collection[str], path: str = "template_variables") -> None:
    """Compare the variables used with those declared, in both directions.

    Raises:
        LaunchInputError: one is used without a declaration, or declared and never used.
    """
    found = used(config)
    for name, where in found.items():
        if name not in declared:
            raise LaunchInputError(where, f"template variable '{name}' is not declared in template_variables")
    for name in declared:
        if name not in found:
            raise LaunchInputError(child(path, name), f"declared, but no {{{{{name}}}}} is in the config")


def fill(node: Any, values: Mapping[str, Scalar], path: str = "") -> Any:
    """Return the config with the values in: one pass, a placeholder alone in its text keeps the value's type.

    Raises:
        LaunchInputError: a value would complete a macro of the agent that the config does not hold itself.
    """
    if isinstance(node, dict):
        return {key: fill(value, values, child(path, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [fill(value, values, child(path, i)) for i, value in enumerate(node)]
    if not isinstance(node, str) or "{{" not in node:
        return node
    whole = PLACEHOLDER.fullmatch(node.strip())
    if whole and whole.group(1) in values:
        return values[whole.group(1)]
    filled = PLACEHOLDER.sub(lambda match: str(values.get(match.group(1), match.group(0))), node)
    made = set(MACRO.findall(filled)) - set(MACRO.findall(node))
    if made:
        raise LaunchInputError(path, f"the values complete the macro ${{{min(made)}}}; the config must hold it itself")
    return filled
