# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's systemd unit; every call has a deadline."""

from __future__ import annotations

import glob
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Callable

Runner = Callable[[Sequence[str], float], tuple[int, str]]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def run_bounded(command: Sequence[str], deadline: float) -> tuple[int, str]:
    """Run a program; return its status and its output, 124 when it was late, 127 when it isn't there."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=deadline,
            env=ENVIRONMENT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, f"{' '.join(command)} took longer than {deadline:g} s"
    except OSError as error:
        return 127, str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace")


class Unit:
    """One unit and the few things that are done to it."""

    def __init__(
        self, name: str, deadline: float = 90.0, run: Runner = run_bounded, units: str = "/etc/systemd/system"
    ) -> None:
        """Remember the unit; `run` and the folder of units are replaced in tests."""
        self.name = name
        self._deadline = deadline
        self._run = run
        self._units = units

    def show(self, *properties: str) -> Mapping[str, str]:
        """Return properties of the unit; empty where systemd doesn't answer."""
        status, text = self._run(["systemctl", "show", self.name, f"--property={','.join(properties)}"], 10.0)
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line) if status == 0 else {}

    def running_since(self) -> tuple[bool, float | None]:
        """Return whether the unit runs, and when its main process started."""
        facts = self.show("ActiveState", "MainPID")
        if facts.get("ActiveState") not in ("active", "reloading"):
            return False, None
        return True, process_start(int(facts.get("MainPID") or "0"))

    def change(self, verb: str) -> tuple[bool, str]:
        """Start, restart or reload; reads a changed drop-in first, and clears a start counter used up by failures."""
        if verb != "reload":
            if self._stale():
                self._run(["systemctl", "daemon-reload"], self._deadline)
            self._run(["systemctl", "reset-failed", self.name, self.name.replace(".service", ".socket")], 10.0)
        status, text = self._run(["systemctl", verb, self.name], self._deadline)
        return status == 0, text.strip()

    def _stale(self) -> bool:
        """Return whether systemd has not read a drop-in yet; older releases overlook one in a new folder.

        Not just read always: containers that survive a restart may lose their GPUs by it.
        """
        facts = self.show("NeedDaemonReload", "DropInPaths")
        loaded = facts.get("DropInPaths", "").split()
        there = glob.glob(f"{self._units}/{self.name}.d/*.conf")
        return facts.get("NeedDaemonReload") == "yes" or any(path not in loaded for path in there)

    def last_words(self, lines: int = 15) -> list[str]:
        """Return the end of the unit's journal."""
        command = ["journalctl", f"--unit={self.name}", f"--lines={lines}", "--no-pager", "--output=cat", "--quiet"]
        status, text = self._run(command, 10.0)
        return text.splitlines() if status == 0 else []


def process_start(pid: int, proc: str = "/proc") -> float | None:
    """Return when a process started, in seconds of the epoch."""
    try:
        with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            ticks = int(stat.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None
    since_boot = ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot)


def appeared_at(path: str) -> float | None:
    """Return when a file got its name here, None when it isn't there; packages keep old modification times."""
    try:
        return os.stat(path).st_ctime
    except OSError:
        return None
