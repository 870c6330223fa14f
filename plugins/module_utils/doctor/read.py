# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading observations that may lack anything: what is missing or of another type is None, never a guess."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..node.model import printable

LONGEST = 4000


class DoctorError(ValueError):
    """Data handed to the doctor has not the shape that it documents; the text names the place."""


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """Return a list, an empty one for anything else."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else []


def number(value: Any) -> float | None:
    """Return a finite number as it is, None for anything else; a bool is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None


def at(data: Any, *path: str) -> Any:
    """Return the value at a path of keys; None where a step is missing."""
    for key in path:
        data = mapping(data).get(key)
    return data


def shown(value: Any, limit: int = LONGEST) -> str:
    """Return a value as printable text, control characters escaped; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value), limit)


def one_line(text: Any) -> str:
    """Return text of several lines as one."""
    return shown(" ".join(str(text).split()))


def plain(value: Any) -> Any:
    """Return the same data in plain types, keys as text: what JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(part) for part in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return number(value)
    return str(value)


def quantity(value: float | None, digits: int = 2) -> str:
    """Return a number without needless zeros, a question mark for None."""
    if value is None:
        return "?"
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def moment(value: Any) -> str:
    """Return a time in UTC as people read it."""
    return shown(value).replace("T", " ").replace("Z", " UTC")


def plural(count: float, one: str, many: str) -> str:
    """Return a number with the right form of its word."""
    return f"{quantity(count)} {one if count == 1 else many}"


def gib(size: Any) -> str:
    """Return bytes as GiB."""
    amount = number(size)
    return "?" if amount is None else f"{amount / 2**30:.1f}"
