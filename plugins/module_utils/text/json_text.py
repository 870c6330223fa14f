# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON, read strictly: bounds before parsing, no duplicate keys, no NaN, numbers that every reader understands."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from .errors import TextError, position
from .limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},]', re.DOTALL)


def read_json(text: str) -> Any:
    """Return the document.

    Raises:
        TextError: with line and column where the text or one of its values is not allowed.
    """
    _check_bounds(text)
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise TextError(f"not JSON: {error.msg}{_hint(text, error.pos)}", error.lineno, error.colno) from error
    except _Refused as error:
        raise TextError(str(error), *_locate(text, error)) from error


class _Refused(ValueError):
    """A value that the parser accepts and we don't; json keeps no position for it."""

    def __init__(self, problem: str, pattern: str, occurrence: int = 1) -> None:
        super().__init__(problem)
        self.pattern = pattern
        self.occurrence = occurrence


def _check_bounds(text: str) -> None:
    depth = nodes = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in "[{":
            depth += 1
            nodes += 1
        elif token in "]}":
            depth -= 1
        elif token == ",":
            nodes += 1
        if depth > MAX_DEPTH:
            raise TextError(f"nested deeper than {MAX_DEPTH} levels", *position(text, match.start()))
        if nodes > MAX_NODES:
            raise TextError(f"more than {MAX_NODES} values", *position(text, match.start()))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        for key, dummy in pairs:
            if key in seen:
                raise _Refused(f"key {key!r} is there twice", re.escape(json.dumps(key)) + r"\s*:", 2)
            seen.add(key)
    return out


def _constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a number that JSON knows", re.escape(name))


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(f"{text} is too large a number", re.escape(text))
    return value


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise _Refused(f"a number of more than {MAX_DIGITS} digits", re.escape(text))
    return int(text)


def _locate(text: str, error: _Refused) -> tuple[int, int]:
    matches = list(re.finditer(error.pattern, text))
    if not matches:
        return 1, 1
    return position(text, matches[min(error.occurrence, len(matches)) - 1].start())


def _hint(text: str, offset: int) -> str:
    before = text[:offset].rstrip()
    return " (a comma with nothing after it)" if before.endswith(",") and text[offset : offset + 1] in "]}" else ""
