# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what is exported: the export files, and the table that the kernel's server has in force."""

from __future__ import annotations

import re

from ..node.observed.nfs import ExportClient
from .root import Root

EXPORTS = "/etc/exports"
FOLDER = "/etc/exports.d"
TABLE = "/var/lib/nfs/etab"
_CLIENT = re.compile(r"([^()\s]*)(?:\(([^)]*)\))?")


def export_files(root: Root) -> tuple[str, ...]:
    """Return the files that exportfs reads."""
    below = [f"{FOLDER}/{name}" for name in root.names(FOLDER) or [] if name.endswith(".exports") and name[0] != "."]
    return ((EXPORTS,) if root.exists(EXPORTS) else ()) + tuple(below)


def exports(root: Root, files: tuple[str, ...]) -> tuple[ExportClient, ...]:
    """Return every exported path with each of its clients."""
    found: list[ExportClient] = []
    for name in files:
        found += parse(root.read(name) or "", name)
    return tuple(found)


def served(root: Root) -> tuple[ExportClient, ...]:
    """Return what the kernel's server has in force; its table has the form of an export file."""
    return exports(root, (TABLE,))


def parse(text: str, name: str) -> list[ExportClient]:
    """Return the clients in the text of an exports file, with their lines."""
    found: list[ExportClient] = []
    for first, last, line in _logical(text):
        match = re.match(r'\s*(?:"([^"]*)"|(\S+))\s*(.*)', line)
        if match is None:
            continue
        path = unescaped(match.group(1) if match.group(1) is not None else match.group(2))
        words = [word for word in match.group(3).split() if not word.startswith("-")]
        for word in words or ["*"]:
            client = _CLIENT.fullmatch(word)
            host, options = client.groups() if client else (word, None)
            split = tuple(option for option in (options or "").split(",") if option)
            found.append(ExportClient(path, host or "*", split, name, first, last))
    return found


def _logical(text: str) -> list[tuple[int, int, str]]:
    """Return lines without comments, continued lines joined, each with the numbers of its first and last one."""
    lines: list[tuple[int, int, str]] = []
    start, number, held = 0, 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0]
        start = start or number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        if (held + line).strip():
            lines.append((start, number, held + line))
        start, held = 0, ""
    if held.strip():
        lines.append((start, number, held))
    return lines


def unescaped(text: str) -> str:
    """Return a name from a table of exports or mounts, where blanks and the like stand as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)
