# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: UP045 - the converter evaluates these annotations, and Python 3.9 knows no X | None there
"""Shapes that several components are made of."""

from __future__ import annotations

from typing import Optional

from ...lean_dataclass import dataclass


@dataclass(frozen=True)
class Unit:
    """A systemd unit as systemctl shows it.

    Attributes:
        result: why it ended, as in start-limit-hit; success while all is well.
        started_at: when it became active, in seconds since the boot; 0 when it never did.
        changed_at: when its state last changed, a reload included, on the same clock.
        invocation: id of this start, by which the journal knows it.
        need_reload: a file of it is newer than what systemd has read.
        restarts: how often systemd has restarted it by itself.
        environment: names of the variables in its own files, never their values.
        flags: options on its command line, without their values.
        pid: of its main process; 0 where none runs.
    """

    load: str = "not-found"
    active: str = "inactive"
    sub: str = ""
    enabled: str = ""
    result: str = ""
    started_at: float = 0.0
    changed_at: float = 0.0
    invocation: str = ""
    need_reload: bool = False
    restarts: int = 0
    environment: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    pid: int = 0

    @property
    def stopped(self) -> bool:
        """Whether it is there and does not run."""
        return self.load == "loaded" and self.active in ("inactive", "failed")


@dataclass(frozen=True)
class FileSeen:
    """What is at a path; of a file whose content matters, its hash.

    Attributes:
        kind: absent, file, directory, link or other.
        mode: permission bits as four octal digits, such as 0644.
        sha256: of a regular file that was to be hashed, else None.
    """

    kind: str = "absent"
    mode: Optional[str] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    sha256: Optional[str] = None
