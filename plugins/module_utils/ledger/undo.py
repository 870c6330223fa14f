# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes recorded changes back: what was absent goes, what was there before returns, what isn't ours stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ..node.observed.shared import Unit
from ..probe.accounts import account, members
from .entries import ROLE_KINDS, Entry, LedgerError, identity, text_of
from .restore import Keep, directory_due, file_due, needs_reload, put_back, put_directory_back
from .system import System

ORDER = ("unit", "group_member", "venv", "file", "repository", "package", "user", "directory")
_STOPPED = ("inactive", "failed")
_SPARED = "a purge would delete data that isn't the role's (images, volumes, exports)"


@dataclass
class Outcome:
    """What one undo did; kept entries stay in the record."""

    undone: list[Entry] = field(default_factory=list)
    settled: list[Entry] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def keep(self, entry: Entry, reason: str) -> None:
        """Leave a thing as it is."""
        self.kept.append(entry)
        self.reasons.append(reason)

    def fail(self, entry: Entry, reason: str) -> None:
        """Leave a thing as it is, because taking it back went wrong."""
        self.keep(entry, f"it could not be undone: {reason}")
        self.failed.append(f"{text_of(entry)}: {reason}")


@dataclass(frozen=True)
class Now:
    """The machine as it is at the start of the undo."""

    packages: Mapping[str, str]
    units: Mapping[str, Unit]
    mountinfo: str = ""


