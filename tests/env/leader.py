# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program, and pass a request to end on to everything in its session.

Usage: python3 leader.py PROGRAM [ARGUMENT ...], as the first process of a session. The kernel's signal for a parent
that died reaches one process only, and Molecule, for one, ends without a word to the Ansible that it has started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import FrameType


def pass_on(number: int, dummy: FrameType | None) -> None:
    """Ask the whole group, and heed no echo of it."""
    signal.signal(number, signal.SIG_IGN)
    os.killpg(0, number)


def main(command: list[str]) -> int:
    """Return the program's exit status, or 128 and the signal that ended it."""
    program = subprocess.Popen(command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # sent to the whole group by who asks: the program decides
    signal.signal(signal.SIGTERM, pass_on)
    status = program.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
