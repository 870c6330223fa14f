# SPDX-License-Identifier: GPL-3.0-or-later
"""Template variables of a queue: what the server does with them when a run enters the queue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .graphql import GraphQLError

PLACEHOLDER = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")
ARTICLES = {"integer": "an integer", "number": "a number", "string": "a text"}


def _has_type(kind: str | None, value: Any) -> bool:
    if isinstance(value, bool):
        return kind is None
    wanted: Mapping[str, Any] = {"integer": int, "number": (int, float), "string": str}
    return kind not in wanted or isinstance(value, wanted[str(kind)])


def check_value(name: str, schema: Mapping[str, Any], value: Any) -> None:
    """MODEL: a value that violates the variable's schema refuses the run, before it enters the queue."""
    kind = schema.get("type")
    if not _has_type(kind, value):
        raise GraphQLError(f"template variable {name}: {value!r} is not {ARTICLES[str(kind)]}")
    if schema.get("enum") and value not in schema["enum"]:
        raise GraphQLError(f"template variable {name}: {value!r} is not one of {schema['enum']}")
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return
    if schema.get("minimum") is not None and value < schema["minimum"]:
        raise GraphQLError(f"template variable {name}: {value} is less than the minimum {schema['minimum']}")
    if schema.get("maximum") is not None and value > schema["maximum"]:
        raise GraphQLError(f"template variable {name}: {value} is more than the maximum {schema['maximum']}")


def choose_values(schemas: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every variable: the submitter's or the default, checked against its schema."""
    unknown = sorted(set(given) - set(schemas))
    if unknown:
        raise GraphQLError(f"unknown template variable {unknown[0]}; the queue has: {', '.join(schemas) or 'none'}")
    chosen = {}
    for name, schema in schemas.items():
        if name not in given and "default" not in schema:
            raise GraphQLError(f"template variable {name} has no value and no default")
        chosen[name] = given.get(name, schema.get("default"))
        check_value(name, schema, chosen[name])
    return chosen


def substitute(node: Any, values: Mapping[str, Any], typed: bool) -> Any:
    """Replaces {{name}} in texts. MODEL: with `typed`, a text that is one placeholder takes the value's type."""
    if isinstance(node, Mapping):
        return {key: substitute(item, values, typed) for key, item in node.items()}
    if isinstance(node, str):
        whole = PLACEHOLDER.fullmatch(node.strip())
        if typed and whole and whole.group(1) in values:
            return values[whole.group(1)]
        return PLACEHOLDER.sub(lambda match: str(values.get(match.group(1), match.group(0))), node)
    if isinstance(node, Sequence):
        return [substitute(item, values, typed) for item in node]
    return node
