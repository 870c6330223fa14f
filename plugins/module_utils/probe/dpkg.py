# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installed packages, from dpkg's status file."""

from __future__ import annotations

from collections.abc import Iterable

from .root import Root, Unreadable

STATUS = "/var/lib/dpkg/status"
MARKS = "/var/lib/apt/extended_states"


def installed(root: Root, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return the versions of installed packages by name.

    Args:
        root: the machine.
        names: only these packages; all of them by default.

    Raises:
        Unreadable: the machine has no readable package database.
    """
    text = root.read(STATUS, limit=256 << 20)
    if text is None:
        raise Unreadable(f"{STATUS}: no such file; not a Debian system")
    wanted = None if names is None else set(names)
    found: dict[str, str] = {}
    for stanza in text.split("\n\n"):
        if not stanza.startswith("Package: "):
            continue
        name = stanza[9:].split("\n", 1)[0].strip()
        if (wanted is None or name in wanted) and "\nStatus: " in stanza:
            status = stanza.split("\nStatus: ", 1)[1].split("\n", 1)[0].split()
            if status[-1:] == ["installed"] and "\nVersion: " in stanza:
                found[name] = stanza.split("\nVersion: ", 1)[1].split("\n", 1)[0].strip()
    return found


def automatic(root: Root) -> set[str]:
    """Return the packages that apt installed for others, by its own marks."""
    stanzas = (root.read(MARKS, limit=64 << 20) or "").split("\n\n")
    marked = [stanza for stanza in stanzas if "\nAuto-Installed: 1" in stanza]
    return {stanza.split("Package: ", 1)[1].split("\n", 1)[0].strip() for stanza in marked if "Package: " in stanza}


def held(root: Root) -> set[str]:
    """Return the packages that upgrades leave alone."""
    stanzas = (root.read(STATUS, limit=256 << 20) or "").split("\n\n")
    marked = [stanza for stanza in stanzas if "\nStatus: hold " in stanza and stanza.startswith("Package: ")]
    return {stanza[9:].split("\n", 1)[0].strip() for stanza in marked}