class Undo:
    """Plays a role's record back."""

    def __init__(self, root: Any, now: Now, system: System, check_mode: bool = False, purge: bool = False) -> None:
        """Start with the machine as it is."""
        self._root = root
        self._now = now
        self._system = system
        self._check = check_mode
        self._purge = purge
        self._going: set[str] = set()
        self.outcome = Outcome()

    def run(
        self,
        entries: Sequence[Entry],
        before: Iterable[str] = (),
        along: Iterable[str] = (),
        keep: Mapping[tuple[str, str, str], str] | None = None,
    ) -> Outcome:
        """Undo entries in a safe order: units, files, packages, users, directories; each kind in reverse.

        Args:
            entries: the role's entries.
            before: packages that were there before the role.
            along: packages that apt installed along with the role's, and still takes for such.
            keep: identities of entries that stay whatever their state, each with its reason.
        """
        reasons = keep or {}
        for entry in entries:
            if identity(entry) in reasons:
                self.outcome.keep(entry, reasons[identity(entry)])
        entries = [entry for entry in entries if identity(entry) not in reasons]
        for kind in ORDER:
            chosen = [entry for entry in reversed(entries) if entry["kind"] == kind]
            if kind == "directory":
                chosen.sort(key=lambda entry: entry["subject"].count("/"), reverse=True)
            if kind == "package":
                self._packages(chosen, set(before), set(along) & set(self._now.packages))
                continue
            for entry in chosen:
                self._one(entry)
            if kind == "repository":
                self._reload()
        self.outcome.settled += [entry for entry in entries if entry["kind"] in ROLE_KINDS]
        return self.outcome

    def _one(self, entry: Entry) -> None:
        """Undo one entry; what fails is kept, and the rest goes on."""
        plan: Callable[[Entry], Callable[[], None] | None] = getattr(self, f"_plan_{entry['kind']}")
        try:
            act = plan(entry)
            if act is None:
                self.outcome.settled.append(entry)
                return
            if not self._check:
                act()
        except Keep as error:
            self.outcome.keep(entry, str(error))
        except (OSError, LedgerError) as error:
            self.outcome.fail(entry, str(error))
        else:
            self.outcome.undone.append(entry)

    def _plan_file(self, entry: Entry) -> Callable[[], None] | None:
        path = self._root.path(entry["subject"])
        due = file_due(entry, path)
        if entry["earlier"]["state"] == "absent":
            self._going.add(path)
        return (lambda: put_back(entry, path)) if due else None

    _plan_repository = _plan_file

    def _plan_directory(self, entry: Entry) -> Callable[[], None] | None:
        path = self._root.path(entry["subject"])
        due = directory_due(entry, path, self._now.mountinfo, self._going)
        if due and entry["earlier"]["state"] == "absent":
            self._going.add(path)
        return (lambda: put_directory_back(entry, path)) if due else None

    _plan_venv = _plan_directory

    def _plan_user(self, entry: Entry) -> Callable[[], None] | None:
        name = entry["subject"]
        due = entry["earlier"]["state"] == "absent" and account(self._root, name) is not None
        return (lambda: self._system.remove_user(name)) if due else None

    def _plan_group_member(self, entry: Entry) -> Callable[[], None] | None:
        name, group = entry["subject"], entry["group"]
        due = entry["earlier"]["state"] == "absent" and name in (members(self._root, group) or ())
        return (lambda: self._system.remove_member(name, group)) if due else None

    def _plan_unit(self, entry: Entry) -> Callable[[], None] | None:
        earlier, unit = entry["earlier"], self._now.units.get(entry["subject"])
        if earlier["state"] == "unknown" or unit is None or unit.load == "not-found":
            return None
        steps = _unit_steps(earlier, unit, self._system)

        def act() -> None:
            for step in steps:
                step(entry["subject"])

        return act if steps else None

    def _packages(self, entries: Sequence[Entry], before: set[str], along: set[str]) -> None:
        """Remove the packages that were absent, then what only they had pulled in."""
        due: dict[str, Entry] = {}
        for entry in entries:
            name, earlier = entry["subject"], entry["earlier"]
            version = self._now.packages.get(name)
            if earlier["state"] == "absent" and version is not None:
                due[name] = entry
                continue
            if earlier["state"] == "present" and version not in (None, earlier["version"]):
                self.outcome.told.append(f"package {name} stays at {version}; it was {earlier['version']} before")
            self.outcome.settled.append(entry)
        if due and self._check:
            self.outcome.undone += list(due.values())
        elif due:
            self._remove(due, before, along)

    def _remove(self, due: dict[str, Entry], before: set[str], along: set[str]) -> None:
        try:
            free = self._unneeded(due)
            orphans = self._system.orphans() if free else set()
            if free:
                spared = self._system.remove_packages(sorted(free), self._purge)
                pulled_in = (self._system.orphans() - orphans - before) | along
                spare = self._spare(pulled_in)
                if spare:
                    spared += self._system.remove_packages(sorted(spare), self._purge)
                self.outcome.told += [f"package {name} was removed and not purged: {_SPARED}" for name in spared]
        except LedgerError as error:
            for entry in due.values():
                self.outcome.fail(entry, str(error))
            return
        self.outcome.undone += [entry for name, entry in due.items() if name in free]

    def _spare(self, names: set[str]) -> set[str]:
        """Return those of some packages that can go without taking others along."""
        if not names or self._system.would_remove(sorted(names)) <= names:
            return names
        return {name for name in names if self._system.would_remove([name]) <= names}

    def _unneeded(self, due: dict[str, Entry]) -> set[str]:
        """Return the packages that nothing else on the machine depends on."""
        if self._system.would_remove(sorted(due)) <= set(due):
            return set(due)
        free = set()
        for name, entry in due.items():
            others = self._system.would_remove([name]) - set(due)
            if others:
                self.outcome.keep(entry, f"needed by {', '.join(sorted(others))}")
            else:
                free.add(name)
        return free

    def _reload(self) -> None:
        paths = [entry["subject"] for entry in self.outcome.undone if entry["kind"] == "file"]
        if self._check or not needs_reload(paths):
            return
        try:
            self._system.reload_units()
        except LedgerError as error:
            self.outcome.told.append(str(error))


def _unit_steps(earlier: Mapping[str, Any], unit: Unit, system: System) -> list[Callable[[str], None]]:
    """Return the calls that bring a unit back."""
    was_absent = earlier["state"] == "absent"
    steps: list[Callable[[str], None]] = []
    if unit.active not in _STOPPED and (was_absent or earlier["active"] in _STOPPED):
        steps.append(system.stop_unit)
    if unit.enabled == "enabled" and (was_absent or earlier["enabled"] == "disabled"):
        steps.append(system.disable_unit)
    if unit.enabled == "disabled" and not was_absent and earlier["enabled"] == "enabled":
        steps.append(system.enable_unit)
    return steps


def words(outcome: Outcome) -> list[str]:
    """Return a warning for everything that stays."""
    kept = [f"{text_of(entry)} is kept: {reason}" for entry, reason in zip(outcome.kept, outcome.reasons)]
    return kept + outcome.told
