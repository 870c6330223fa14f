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
    environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LC_ALL": "C", "LANG": "C"}
    try:
        done = subprocess.run(
            list(argv), env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=deadline, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{argv[0]} did not answer within {deadline:g} s") from error
    except OSError as error:
        raise Unreadable(f"{argv[0]}: {error.strerror}") from error
    if done.returncode != 0:
        raise Unreadable(
            f"{argv[0]} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace').strip()[:200]}"
        )
    return done.stdout.decode("utf-8", "replace")
