# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server finds wrong with a queue's config, by the path that its author knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"(?P<path>\(root\)[^:\s]*|[\w$.\[\]/-]+)\s*:\s+(?P<message>\S.*)", re.S)
_PATHS = ("path", "field", "instancePath", "dataPath", "context")
_MESSAGES = ("message", "description", "error")
_OUTER = ("resource_args", "kubernetes")


def problems_of(errors: Any) -> list[dict[str, str]]:
    """Return each problem as path and message; the path begins with config, as the option that holds it."""
    entries = errors if isinstance(errors, (list, tuple)) else [errors]
    return [_problem(entry) for entry in entries if entry]


def _problem(entry: Any) -> dict[str, str]:
    if isinstance(entry, Mapping):
        path = next((entry[key] for key in _PATHS if entry.get(key)), "")
        message = next((str(entry[key]) for key in _MESSAGES if entry.get(key)), "no reason given")
        return {"path": _own_path(path), "message": message}
    found = _PLACE.fullmatch(str(entry).strip())
    if not found:
        return {"path": "config", "message": str(entry).strip()}
    return {"path": _own_path(found["path"]), "message": found["message"]}


def _own_path(path: Any) -> str:
    """Turn a.b.0.c, /a/b/0/c, (root).a and lists into config.a.b[0].c, without what the module wraps around."""
    if isinstance(path, (list, tuple)):
        parts = [str(part) for part in path]
    else:
        text = str(path).replace("(root)", "").replace("[", ".").replace("]", "")
        parts = [part for part in re.split(r"[./]", text) if part and part != "$"]
    for name in _OUTER:
        parts = parts[1:] if parts[:1] == [name] else parts
    return "config" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts)


def text_of(problems: list[dict[str, str]]) -> str:
    """Return the problems as one line."""
    return "; ".join(f"{problem['path']}: {problem['message']}" for problem in problems) or "no reason given"
