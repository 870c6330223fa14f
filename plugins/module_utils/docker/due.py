# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine still has to take over from the disk, and whether it may restart for it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..lean_dataclass import dataclass

NONE = "none"
START = "start"
RELOAD = "reload"
RESTART = "restart"

NODE_LABEL = "created_by.minikube.sigs.k8s.io"


@dataclass(frozen=True)
class ConfigChange:
    """One write of daemon.json: the keys, the copy of the earlier file, the hash of the new one."""

    restart_keys: tuple[str, ...]
    reload_keys: tuple[str, ...]
    path: str
    backup: str
    absent_before: bool
    digest: str


@dataclass(frozen=True)
class Pending:
    """Changes made on the disk since some moment, and the way back to the earlier configuration."""

    restart_keys: tuple[str, ...] = ()
    reload_keys: tuple[str, ...] = ()
    changed_at: float = 0.0
    path: str = ""
    backup: str = ""
    absent_before: bool = False
    digest: str = ""
    programs: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def open_since(self, started: float | None) -> Pending:
        """Return what an engine that started at this time has not taken over; its way back ends at the start."""
        return Pending(programs=self.programs) if started is not None and self.changed_at <= started else self

    def with_config(self, change: ConfigChange, at: float) -> Pending:
        """Add a change of daemon.json; the first backup stays the way back."""
        first = not (self.restart_keys or self.reload_keys)
        return replace(
            self,
            restart_keys=joined(self.restart_keys, change.restart_keys),
            reload_keys=joined(self.reload_keys, change.reload_keys),
            changed_at=at,
            path=change.path,
            backup=change.backup if first else self.backup,
            absent_before=change.absent_before if first else self.absent_before,
            digest=change.digest,
        )

    def with_programs(self, programs: Iterable[str]) -> Pending:
        """Add programs that the engine looks for at its start and that are missing now."""
        return replace(self, programs=joined(self.programs, programs))

    def with_reasons(self, reasons: Iterable[str], at: float) -> Pending:
        """Add reasons for a restart that are no keys of daemon.json."""
        return replace(self, reasons=joined(self.reasons, reasons), changed_at=at)

    def reloaded(self) -> Pending:
        """Return what is left after a reload that stands in for a restart which isn't allowed now."""
        return replace(self, reload_keys=())

    def to_data(self) -> dict[str, Any]:
        """Return plain data for the note on the disk."""
        return {
            "restart_keys": list(self.restart_keys),
            "reload_keys": list(self.reload_keys),
            "changed_at": self.changed_at,
            "path": self.path,
            "backup": self.backup,
            "absent_before": self.absent_before,
            "digest": self.digest,
            "programs": list(self.programs),
            "reasons": list(self.reasons),
        }

    @classmethod
    def from_data(cls, data: Any) -> Pending:
        """Read a note; one of an unknown shape counts as none."""
        if not isinstance(data, Mapping):
            return cls()
        at = data.get("changed_at")
        return cls(
            restart_keys=joined((), data.get("restart_keys") or ()),
            reload_keys=joined((), data.get("reload_keys") or ()),
            changed_at=float(at) if isinstance(at, (int, float)) else 0.0,
            path=str(data.get("path") or ""),
            backup=str(data.get("backup") or ""),
            absent_before=data.get("absent_before") is True,
            digest=str(data.get("digest") or ""),
            programs=joined((), data.get("programs") or ()),
            reasons=joined((), data.get("reasons") or ()),
        )


@dataclass(frozen=True)
class Engine:
    """The engine as it is: running or not, since when, and which containers run in it."""

    active: bool
    started_at: float | None = None
    containers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Due:
    """What is to be done to the engine, and why."""

    kind: str = NONE
    reasons: tuple[str, ...] = ()


def joined(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Return the texts of both without repetition, in their order."""
    return tuple(dict.fromkeys(str(text) for text in (*one, *other)))


def decide(engine: Engine, pending: Pending, installed: Mapping[str, float | None], lacking: Sequence[str] = ()) -> Due:
    """Compare the engine with what is on the disk.

    Args:
        engine: whether it runs, and since when.
        pending: what was changed on the disk.
        installed: programs and the time at which they appeared.
        lacking: what of daemon.json a reload brings and the engine lacks, whoever changed it.
    """
    if not engine.active:
        return Due(START, ("the engine does not run",))
    started = engine.started_at or 0.0
    new = [name for name in pending.programs if (installed.get(name) or 0.0) > started]
    reasons = tuple(f"{name} was installed after the engine had started" for name in new)
    if pending.changed_at <= started:
        return Due(RESTART, reasons) if reasons else _reload((), lacking)
    reasons += pending.reasons
    reasons += tuple(f"{key} in daemon.json is read at start only" for key in pending.restart_keys)
    if reasons:
        return Due(RESTART, reasons)
    return _reload(pending.reload_keys, lacking)


def _reload(keys: Sequence[str], lacking: Sequence[str]) -> Due:
    reasons = tuple(f"{key} in daemon.json changed" for key in keys)
    reasons += tuple(f"the engine lacks {thing} of daemon.json" for thing in lacking)
    return Due(RELOAD, reasons) if reasons else Due()


def allowed(policy: str, due: Due, containers: Sequence[str]) -> bool:
    """A reload or start harms nobody; a restart stops every container, so the policy decides."""
    if due.kind != RESTART:
        return True
    return policy == "always" or (policy == "when_idle" and not containers)


def instead(due: Due, may: bool, reloadable: bool) -> str:
    """Return what to do now; a reload at least brings its part where a restart isn't allowed."""
    if may:
        return due.kind
    return RELOAD if reloadable else NONE


def still_missing(pending: Pending, installed: Mapping[str, float | None]) -> tuple[str, ...]:
    """Return the noted programs that are not there yet: their note outlives a restart."""
    return tuple(name for name in pending.programs if installed.get(name) is None)


def container_names(listing: Any) -> tuple[str, ...]:
    """Return the names in an answer to GET /containers/json; a minikube node says what it is."""
    names = []
    for entry in listing if isinstance(listing, list) else []:
        first = (entry.get("Names") or [entry.get("Id", "")[:12]])[0].lstrip("/")
        node = (entry.get("Labels") or {}).get(NODE_LABEL) == "true"
        names.append(f"{first} (minikube node)" if node else first)
    return tuple(sorted(names))


def not_taken_over(info: Any, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an answer to GET /info lacks of the runtimes in daemon.json."""
    known = info.get("Runtimes") if isinstance(info, Mapping) else None
    known = known if isinstance(known, Mapping) else {}
    wanted = config.get("runtimes")
    missing = [f"runtime {name}" for name in (wanted if isinstance(wanted, Mapping) else {}) if name not in known]
    default = config.get("default-runtime")
    if default and isinstance(info, Mapping) and info.get("DefaultRuntime") != default:
        missing.append(f"default runtime {default}")
    return tuple(missing)


def complaints(journal: Sequence[str]) -> str:
    """Return what the end of a journal complains about: neither the daemon's chatter nor systemd's."""
    noise = ("level=info", "level=debug", "Starting ", "Stopping ", "Stopped ", "docker.service: Deactivated")
    return " | ".join(line for line in journal if not any(word in line for word in noise))
