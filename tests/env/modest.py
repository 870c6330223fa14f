# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program on what processor time the others leave over.

Usage: python3 modest.py PROGRAM [ARGUMENT ...], in a session of its own. Where the kernel shares the processors among
sessions first (sched_autogroup), `nice` alone counts only within one: the session is made modest as well.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

NICENESS = 10
SESSION = Path("/proc/self/autogroup")


def main(command: list[str]) -> None:
    """Become that program."""
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # a kernel without it knows processes only
        SESSION.write_text(str(NICENESS), encoding="ascii")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
