# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file as it is, and what becomes of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..docker.due import ConfigChange
from ..docker.errors import DaemonConfigError
from ..docker.merge import Current, Plan, make_plan
from ..docker.reader import read
from ..docker.record import Record
from ..docker.render import rendered
from ..docker.values import ABSENT, Absent, Path
from ..lean_dataclass import dataclass


@dataclass(frozen=True)
class Target:
    """The file behind the path, as it is now."""

    path: str
    raw: bytes | None

    @classmethod
    def at(cls, path: str) -> Target:
        """Read the file; a link is followed."""
        real = os.path.realpath(path)
        if os.path.isdir(real):
            raise DaemonConfigError("it is a directory; remove it (a mount of a missing file makes one)")
        try:
            with open(real, "rb") as file:
                return cls(real, file.read())
        except FileNotFoundError:
            return cls(real, None)

    def current(self) -> Current:
        """Parse the file."""
        config, places = read(self.raw or b"")
        return Current(self.text(), config, places)

    def text(self) -> str:
        """Return the content as text."""
        return (self.raw or b"").decode("utf-8")


@dataclass(frozen=True)
class Move:
    """From the file as it is to the file as it will be; ABSENT stands for no file."""

    target: Target
    plan: Plan
    text: str | Absent
    final: bool

    @property
    def changed(self) -> bool:
        """True when the file must be written or deleted."""
        return self.text != (ABSENT if self.target.raw is None else self.target.text())

    def note(self, backup: str) -> ConfigChange:
        """Return the note for the engine."""
        data = b"" if isinstance(self.text, Absent) else self.text.encode("utf-8")
        return ConfigChange(
            restart_keys=self.plan.restart_keys,
            reload_keys=self.plan.reload_keys,
            path=self.target.path,
            backup=backup,
            absent_before=self.target.raw is None,
            digest=hashlib.sha256(data).hexdigest() if data else "",
        )


def planned(target: Target, settings: Mapping[str, Any], remove: Sequence[Path], owned: Record | None) -> Move:
    """Merge, and decide on the new text; an owner that lets go of everything leaves the file as it found it."""
    current = target.current()
    plan = make_plan(current, settings, remove, owned.leaves if owned else ())
    final = owned is not None and not plan.leaves
    text: str | Absent | None = owned.text_after(plan.config) if owned and final else None
    if text is None:
        text = rendered(plan.config, current.text) if plan.changed else ABSENT if target.raw is None else current.text
    return Move(target, plan, text, final)
