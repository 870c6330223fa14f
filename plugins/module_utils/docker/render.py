# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Printing daemon.json in the style of the file that was there, and masked for diffs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_FIRST_INDENT = re.compile(r"^\s*\{[ \t]*\r?\n([ \t]+)\"")
_USER_INFO = re.compile(r"(://)[^/@\s\"]+@")
_SECRET = re.compile(r"(\"[^\"]*(?:token|password|secret)[^\"]*\"\s*:\s*)\"(?:[^\"\\]|\\.)*\"", re.IGNORECASE)


def rendered(config: Mapping[str, Any], earlier: str) -> str:
    """Return the text of a configuration with the indentation and line ends of the earlier text."""
    match = _FIRST_INDENT.match(earlier)
    indent: int | str = match.group(1) if match else 2
    text = json.dumps(config, indent=indent, ensure_ascii=False) + "\n"
    return text.replace("\n", "\r\n") if "\r\n" in earlier else text


def masked(text: str) -> str:
    """Return a text for a diff: credentials in addresses and values of secret options are hidden."""
    return _SECRET.sub(r'\1"***"', _USER_INFO.sub(r"\1***@", text))
