# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks over parsed documents: plain data only, bounded, every place with its path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .errors import LaunchInputError

MAX_DEPTH = 64
MAX_NODES = 10_000


class Place(NamedTuple):
    """A value in a document; key is None for list items and the root."""

    path: str
    key: str | None
    value: Any


def child(path: str, key: str | int) -> str:
    """Return the path of an entry: dotted keys, list positions in brackets."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def walk(value: Any, path: str = "", key: str | None = None) -> Iterator[Place]:
    """Yield the value and everything below it, from the outside in."""
    yield Place(path, key, value)
    if isinstance(value, dict):
        for name, entry in value.items():
            if isinstance(entry, (dict, list)):
                yield from walk(entry, child(path, name), name)
            else:
                yield Place(child(path, name), name, entry)
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            if isinstance(entry, (dict, list)):
                yield from walk(entry, child(path, position))
            else:
                yield Place(child(path, position), None, entry)


class _Counter:
    """Counts nodes, so that a small document that refers to itself can't grow without end."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.limit = limit

    def take(self, path: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise LaunchInputError(path, f"the document has more than {self.limit} values")


def plain(value: Any, path: str = "", max_nodes: int = MAX_NODES) -> Any:
    """Return a deep copy made of exact dict, list, str, int, float, bool and None.

    Raises:
        LaunchInputError: a type or number that JSON can't hold, a key that isn't text, too deep or too many values.
    """
    try:
        return _copy(value, 0, _Counter(max_nodes))
    except _Unusual:
        return _plain(value, path, 0, _Counter(max_nodes))


class _Unusual(Exception):
    """Something that is to be converted or refused; the slow way knows its place."""


def _copy(value: Any, depth: int, counter: _Counter) -> Any:
    """Copy what is plain already: no paths, no conversions. Nearly every document is, and this is much faster."""
    kind = type(value)
    if kind is str:
        if value.isascii():
            return value
        raise _Unusual
    if value is None or kind is bool or kind is int:
        return value
    if (kind is not dict and kind is not list) or depth > MAX_DEPTH:
        raise _Unusual
    counter.left -= len(value)
    if counter.left <= 0:
        raise _Unusual
    if kind is list:
        return [_copy(entry, depth + 1, counter) for entry in value]
    for key in value:
        if key.__class__ is not str or not key.isascii():
            raise _Unusual
    return {key: _copy(entry, depth + 1, counter) for key, entry in value.items()}


def _plain(value: Any, path: str, depth: int, counter: _Counter) -> Any:
    counter.take(path)
    if depth > MAX_DEPTH:
        raise LaunchInputError("", f"the document is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        out = {}
        for key, entry in value.items():
            if not isinstance(key, str):
                raise LaunchInputError(child(path, str(key)), f"keys must be text, this one is {type(key).__name__}")
            out[_text(key, path)] = _plain(entry, child(path, str(key)), depth + 1, counter)
        return out
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(entry, child(path, i), depth + 1, counter) for i, entry in enumerate(value)]
    return _scalar(value, path)


def _scalar(value: Any, path: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise LaunchInputError(path, f"{value} is not a finite number; JSON can't hold it")
        return float(value)
    raise LaunchInputError(path, f"a {type(value).__name__} can't be part of a manifest; write it as quoted text")


def _text(value: str, path: str) -> str:
    exact = str.__str__(value)
    try:
        exact.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LaunchInputError(path, "the text is not valid Unicode (a lone surrogate)") from error
    return exact
