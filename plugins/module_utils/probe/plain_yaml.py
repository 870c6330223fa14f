# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain part of YAML that minikube and kubectl write; whatever else a text has is refused, never guessed."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .root import Unreadable

_LINE = re.compile(r"( *)(- )?([A-Za-z0-9_./-]+):(?: +(\S.*?))? *")
_PLAIN = re.compile(r"[A-Za-z0-9/._~+=-](?:(?!: | #)[ -~])*")
_QUOTED = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
_EMPTY: dict[str, Any] = {"{}": {}, "[]": []}


class _Row(NamedTuple):
    indent: int
    key: str | None  # None begins an entry of a list
    value: Any


def read(text: str) -> Any:
    """Return the mapping in a text of block mappings, lists of mappings and one-line scalars, which stay text.

    Raises:
        Unreadable: the text has something else.
    """
    rows: list[_Row] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and line != "---" and not line.lstrip().startswith("#"):
            rows += _rows(line, number)
    if not rows or rows[0].key is None:
        raise Unreadable("no mapping")
    found, end = _mapping(rows, 0)
    if end < len(rows):
        raise Unreadable(f"the indentation of {rows[end].key or 'a list'} fits nothing")
    return found


def _rows(line: str, number: int) -> list[_Row]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Unreadable(f"line {number} is no plain 'key: value'")
    indent, dash, key, value = len(match.group(1)), match.group(2), match.group(3), match.group(4)
    row = _Row(indent + 2 if dash else indent, key, None if value is None else _scalar(value, number))
    return [_Row(indent, None, None), row] if dash else [row]


def _scalar(value: str, number: int) -> Any:
    quoted = _QUOTED.fullmatch(value)
    if quoted is not None:
        return quoted.group(1) or quoted.group(2) or ""
    if value in _EMPTY:
        return _EMPTY[value].copy()
    if not _PLAIN.fullmatch(value) or value.endswith(":"):
        raise Unreadable(f"line {number} has no plain value")
    return value


def _list(rows: list[_Row], at: int) -> tuple[list[Any], int]:
    indent, items = rows[at].indent, []
    while at < len(rows) and rows[at].indent == indent and rows[at].key is None:
        item, at = _mapping(rows, at + 1)
        items.append(item)
    return items, at


def _mapping(rows: list[_Row], at: int) -> tuple[dict[str, Any], int]:
    indent = rows[at].indent
    found: dict[str, Any] = {}
    while at < len(rows) and rows[at].indent == indent:
        key, value = rows[at].key, rows[at].value
        if key is None:
            break
        if key in found:
            raise Unreadable(f"{key} is there twice")
        at += 1
        if value is None and at < len(rows):
            if rows[at].key is None and rows[at].indent >= indent:
                value, at = _list(rows, at)
            elif rows[at].indent > indent:
                value, at = _mapping(rows, at)
        found[key] = value
    return found, at
