# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few programs that reading needs (systemctl show), each with a deadline."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import Callable

from .root import Unreadable

Runner = Callable[[Sequence[str], float], str]


def run(argv: Sequence[str], deadline: float) -> str:
    """Return what a program prints.

    Raises:
        Unreadable: it is missing, fails, or is late.
    """
    done = _done(argv, deadline)
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unreadable(f"{argv[0]} ended with {done.returncode}: {reason}")
    return done.stdout.decode("utf-8", "replace")


def run_anyway(argv: Sequence[str], deadline: float) -> str:
    """Return what a program says on both channels, complaints first, however it ends: one part may fail alone.

    Raises:
        Unreadable: it is missing or late.
    """
    done = _done(argv, deadline)
    return f"{done.stderr.decode('utf-8', 'replace')}\n{done.stdout.decode('utf-8', 'replace')}"


def _done(argv: Sequence[str], deadline: float) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LC_ALL": "C", "LANG": "C"}
    try:
        return subprocess.run(
            list(argv), env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=deadline, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{argv[0]} did not answer within {deadline:g} s") from error
    except OSError as error:
        raise Unreadable(f"{argv[0]}: {error.strerror}") from error
