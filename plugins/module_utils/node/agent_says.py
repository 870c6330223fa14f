# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an agent that runs is dead, by its own words. The role installs this very file beside its health check."""

from __future__ import annotations

import re

# wandb: launch: agent agent-1 polling on queues q, running 0 out of a maximum of 4 jobs
_POLLS = re.compile(r"agent .*(polling on|running \d+ out of a maximum of)")
_LONGEST = 200


def last_words(output: str) -> str:
    """Return the error that an agent ended with, empty where it has said since that it polls.

    An agent that has lost its server says so in a line that starts with Error, and then winds up for as long as the
    server is away. What else it prints meanwhile (traces, the summary of its own run) is no sign of life.
    """
    error = ""
    for line in output.splitlines():
        text = line.strip()
        if text.startswith("Error:"):
            error = text[:_LONGEST]
        elif _POLLS.search(text):
            error = ""
    return error
