# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Template variables of a queue: their declarations, and the strict check of values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Union

from ..lean_dataclass import dataclass
from .errors import LaunchInputError
from .tree import child, plain

TYPES = ("string", "integer", "number")
KEYS = ("type", "default", "minimum", "maximum", "enum", "description")
MAX_VARIABLES = 100
MAX_INTEGER = 2**53 - 1  # beyond it JSON readers disagree
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_INTEGER_TEXT = re.compile(r"[0-9]{1,9}")
_NUMBER_TEXT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_MACRO = re.compile(r"\$\{(\w+)\}")

Scalar = Union[str, int, float]


@dataclass(frozen=True)
class Variable:
    """One declared variable; None means not set."""

    name: str
    type: str
    default: Scalar | None = None
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    enum: tuple[Scalar, ...] = ()
    description: str | None = None

    def schema(self) -> dict[str, Any]:
        """Return the schema as the server stores it."""
        out: dict[str, Any] = {"type": self.type}
        for name in ("default", "minimum", "maximum"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name)
        if self.enum:
            out["enum"] = list(self.enum)
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return the declaration as a person writes it."""
        return {**self.schema(), **({"description": self.description} if self.description is not None else {})}


def read_declarations(data: Any, path: str = "template_variables") -> dict[str, Variable]:
    """Return the declared variables by name.

    Raises:
        LaunchInputError: a name, key, type or bound that is wrong, or a default that breaks its own declaration.
    """
    declared = plain({} if data is None else data, path)
    if not isinstance(declared, dict):
        raise LaunchInputError(path, f"must be a mapping of name to declaration, not {type(declared).__name__}")
    if len(declared) > MAX_VARIABLES:
        raise LaunchInputError(path, f"{len(declared)} variables; at most {MAX_VARIABLES} are allowed")
    return {name: _declaration(name, body, child(path, name)) for name, body in declared.items()}


def _declaration(name: str, body: Any, path: str) -> Variable:
    if not _NAME.fullmatch(name):
        raise LaunchInputError(path, "a variable's name has 1 to 64 letters, digits, '_' or '-'")
    if not isinstance(body, Mapping):
        raise LaunchInputError(path, f"must be a mapping with a type, not {type(body).__name__}")
    unknown = sorted(set(body) - set(KEYS))
    if unknown:
        raise LaunchInputError(child(path, unknown[0]), f"unknown key; a declaration has {', '.join(KEYS)}")
    kind = body.get("type")
    if kind not in TYPES:
        raise LaunchInputError(child(path, "type"), f"{kind!r} is not one of {', '.join(TYPES)}")
    description = body.get("description")
    if description is not None and not isinstance(description, str):
        raise LaunchInputError(child(path, "description"), "must be text")
    bounds = {key: body[key] for key in ("minimum", "maximum") if body.get(key) is not None}
    if kind == "string" and bounds:
        raise LaunchInputError(child(path, min(bounds)), "a string has no bounds; use enum")
    for key, bound in bounds.items():
        _check_type(kind, bound, child(path, key))
    variable = Variable(name=name, type=kind, description=description, enum=_enum(kind, body, path), **bounds)
    return _with_default(variable, body.get("default"), path)


def _enum(kind: str, body: Mapping[str, Any], path: str) -> tuple[Scalar, ...]:
    values = body.get("enum")
    if values is None:
        return ()
    where = child(path, "enum")
    if not isinstance(values, list) or not values:
        raise LaunchInputError(where, "must be a list with at least one value")
    for position, value in enumerate(values):
        _check_type(kind, value, child(where, position))
        if value in values[:position]:
            raise LaunchInputError(child(where, position), f"{value!r} is named twice")
    return tuple(values)


def _with_default(variable: Variable, default: Any, path: str) -> Variable:
    low, high = variable.minimum, variable.maximum
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise LaunchInputError(path, f"minimum {low} is above maximum {high}")
    for position, value in enumerate(variable.enum):
        _check_bounds(variable, value, child(child(path, "enum"), position))
    if default is None:
        return variable
    where = child(path, "default")
    _check_type(variable.type, default, where)
    _check_allowed(variable, default, where)
    return Variable(**{**variable.__dict__, "default": default})


def _check_type(kind: str, value: Any, path: str) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "string":
        if not isinstance(value, str):
            raise LaunchInputError(path, f"{_shown(value)} is not text")
        _check_text(value, path)
    elif kind == "integer" and not (number and isinstance(value, int)):
        raise LaunchInputError(path, f"{_shown(value)} is not an integer")
    elif not number or (isinstance(value, float) and not math.isfinite(value)):
        raise LaunchInputError(path, f"{_shown(value)} is not a number")
    elif abs(value) > MAX_INTEGER:
        raise LaunchInputError(path, f"a number beyond {MAX_INTEGER} can't be sent")


def _check_text(value: str, path: str) -> None:
    if "\x00" in value:
        raise LaunchInputError(path, "the text has a NUL character")
    macro = _MACRO.search(value)
    if macro:
        raise LaunchInputError(path, f"{macro.group(0)} is a macro of the agent; a value must not hold one")


def _check_bounds(variable: Variable, value: Any, path: str) -> None:
    low, high = variable.minimum, variable.maximum
    if low is not None and value < low:
        raise LaunchInputError(path, f"{value} is below the minimum {low}")
    if high is not None and value > high:
        raise LaunchInputError(path, f"{value} is above the maximum {high}")


def _check_allowed(variable: Variable, value: Any, path: str) -> None:
    _check_bounds(variable, value, path)
    if variable.enum and value not in variable.enum:
        raise LaunchInputError(path, f"{_shown(value)} is not one of {', '.join(map(repr, variable.enum))}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def parse_value(variable: Variable, value: Any, path: str) -> Scalar:
    """Return a submitted value in the variable's own type; text is converted only where it can mean one thing.

    Raises:
        LaunchInputError: the value has another type, breaks a bound or is not in the enum.
    """
    if variable.type == "integer" and isinstance(value, str) and _INTEGER_TEXT.fullmatch(value):
        value = int(value)
    elif variable.type == "number" and isinstance(value, str) and _NUMBER_TEXT.fullmatch(value):
        value = float(value) if "." in value else int(value)
    _check_type(variable.type, value, path)
    _check_allowed(variable, value, path)
    return value  # type: ignore[no-any-return]


def choose_values(variables: Mapping[str, Variable], values: Any, path: str = "values") -> dict[str, Scalar]:
    """Return the value of every variable: what was given, else the default.

    Raises:
        LaunchInputError: an unknown variable, a value that breaks its declaration, or neither value nor default.
    """
    given = plain({} if values is None else values, path)
    if not isinstance(given, dict):
        raise LaunchInputError(path, f"must be a mapping of name to value, not {type(given).__name__}")
    for name in given:
        if name not in variables:
            known = ", ".join(sorted(variables)) or "none"
            raise LaunchInputError(child(path, name), f"the queue has no such template variable (it has: {known})")
    chosen: dict[str, Scalar] = {}
    for name, variable in variables.items():
        if name in given:
            chosen[name] = parse_value(variable, given[name], child(path, name))
        elif variable.default is not None:
            chosen[name] = variable.default
        else:
            raise LaunchInputError(child(path, name), "the variable has no default, so a value is needed")
    return chosen
