# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain processes of the lab: started with a record in the run folder, found and ended by that record alone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from . import config

PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")


class LabError(Exception):
    """Something of the lab does not work; the message says what to do."""


@dataclass(frozen=True)
class Process:
    """A process that we started. Ids are reused within minutes, so the start time belongs to the identity."""

    name: str
    pid: int
    started: int  # clock ticks since boot, field 22 of /proc/PID/stat
    marker: str  # a part of its command line

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; a zombie doesn't."""
        if stat(self.pid) != ("live", self.started):
            return False
        line = command_line(self.pid)
        return not line or self.marker in line  # empty for a moment while it executes another program


def stat(pid: int) -> tuple[str, int] | None:
    """("live" or "dead", start time) of a process id; None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rsplit(")", 1)[1].split()  # the name in front may contain anything
    return ("dead" if fields[0] in "ZX" else "live", int(fields[19]))


def command_line(pid: int) -> str:
    """The arguments of a process, separated by spaces."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without proxies: everything that the lab talks to is on its own bridge."""
    own = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    return {**own, **(extra or {})}


def record_path(name: str) -> Path:
    """Where the record of a process is kept."""
    return config.RUN_DIR / f"{name}.process"


def log_path(name: str) -> Path:
    """Where its output goes."""
    return config.RUN_DIR / "log" / f"{name}.log"


def find(name: str) -> Process | None:
    """The running process of that name."""
    try:
        process = Process(**json.loads(record_path(name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return process if process.alive else None


def start(name: str, command: Sequence[str], marker: str, extra: Mapping[str, str] | None = None) -> Process:
    """Starts a process in a session of its own, with its output in the run folder's log."""
    running = find(name)
    if running:
        return running
    log_path(name).parent.mkdir(parents=True, exist_ok=True)
    with log_path(name).open("ab") as log:
        child = subprocess.Popen(
            command,
            cwd=config.REPOSITORY,
            env=environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    found = stat(child.pid)
    process = Process(name, child.pid, found[1] if found else 0, marker)
    record_path(name).write_text(json.dumps(asdict(process)), encoding="utf-8")
    return process


def stop(name: str, patience: float = 20.0) -> bool:
    """Ends a process and waits for it, with SIGKILL at last; whether there was one."""
    process = find(name)
    if process is not None:
        for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, sign)
            if wait_until(lambda: not _alive_or_reap(process), seconds):
                break
    record_path(name).unlink(missing_ok=True)
    return process is not None


def _alive_or_reap(process: Process) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)  # ours, when this program started it
    return process.alive


def wait_until(condition: Callable[[], object], seconds: float, step: float = 0.1) -> bool:
    """Asks until the condition holds or the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def tail(name: str, lines: int = 15) -> str:
    """The end of a process's log."""
    try:
        return "\n".join(log_path(name).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
