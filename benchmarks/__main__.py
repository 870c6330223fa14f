# SPDX-License-Identifier: GPL-3.0-or-later
"""Time what people run again and again, on the converged lab host that `make demo` leaves.

Usage: python3 -m benchmarks [ROUNDS]

Each round runs every case once, so that a busy moment of this machine hits all of them alike; the minimum over the
rounds and its ratio to an empty playbook are what counts. The table goes to the screen and to
docs/build/benchmarks.md.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import config

HERE = Path(__file__).resolve().parent
ROUNDS = 5


@dataclass
class Case:
    """One command line of ansible-playbook, and whether it is meant to end well."""

    name: str
    arguments: Sequence[str]
    succeeds: bool = True
    seconds: list[float] = field(default_factory=list)
    modules: dict[str, int] = field(default_factory=dict)


def cases() -> list[Case]:
    """What is measured; the first is the measure of the others."""
    return [
        Case("empty playbook", ["benchmarks/playbooks/empty.yml"]),
        Case("one module (ping)", ["benchmarks/playbooks/ping.yml"]),
        Case("site.yml, nothing to do", ["site.yml"]),
        Case("site.yml --check, nothing to do", ["site.yml", "--check"]),
        Case("site.yml, refused (too much memory)", ["site.yml", "-e", "minikube_gpu_memory_mib=9000000"], False),
    ]


def measure(case: Case) -> None:
    """Run a case once.

    Raises:
        SystemExit: it changed something or ended otherwise than expected, so its time would mean nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "modules.json"
        environment = {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "remote_modules",
            "ANSIBLE_NOCOLOR": "1",
            "REMOTE_MODULES_FILE": str(counts),
        }
        command = ["ansible-playbook", "-i", str(config.inventory_dir()), *case.arguments]
        began = time.monotonic()
        done = subprocess.run(
            command, cwd=config.REPOSITORY, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        seconds = time.monotonic() - began
        changed = [line for line in done.stdout.splitlines() if "changed=" in line and "changed=0" not in line]
        if (done.returncode == 0) is not case.succeeds or changed:
            said = f"{done.stdout}{done.stderr}"
            raise SystemExit(f"benchmarks: {case.name} is no measure, rc {done.returncode}:\n{said}")
        case.seconds.append(seconds)
        case.modules = json.loads(counts.read_text(encoding="utf-8"))


def table(measured: Sequence[Case]) -> str:
    """The result as Markdown."""
    base = min(measured[0].seconds)
    lines = ["| run | min s | median s | ratio of the minima | modules on the host |", f"|{' --- |' * 5}"]
    for case in measured:
        least, middle = min(case.seconds), statistics.median(case.seconds)
        parts = ", ".join(f"{role} {count}" for role, count in sorted(case.modules.items()))
        reached = f"{sum(case.modules.values())}" + (f" ({parts})" if len(case.modules) > 1 else "")
        lines.append(f"| {case.name} | {least:.2f} | {middle:.2f} | {least / base:.1f} | {reached} |")
    return "\n".join(lines)


def main(rounds: int) -> int:
    """Measure and print."""
    measured = cases()
    for number in range(rounds):
        for case in measured:
            measure(case)
            print(f"benchmarks: round {number + 1}/{rounds}: {case.name} {case.seconds[-1]:.2f} s", flush=True)
    text = f"Rounds: {rounds}, interleaved; one lab host, docker connection, pipelining.\n\n{table(measured)}\n"
    target = config.REPOSITORY / "docs/build/benchmarks.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"\n{text}\nbenchmarks: {target.relative_to(config.REPOSITORY)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
