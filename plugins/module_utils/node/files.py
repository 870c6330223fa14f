# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what is at a path with what should be there."""

from __future__ import annotations

from collections.abc import Mapping

from .judge import Judge
from .observed.shared import FileSeen
from .wanted.shared import FileWanted


def compare_files(
    judge: Judge, check: str, fact: str, seen: Mapping[str, FileSeen], wanted: Mapping[str, FileWanted]
) -> None:
    """Add a finding for each path at which something differs; one that was not looked at is unknown."""
    for path, want in sorted(wanted.items()):
        item = judge.need(f"{fact}.{path}", seen.get(path))
        pairs = [] if item is None else differences(item, want)
        if pairs:
            found, wants = told(pairs)
            judge.find(check, path, found, wants, path=path)


def differences(seen: FileSeen, wanted: FileWanted) -> list[tuple[str, str]]:
    """Return (found, wanted) for everything that differs; nothing when it is as it should be."""
    if seen.kind != wanted.kind:
        return [(_kind(seen.kind), _kind(wanted.kind))]
    found: list[tuple[str, str]] = []
    if wanted.sha256 and seen.sha256 not in wanted.sha256:
        found.append(("another content", "the content that the inputs make"))
    for name in ("mode", "owner", "group"):
        has, wants = getattr(seen, name), getattr(wanted, name)
        if wants and has != wants:
            found.append((f"{name} {has}", f"{name} {wants}"))
    return found


def told(pairs: list[tuple[str, str]]) -> tuple[str, str]:
    """Return all that was found, and all that is wanted, as two texts."""
    return ", ".join(found for found, dummy in pairs), ", ".join(wanted for dummy, wanted in pairs)


def _kind(kind: str) -> str:
    return "nothing" if kind == "absent" else f"a {kind}" if kind != "other" else "something else"
