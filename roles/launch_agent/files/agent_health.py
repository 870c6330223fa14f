# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a Launch agent that runs and does not poll any more; systemd then starts it anew. Runs as the agent's own user.

Usage: agent_health.py UNIT HOME

It ends one process, the unit's main one. What that leaves in the unit's control group (wandb-core ignores SIGTERM) is
for systemd to kill, and Jobs in the cluster are nobody's children: they run on. Exit status 0, whatever it did.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from agent_says import last_words

OUTPUT = "wandb/latest-run/files/output.log"
PROC = Path("/proc")
TAIL = 1 << 18
PATIENCE = 10.0  # seconds between SIGTERM and SIGKILL
SLACK = 1.0  # seconds; clocks of files are coarse


def main_process(proc: Path, unit: str) -> int:
    """Return the process of the unit that is the agent and nobody's child in it, 0 where none runs."""
    group = {int(path.name): path for path in proc.iterdir() if path.name.isdigit() and _in_unit(path, unit)}
    for number, path in sorted(group.items()):
        words = _read(path / "cmdline").split(b"\0")
        if b"launch-agent" in words and int(_stat(path)[1]) not in group:
            return number
    return 0


def started(proc: Path, process: int) -> float:
    """Return when a process started, by the clock on the wall; 0.0 where it is gone."""
    fields = _stat(proc / str(process))
    if len(fields) < 20:
        return 0.0
    running = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - running


def death(home: Path, start: float) -> str:
    """Return the error that the agent of this start has ended with, empty while it polls or has yet to say anything."""
    try:
        with open(home / OUTPUT, "rb") as file:
            about = os.fstat(file.fileno())
            if about.st_mtime < start - SLACK:
                return ""  # the words of the agent before
            file.seek(max(about.st_size - TAIL, 0))
            return last_words(file.read(TAIL).decode("utf-8", "replace"))
    except OSError:
        return ""


def end(proc: Path, process: int) -> str:
    """End a process that may ignore a polite request; return how that went."""
    begun, until = _stat(proc / str(process))[19:20], time.monotonic() + PATIENCE
    os.kill(process, signal.SIGTERM)
    while time.monotonic() < until:
        if _stat(proc / str(process))[19:20] != begun:
            return "it ended"
        time.sleep(0.2)
    os.kill(process, signal.SIGKILL)
    return "it ignored SIGTERM and was killed"


def main(unit: str, home: str, proc: Path = PROC) -> None:
    """Look once."""
    process = main_process(proc, unit)
    words = death(Path(home), started(proc, process)) if process else ""
    if not words:
        return
    print(f"{unit} is active and does not poll; its last words are: {words}", flush=True)
    try:
        how = end(proc, process)
    except ProcessLookupError:
        how = "it ended by itself meanwhile"
    print(f"process {process}: {how}; systemd starts the agent anew, and its Jobs run on", flush=True)


def _in_unit(path: Path, unit: str) -> bool:
    groups = _read(path / "cgroup").decode("utf-8", "replace").splitlines()
    return any(group.endswith(f"/{unit}") for group in groups) and _mine(path)


def _mine(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _stat(path: Path) -> list[str]:
    """Return what follows a process's name: state, parent, ...; nothing where it is gone or a zombie."""
    fields = _read(path / "stat").decode("utf-8", "replace").rpartition(")")[2].split()
    return [] if fields[:1] in ([], ["Z"], ["X"]) else fields


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile
        return b""


if __name__ == "__main__":
    main(*sys.argv[1:3])
