# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the record: what they are, which are the same, what of them may be shown."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

KINDS = (
    "file",
    "directory",
    "package",
    "user",
    "group_member",
    "unit",
    "repository",
    "venv",
    "profile",
    "kube_object",
    "command",
)
PATHS = ("file", "directory", "repository", "venv")
# Undone by the role itself before the record is played back: only it knows how.
ROLE_KINDS = ("profile", "kube_object", "command")
# What the module writes; an input may not bring it along.
OWN_KEYS = ("earlier", "written")

Entry = dict[str, Any]


class LedgerError(Exception):
    """The record or an entry can't be used; the text says which and why."""


def checked(entry: Any, where: str) -> Entry:
    """Return an entry of the input as plain data.

    Raises:
        LedgerError: its kind or subject is missing or makes no sense.
    """
    if not isinstance(entry, Mapping):
        raise LedgerError(f"{where}: a mapping is needed")
    plain: Entry = {str(key): value for key, value in entry.items()}
    kind, subject = plain.get("kind"), plain.get("subject")
    if kind not in KINDS:
        raise LedgerError(f"{where}: kind is {kind!r}; one of {', '.join(KINDS)} is needed")
    if not isinstance(subject, str) or not subject.strip() or "\0" in subject:
        raise LedgerError(f"{where}: subject is {subject!r}; a path or name is needed")
    if kind in PATHS:
        if not subject.startswith("/"):
            raise LedgerError(f"{where}: {kind} {subject!r} is no absolute path")
        plain["subject"] = os.path.normpath(subject)
    if kind == "group_member" and not isinstance(plain.get("group"), str):
        raise LedgerError(f"{where}: group_member {subject!r} needs 'group'")
    for key in OWN_KEYS:
        plain.pop(key, None)
    return plain


def identity(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what makes two entries the same."""
    kind = "file" if entry["kind"] == "repository" else str(entry["kind"])
    return kind, str(entry["subject"]), str(entry.get("group", ""))


def missing(kept: Sequence[Entry], wanted: Sequence[Entry]) -> list[Entry]:
    """Return the wanted entries that are not recorded yet, each once: a first record is never replaced."""
    known = {identity(entry) for entry in kept}
    added: list[Entry] = []
    for entry in wanted:
        if identity(entry) not in known:
            known.add(identity(entry))
            added.append(entry)
    return added


def shown(entry: Mapping[str, Any]) -> Entry:
    """Return an entry without the content of files: it may be private, and results are logged."""
    private = {"content", "sha256"} if entry.get("secret") else {"content"}
    public = {key: value for key, value in entry.items() if key not in OWN_KEYS}
    if "earlier" in entry:
        public["earlier"] = {key: value for key, value in entry["earlier"].items() if key not in private}
    return public


def text_of(entry: Mapping[str, Any]) -> str:
    """Return an entry in words, for differences and messages."""
    group = f" of {entry['group']}" if entry.get("group") else ""
    return f"{entry['kind']} {entry['subject']}{group}"
