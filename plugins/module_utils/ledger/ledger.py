# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module does with the record: record, write, read, forget, undo."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..node.observed.shared import Unit
from ..probe import dpkg
from ..probe.root import Root, Unreadable
from ..probe.systemd import units
from .earlier import Known, earlier_state, left_behind
from .entries import Entry, checked, identity, missing, shown, text_of
from .restore import GONE
from .store import Store, entries_of
from .system import System
from .undo import Now, Undo, words

MOST_WRITTEN = 50


class Ledger:
    """The record of a machine."""

    def __init__(self, store: Store, root: Root, system: System, check_mode: bool) -> None:
        """Work on a store; in check mode nothing is written."""
        self._store = store
        self._root = root
        self._system = system
        self._check = check_mode

    def read(self, role: str | None) -> dict[str, Any]:
        """Return the records, of one role or of all."""
        chosen = [role] if role else self._store.roles()
        found = {name: [shown(entry) for entry in entries_of(self._store.load(name))] for name in chosen}
        return {"changed": False, "ledger": found, "entries": found[role] if role else []}

    def record(self, role: str, wanted: Sequence[Any]) -> dict[str, Any]:
        """Add entries with their earlier state; those that are there stay as they are."""
        entries = [checked(entry, f"entries[{index}]") for index, entry in enumerate(wanted)]
        record = self._store.load(role)
        kept = entries_of(record)
        added = missing(kept, entries)
        if added:
            packages = self._installed(added)
            known = Known(packages or {}, self._units(added))
            for entry in added:
                earlier = earlier_state(entry, known, self._root)
                if earlier is not None:
                    entry["earlier"] = earlier
            if packages is not None and "packages_before" not in record:
                record["packages_before"] = " ".join(sorted(packages))
            self._save(role, {**record, "entries": kept + added})
        return self._result(role, kept, kept + added, bool(added))

    def written(self, role: str | None) -> dict[str, Any]:
        """Remember what the roles left in each recorded file, so that a later change by others can be told."""
        changed: list[str] = []
        for name in [role] if role else self._store.roles():
            record = self._store.load(name)
            entries = entries_of(record)
            texts = [text_of(entry) for entry in entries if self._note(entry)]
            if "packages_before" in record and "packages_with" not in record:
                record["packages_with"] = " ".join(self._pulled_in(record, entries))
                texts.append("packages that came with those recorded")
            if texts:
                self._save(name, {**record, "entries": entries})
            changed += texts
        return {
            "changed": bool(changed),
            "entries": [],
            "diff": {"before": "", "after": "".join(t + "\n" for t in changed)},
        }

    def _pulled_in(self, record: dict[str, Any], entries: Sequence[Entry]) -> list[str]:
        """Return what apt installed along with the role's packages."""
        before = set(record["packages_before"].split())
        named = {entry["subject"] for entry in entries if entry["kind"] == "package"}
        return sorted((set(dpkg.installed(self._root)) - before - named) & dpkg.automatic(self._root))

    def _note(self, entry: Entry) -> bool:
        if entry["kind"] not in ("file", "repository"):
            return False
        now = left_behind(entry, self._root.path(entry["subject"])) or GONE
        known: list[str] = list(entry.get("written", []))
        if now in known:
            return False
        entry["written"] = [*known, now][-MOST_WRITTEN:]
        return True

    def forget(self, role: str | None) -> dict[str, Any]:
        """Delete records without undoing anything."""
        changed = False
        for name in [role] if role else self._store.roles():
            there = os.path.exists(self._store.path(name))
            changed = changed or there
            if there and not self._check:
                self._store.remove(name)
        return {"changed": changed, "entries": []}

    def undo(self, role: str, purge: bool, keep: Sequence[Any] = ()) -> dict[str, Any]:
        """Take back what a role changed; what stays, because others need it or the role says so, keeps its entry."""
        asked = [checked(entry, f"keep[{index}]") for index, entry in enumerate(keep)]
        reasons = {identity(entry): str(entry.get("reason") or "the role keeps it") for entry in asked}
        record = self._store.load(role)
        entries = entries_of(record)
        now = Now(self._installed(entries) or {}, self._units(entries), self._root.read("/proc/self/mountinfo") or "")
        undo = Undo(self._root, now, self._system, self._check, purge)
        before, along = (record.get(name, "").split() for name in ("packages_before", "packages_with"))
        outcome = undo.run(entries, before, set(along) & dpkg.automatic(self._root), reasons)
        left = [entry for entry in entries if any(entry is kept for kept in outcome.kept)]
        if not self._check and entries:
            self._save(role, {**record, "entries": left}) if left else self._store.remove(role)
        result = self._result(role, entries, left, bool(outcome.undone))
        kept = [
            {"kind": e["kind"], "subject": e["subject"], "reason": r} for e, r in zip(outcome.kept, outcome.reasons)
        ]
        undone = [{"kind": e["kind"], "subject": e["subject"]} for e in outcome.undone]
        return {**result, "undone": undone, "kept": kept, "failures": outcome.failed, "warnings": words(outcome)}

    def _save(self, role: str, record: dict[str, Any]) -> None:
        if not self._check:
            self._store.save(role, record)

    def _installed(self, entries: Sequence[Entry]) -> dict[str, str] | None:
        if not any(entry["kind"] == "package" for entry in entries):
            return None
        return dpkg.installed(self._root)

    def _units(self, entries: Sequence[Entry]) -> Mapping[str, Unit]:
        names = [entry["subject"] for entry in entries if entry["kind"] == "unit"]
        if not names:
            return {}
        try:
            return units(self._root, names)
        except Unreadable:
            return {}

    def _result(self, role: str, before: Sequence[Entry], after: Sequence[Entry], changed: bool) -> dict[str, Any]:
        texts = ["".join(text_of(entry) + "\n" for entry in entries) for entries in (before, after)]
        diff = {"before": texts[0], "after": texts[1], "before_header": role, "after_header": role}
        return {"changed": changed, "entries": [shown(entry) for entry in after], "diff": diff}
