# SPDX-License-Identifier: GPL-3.0-or-later
"""Run make targets one after the other, then print what each took against its budget.

Usage: python3 -m tests.env.stages TARGET:MINUTES ...  Standard library only, since setup is a stage too.
A failed stage doesn't stop the ones that don't need it: one run tells everything that is broken.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass

NEEDS = {"molecule": ("lab",), "system": ("lab",)}  # everything needs setup


@dataclass(frozen=True)
class Stage:
    """One make target and the minutes it may take."""

    name: str
    budget: float

    @classmethod
    def parse(cls, text: str) -> Stage:
        """Read TARGET:MINUTES."""
        name, _, minutes = text.partition(":")
        return cls(name, float(minutes or 5))


@dataclass(frozen=True)
class Outcome:
    """What became of a stage: passed, failed or not run."""

    stage: Stage
    state: str
    seconds: float = 0.0


def clock(seconds: float) -> str:
    """Write seconds as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def table(outcomes: list[Outcome]) -> str:
    """Return the budget table."""
    lines = [f"{'stage':<14}{'took':>8}{'budget':>9}  result"]
    for outcome in outcomes:
        over = outcome.seconds > outcome.stage.budget * 60
        note = f"{outcome.state}, over its budget" if over else outcome.state
        allowed = clock(outcome.stage.budget * 60)
        lines.append(f"{outcome.stage.name:<14}{clock(outcome.seconds):>8}{allowed:>9}  {note}")
    took, budget = sum(o.seconds for o in outcomes), sum(o.stage.budget for o in outcomes) * 60
    lines.append(f"{'total':<14}{clock(took):>8}{clock(budget):>9}")
    return "\n".join(lines)


def make(name: str) -> bool:
    """Run one make target; its output goes through."""
    return subprocess.run(["make", "--no-print-directory", name], check=False).returncode == 0


def run(stages: list[Stage]) -> list[Outcome]:
    """Run the stages in order; leave out those whose needs failed."""
    outcomes: list[Outcome] = []
    broken: set[str] = set()
    for stage in stages:
        if broken.intersection({"setup", *NEEDS.get(stage.name, ())}):
            broken.add(stage.name)
            outcomes.append(Outcome(stage, "not run"))
            continue
        print(f"\n=== {stage.name} (budget {clock(stage.budget * 60)})", flush=True)
        began = time.monotonic()
        passed = make(stage.name)
        seconds = time.monotonic() - began
        outcomes.append(Outcome(stage, "passed" if passed else "failed", seconds))
        print(f"=== {stage.name}: {outcomes[-1].state} after {clock(seconds)}", flush=True)
        if not passed:
            broken.add(stage.name)
    return outcomes


def main(arguments: list[str]) -> int:
    """Run all stages and close with a line that CI reads."""
    outcomes = run([Stage.parse(text) for text in arguments])
    failed = sum(outcome.state != "passed" for outcome in outcomes)
    print(f"\n{table(outcomes)}\n\n{len(outcomes) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
