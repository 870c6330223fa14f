# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads whether the agent polls, from the log that it keeps in its home, and which files are newer than it is."""

from __future__ import annotations

import os
import re
import stat
import time

from ..node.agent_says import last_words
from ..node.observed.agent import PollingSeen
from ..node.observed.shared import Unit
from ..node.wanted.agent import AgentWanted
from .root import Root

LOG = "wandb/latest-run/logs/debug.log"
OUTPUT = "wandb/latest-run/files/output.log"
_TAIL = 1 << 18
_SLACK = 1.0  # seconds; the log has whole ones
# 2026-11-26 09:55:55,001 INFO    MainThread:9635 [...] agent agent-1 polling on queues q, running 0 out of a maximum
_SAYS = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d),\d+ +INFO +\w+:(\d+) .*agent .*running \d+ out of a maximum of",
    re.MULTILINE,
)


def polling(root: Root, unit: Unit, home: str) -> PollingSeen:
    """Return what the log of this start says; systemd's word for a start is the unit's."""
    now, start = time.time(), started(unit)
    said = None
    halted = False
    for match in _SAYS.finditer(_tail(root, os.path.join(home, LOG))[0]):
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        at = time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
        if at >= start - _SLACK:
            said, halted = max(now - at, 0.0), _halted(root, match.group(7))
    text, written = _tail(root, os.path.join(home, OUTPUT))
    error = last_words(text) if written >= start - _SLACK else ""
    return PollingSeen(now - start, said, error, halted)


def started(unit: Unit) -> float:
    """Return when a unit became active, by the clock on the wall."""
    return time.time() - (time.monotonic() - unit.started_at)


def newer(root: Root, unit: Unit, wanted: AgentWanted) -> tuple[str, ...]:
    """Return the files that the agent has read at its start and that were written since."""
    start, now = started(unit), time.time()
    found = []
    for path in (wanted.unit_path, wanted.config_path, wanted.netrc, wanted.kubeconfig, wanted.marker):
        try:
            written = os.lstat(root.path(path)).st_mtime
        except OSError:
            continue  # that it is not there is another finding
        if start + _SLACK < written <= now:  # a clock that was set back makes times of the future
            found.append(path)
    return tuple(found)


def _halted(root: Root, process: str) -> bool:
    """Return whether a signal has stopped a process: it can't even notice that it does nothing."""
    text = root.read(f"/proc/{process}/stat") or ""
    return text.rpartition(")")[2].split()[:1] == ["T"]


def _tail(root: Root, path: str) -> tuple[str, float]:
    """Return the end of a file's text and when it was written, nothing where it is no regular file."""
    try:
        descriptor = os.open(root.path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return "", 0.0
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return "", 0.0
        os.lseek(descriptor, max(about.st_size - _TAIL, 0), os.SEEK_SET)
        return os.read(descriptor, _TAIL).decode("utf-8", "replace"), about.st_mtime
    finally:
        os.close(descriptor)
