# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""${name} in a queue's config: what the agent fills in, and which of them are dangerous."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MACRO = re.compile(r"\$\{(\w+)\}")
BUILT_IN = ("project_name", "entity_name", "run_id", "run_name", "image_uri", "author")
_SECRET = re.compile(r"(?i)(api_?key|secret|token|passw|passphrase|credential|netrc|private)")


def is_secret_name(name: str) -> bool:
    """Tell whether a variable of the agent's environment is likely to hold a secret."""
    return _SECRET.search(name) is not None


def expand(node: Any, table: Mapping[str, Any]) -> Any:
    """Return the document with the macros in its texts filled in; unknown names and all keys stay as they are."""
    if isinstance(node, dict):
        return {key: expand(value, table) for key, value in node.items()}
    if isinstance(node, list):
        return [expand(value, table) for value in node]
    if isinstance(node, str) and "${" in node:
        return MACRO.sub(lambda match: str(table.get(match.group(1), match.group(0))), node)
    return node
