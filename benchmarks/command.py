# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one command line: how long it took, how much CPU it used, whether it changed something."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import paths

PATIENCE_S = 1800.0
RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a command."""

    status: int
    output: str
    messages: str
    seconds: float
    cpu: float


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(line: Sequence[str], environment: Mapping[str, str]) -> Outcome:
    """Run it at the top of the repository; only one at a time, for CPU is read as a difference."""
    before, began = _cpu(), time.monotonic()
    done = subprocess.run(
        line, cwd=paths.REPOSITORY, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr, time.monotonic() - began, _cpu() - before)


def ansible_changes(output: str) -> list[str]:
    """Hosts of a play recap that were changed."""
    return [host for host, changed in RECAP.findall(output) if changed != "0"]


def pyinfra_changes(output: str) -> list[str]:
    """Operations that changed something, were predicted to, or failed, in the JSON of a run or of a dry run."""
    found = json.loads(output)
    planned = [one["name"] for one in found["plan"] if one["hosts_with_change"]]
    done = (found.get("results") or {}).get("operations", [])
    return planned + [one["name"] for one in done if one["success"] or one["error"]]
