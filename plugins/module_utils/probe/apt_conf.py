# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""apt's configuration: flat names and values out of its files, in the order in which apt reads them."""

from __future__ import annotations

import re

from .root import Root

FOLDER = "/etc/apt/apt.conf.d"
FILE = "/etc/apt/apt.conf"
# A comment, a text in quotes, a sign, or a word; a word may hold // as addresses do.
_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*|"([^"\n]*)"|([{};])|([^\s{};"]+)', re.DOTALL | re.MULTILINE)


def settings(root: Root) -> list[tuple[str, str]]:
    """Return (name in lower case, value) of every setting; of a single one the last counts, a list has several."""
    names = [f"{FOLDER}/{name}" for name in root.names(FOLDER) or [] if "." not in name or name.endswith(".conf")]
    found: list[tuple[str, str]] = []
    for path in [*names, FILE]:
        found += parse(root.read(path) or "")
    return found


def last(known: list[tuple[str, str]], name: str) -> str:
    """Return the value of a single setting, or nothing."""
    return next((value for key, value in reversed(known) if key == name), "")


def parse(text: str) -> list[tuple[str, str]]:
    """Return the settings of one file; blocks are flattened to names with ::."""
    found: list[tuple[str, str]] = []
    scope: list[str] = []
    words: list[str] = []
    for match in _TOKEN.finditer(text):
        quoted, sign, word = match.groups()
        if sign == "{":
            scope.append(words[0] if words else "")
            words = []
        elif sign == "}":
            scope = scope[:-1]
            words = []
        elif sign == ";":
            found += _setting(scope, words)
            words = []
        elif quoted is not None or word is not None:
            words.append(quoted if quoted is not None else word)
    return found


def _setting(scope: list[str], words: list[str]) -> list[tuple[str, str]]:
    if not words:
        return []
    name = words[:1] if len(words) > 1 else []  # a value alone is one of the list that the block is
    key = "::".join(part.strip(":") for part in [*scope, *name] if part.strip(":"))
    return [(key.lower(), words[-1])] if key else []
