# SPDX-License-Identifier: GPL-3.0-or-later
"""Run make targets, then print what each took against its budget.

Usage: python3 -m tests.env.stages TARGET:MINUTES ... [-- TARGET:MINUTES ...] ...

Stages run one after the other; after the first --, each further list is a lane of its own, and the lanes run side by
side: most of the lab's time is waiting. The first lane's output goes through, that of the others is shown stage by
stage.
Standard library only, since setup is a stage too. A failed stage doesn't stop the ones that don't need it: one run
tells everything that is broken.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Callable

NEEDS = {"molecule": ("lab",), "system": ("lab",), "faults": ("lab",)}  # everything needs setup
PRINTING = threading.Lock()


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


def table(outcomes: list[Outcome], seconds: float, budget: float) -> str:
    """Return the budget table; its last line is the time on the clock, which lanes share, and the minutes for all."""
    lines = [f"{'stage':<14}{'took':>8}{'budget':>9}  result"]
    for outcome in outcomes:
        over = outcome.seconds > outcome.stage.budget * 60
        note = f"{outcome.state}, over its budget" if over else outcome.state
        allowed = clock(outcome.stage.budget * 60)
        lines.append(f"{outcome.stage.name:<14}{clock(outcome.seconds):>8}{allowed:>9}  {note}")
    lines.append(f"{'in all':<14}{clock(seconds):>8}{clock(budget * 60):>9}")
    return "\n".join(lines)


def make(name: str) -> bool:
    """Run one make target; its output goes through."""
    return subprocess.run(["make", "--no-print-directory", name], check=False).returncode == 0


def make_quietly(name: str) -> bool:
    """Run one make target beside others; its output is shown as a whole when it ends."""
    command = ["make", "--no-print-directory", name]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with PRINTING:
        print(f"\n=== {name}, which ran beside the others:", flush=True)
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.flush()
    return done.returncode == 0


@dataclass
class Lane:
    """Stages that run one after the other."""

    stages: list[Stage]
    make: Callable[[str], bool]
    broken: set[str] = field(default_factory=set)

    def run(self) -> list[Outcome]:
        """Run them; leave out those whose needs failed."""
        return [self._one(stage) for stage in self.stages]

    def _one(self, stage: Stage) -> Outcome:
        if self.broken.intersection({"setup", *NEEDS.get(stage.name, ())}):
            self.broken.add(stage.name)
            return Outcome(stage, "not run")
        with PRINTING:
            print(f"\n=== {stage.name} (budget {clock(stage.budget * 60)})", flush=True)
        began = time.monotonic()
        passed = self.make(stage.name)
        outcome = Outcome(stage, "passed" if passed else "failed", time.monotonic() - began)
        with PRINTING:
            print(f"=== {stage.name}: {outcome.state} after {clock(outcome.seconds)}", flush=True)
        if not passed:
            self.broken.add(stage.name)
        return outcome


def lanes_of(arguments: list[str]) -> list[list[Stage]]:
    """Split the command line at each --."""
    lanes: list[list[Stage]] = [[]]
    for text in arguments:
        if text == "--":
            lanes.append([])
        else:
            lanes[-1].append(Stage.parse(text))
    return lanes


def minutes(lanes: list[list[Stage]]) -> float:
    """The budget on the clock: the first list, then the longest of the lanes beside each other."""
    first, *rest = [sum(stage.budget for stage in lane) for lane in lanes]
    return first + max(rest, default=0.0)


def run(lanes: list[list[Stage]]) -> list[Outcome]:
    """Run the first list alone, then the others side by side."""
    first = Lane(lanes[0], make)
    outcomes = first.run()
    rest = [
        Lane(stages, make_quietly if number else make, set(first.broken)) for number, stages in enumerate(lanes[1:])
    ]
    with ThreadPoolExecutor(max_workers=max(1, len(rest))) as pool:
        for ended in [pool.submit(lane.run) for lane in rest]:
            outcomes += ended.result()
    return outcomes


def main(arguments: list[str]) -> int:
    """Run all stages and close with a line that CI reads."""
    began = time.monotonic()
    lanes = lanes_of(arguments)
    outcomes = run(lanes)
    failed = sum(outcome.state != "passed" for outcome in outcomes)
    print(f"\n{table(outcomes, time.monotonic() - began, minutes(lanes))}")
    print(f"\n{len(outcomes) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
