# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One hash for a queue's config and variables: equal on both sides of a comparison, and telling nothing of secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest(config: Any, variables: Mapping[str, Any]) -> str:
    """Return the hash of what a server keeps of a queue, whatever the order of its keys."""
    data = normalised({"config": config, "variables": variables})
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def normalised(value: Any) -> Any:
    """Return plain data in which 1.0 is 1, as servers write it."""
    if isinstance(value, Mapping):
        return {str(key): normalised(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [normalised(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
