# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that take packages, users and units back, each with a deadline."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from typing import Protocol

from .entries import LedgerError

Result = tuple[int, str]
_REMOVES = re.compile(r"^(?:Remv|Purg) (\S+)", re.MULTILINE)
# What their purge deletes isn't the role's alone: images and volumes, other people's exports, state of other mounts.
_HOLDS_DATA = re.compile(r"docker\.io|docker-ce|containerd(?:\.io)?|nfs-.+")
_APT = (
    "apt-get",
    "-y",
    "--no-auto-remove",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Dpkg::Use-Pty=0",
)


class Run(Protocol):
    """Runs a program and returns its exit status and what it printed."""

    def __call__(self, argv: Sequence[str], deadline: float) -> Result: ...


def run(argv: Sequence[str], deadline: float) -> Result:
    """Run a program.

    Raises:
        LedgerError: it is missing or late.
    """
    path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    environment = {"PATH": path, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}
    try:
        done = subprocess.run(
            list(argv),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=deadline,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LedgerError(f"{' '.join(argv)}: not done within {deadline:g} s") from error
    except OSError as error:
        raise LedgerError(f"{argv[0]}: {error.strerror}") from error
    return done.returncode, done.stdout.decode("utf-8", "replace")


class System:
    """What the operating system does for the undo."""

    def __init__(self, runner: Run = run) -> None:
        """Use a runner; tests bring their own."""
        self._run = runner

    def _must(self, argv: Sequence[str], deadline: float = 60.0) -> str:
        status, text = self._run(argv, deadline)
        if status != 0:
            raise LedgerError(f"{' '.join(argv)} ended with {status}: {' '.join(text.split())[-300:]}")
        return text

    def would_remove(self, names: Sequence[str]) -> set[str]:
        """Return the packages that removing some would take away."""
        return set(_REMOVES.findall(self._must(["apt-get", "-s", "--no-auto-remove", "remove", "--", *names])))

    def orphans(self) -> set[str]:
        """Return the packages that apt takes for no longer needed."""
        return set(_REMOVES.findall(self._must(["apt-get", "-s", "autoremove"])))

    def remove_packages(self, names: Sequence[str], purge: bool) -> list[str]:
        """Remove packages, with their configuration when asked; return those that keep it for the data that goes along.

        These go first: a purge would reach what depends on its packages as well.
        """
        spared = [name for name in names if not purge or _HOLDS_DATA.fullmatch(name)]
        purged = [name for name in names if name not in spared]
        for verb, chosen in (("remove", spared), ("purge", purged)):
            if chosen:
                self._must([*_APT, verb, "--", *chosen], 600.0)
        return spared if purge else []

    def remove_user(self, name: str) -> None:
        """Remove a user, not the home."""
        self._must(["userdel", "--", name])

    def remove_member(self, name: str, group: str) -> None:
        """Take a user out of a group."""
        self._must(["gpasswd", "-d", name, group])

    def stop_unit(self, name: str) -> None:
        """Stop a unit."""
        self._must(["systemctl", "stop", "--", name], 180.0)

    def disable_unit(self, name: str) -> None:
        """Let a unit no longer start at boot."""
        self._must(["systemctl", "disable", "--", name])

    def enable_unit(self, name: str) -> None:
        """Let a unit start at boot again."""
        self._must(["systemctl", "enable", "--", name])

    def reload_units(self) -> None:
        """Let systemd read its units again."""
        self._must(["systemctl", "daemon-reload"])


def mounts_below(text: str, path: str) -> list[str]:
    """Return the mount points at or below a path, from the text of mountinfo."""
    points = [fields[4] for fields in (line.split() for line in text.splitlines()) if len(fields) > 4]
    plain = [re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), point) for point in points]
    return [point for point in plain if point == path or point.startswith(path.rstrip("/") + "/")]
