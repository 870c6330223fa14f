# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data to frozen dataclasses: the only way in for observations and wanted states."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .model import ModelError

T = TypeVar("T")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the known name that looks most like name, or nothing."""
    import difflib  # for a wrong name alone, and every look at a machine would pay for it

    match = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return match[0] if match else ""


def from_mapping(kind: type[T], data: Any, where: str, ignore_unknown: bool = False) -> T:
    """Build a dataclass from a mapping.

    Args:
        kind: the dataclass.
        data: the mapping.
        where: path of the mapping, for messages.
        ignore_unknown: leave keys out that the dataclass lacks (an observation of a newer release) instead of refusing.

    Raises:
        ModelError: a key is unknown or a value has the wrong type; the text has its path.
    """
    if not isinstance(data, Mapping):
        raise ModelError(f"{where}: a mapping is needed, found {_kind(data)}")
    hints = _hints(kind)  # type: ignore[arg-type]
    names = [f.name for f in dataclasses.fields(kind)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key in names:
            values[str(key)] = _value(hints[key], value, f"{where}.{key}", ignore_unknown)
        elif not ignore_unknown:
            near = nearest(str(key), names)
            raise ModelError(f"{where}: unknown key '{key}'" + (f"; did you mean '{near}'?" if near else ""))
    try:
        return kind(**values)
    except TypeError as error:
        missing = [f.name for f in dataclasses.fields(kind) if _required(f) and f.name not in values]  # type: ignore[arg-type]
        raise ModelError(f"{where}: missing {', '.join(missing)}") from error


@functools.cache
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _required(item: dataclasses.Field[Any]) -> bool:
    return item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    for base, name in ((bool, "a boolean"), (str, "text"), (int, "a number"), (float, "a number")):
        if isinstance(value, base):
            return name
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _value(hint: Any, value: Any, where: str, loose: bool) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin is Union:  # only Optional is used
        return None if value is None else _value(args[0], value, where, loose)
    if origin is tuple:
        return tuple(_value(args[0], v, f"{where}[{i}]", loose) for i, v in enumerate(_items(value, where)))
    if origin is not None:  # Mapping[str, X]
        if not isinstance(value, Mapping):
            raise ModelError(f"{where}: a mapping is needed, found {_kind(value)}")
        return {str(k): _value(args[1], v, f"{where}.{k}", loose) for k, v in value.items()}
    if dataclasses.is_dataclass(hint):
        return from_mapping(hint, value, where, loose)  # type: ignore[arg-type]
    return _scalar(hint, value, where)


def _items(value: Any, where: str) -> list[Any]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise ModelError(f"{where}: a list is needed, found {_kind(value)}")
    return list(value)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is bool:
        if isinstance(value, bool):
            return bool(value)
        if isinstance(value, str) and value.lower() in _TRUTH:
            return _TRUTH[value.lower()]
    elif hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
        if isinstance(value, str) and value.isascii() and _WHOLE.fullmatch(value):
            return int(value)
    elif hint is float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    elif isinstance(value, str) or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return str(value)
    names: dict[Any, str] = {bool: "true or false", int: "a whole number", float: "a number"}
    raise ModelError(f"{where}: {names.get(hint, 'text')} is needed, found {_kind(value)}")


def to_plain(value: Any) -> Any:
    """Return a dataclass (or a container of them) as dictionaries and lists that JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    return value
