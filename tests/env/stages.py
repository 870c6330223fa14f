# SPDX-License-Identifier: GPL-3.0-or-later
"""Run make targets, then print what each took against its budget.

Usage: python3 -m tests.env.stages TARGET:MINUTES ... [-- TARGET:MINUTES ...] ... [== TARGET:MINUTES ...] ...

Stages run one after the other; -- begins a lane that runs beside those before it: most of the lab's time is waiting.
== waits for all of them; what follows has the machine for itself. A stage also waits for what it needs, in whatever
lane that is. The first lane's output goes through, that of the others is shown stage by stage.
Standard library only, since setup is a stage too. A failed stage doesn't stop the ones that don't need it: one run
tells everything that is broken.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Callable

from .children import Children, Ended, listen

# Everything needs setup.
NEEDS = dict.fromkeys(("molecule", "system", "lifecycle", "faults", "launch", "bench"), ("lab",))
PRINTING = threading.Lock()
CHILDREN = Children(patience=300)  # a stage takes its lab hosts away before it ends


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

    @property
    def needs(self) -> tuple[str, ...]:
        """The stages without which this one makes no sense."""
        return () if self.name == "setup" else ("setup", *NEEDS.get(self.name, ()))


@dataclass(frozen=True)
class Outcome:
    """What became of a stage: passed, failed or not run."""

    stage: Stage
    state: str
    seconds: float = 0.0


Group = list[list[Stage]]  # lanes that run side by side


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
    return CHILDREN.run(["make", "--no-print-directory", name])


def make_quietly(name: str) -> bool:
    """Run one make target beside others; its output is shown as a whole when it ends.

    What doesn't wait for lab hosts is modest. Only within its session, where the kernel shares the processors among
    sessions first (sched_autogroup), and that is well: a modest session starved until the lab was done, and all of it
    took longer.
    """
    modest = [] if "lab" in NEEDS.get(name, ()) else ["nice", "-n", "10"]
    with tempfile.TemporaryFile() as output:
        passed = CHILDREN.run([*modest, "make", "--no-print-directory", name], output=output)
        output.seek(0)
        with PRINTING:
            print(f"\n=== {name}, which ran beside the others:", flush=True)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
    return passed


@dataclass
class Board:
    """What has become of the stages so far, for those that wait for them."""

    states: dict[str, str] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, outcome: Outcome) -> None:
        """Keep an outcome, and wake up who waits."""
        with self.news:
            self.states[outcome.stage.name] = outcome.state
            self.news.notify_all()

    def wait(self, needs: list[str]) -> bool:
        """Wait until all of them have ended; whether they have passed."""
        with self.news:
            self.news.wait_for(lambda: all(name in self.states for name in needs))
            return all(self.states[name] == "passed" for name in needs)


@dataclass
class Lane:
    """Stages that run one after the other."""

    stages: list[Stage]
    make: Callable[[str], bool]
    board: Board
    known: set[str]  # names of all stages: what isn't among them isn't waited for

    def run(self) -> list[Outcome]:
        """Run them; leave out those whose needs failed."""
        return [self._one(stage) for stage in self.stages]

    def _one(self, stage: Stage) -> Outcome:
        outcome = Outcome(stage, "not run")
        try:
            if self.board.wait([name for name in stage.needs if name in self.known]):
                outcome = self._made(stage)
        finally:
            self.board.tell(outcome)
        return outcome

    def _made(self, stage: Stage) -> Outcome:
        with PRINTING:
            print(f"\n=== {stage.name} (budget {clock(stage.budget * 60)})", flush=True)
        began = time.monotonic()
        passed = self.make(stage.name)
        outcome = Outcome(stage, "passed" if passed else "failed", time.monotonic() - began)
        with PRINTING:
            print(f"=== {stage.name}: {outcome.state} after {clock(outcome.seconds)}", flush=True)
        return outcome


def groups_of(arguments: list[str]) -> list[Group]:
    """Split the command line at each == into groups, and these at each -- into lanes."""
    groups: list[Group] = [[[]]]
    for text in arguments:
        if text == "==":
            groups.append([[]])
        elif text == "--":
            groups[-1].append([])
        else:
            groups[-1][-1].append(Stage.parse(text))
    return groups


def minutes(groups: list[Group]) -> float:
    """The budget on the clock: when the last stage ends if each takes all of its own. Who waits for ever is refused."""
    ends: dict[str, float] = {}
    later = {stage.name for group in groups for lane in group for stage in lane}
    now = 0.0
    for group in groups:
        times, left = [now] * len(group), [list(lane) for lane in group]
        while any(left):
            ready = [number for number, lane in enumerate(left) if lane and not later.intersection(lane[0].needs)]
            if not ready:
                raise SystemExit(f"stages: {', '.join(lane[0].name for lane in left if lane)}: needs a later stage")
            for number in ready:
                stage = left[number].pop(0)
                times[number] = max([times[number], *(ends.get(name, 0.0) for name in stage.needs)]) + stage.budget
                ends[stage.name] = times[number]
                later.discard(stage.name)
        now = max(times)
    return now


def run(groups: list[Group]) -> list[Outcome]:
    """Run the groups one after the other, and the lanes of each side by side."""
    board = Board()
    known = {stage.name for group in groups for lane in group for stage in lane}
    outcomes = []
    for group in groups:
        lanes = [Lane(stages, make_quietly if number else make, board, known) for number, stages in enumerate(group)]
        with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
            ended = [pool.submit(lane.run) for lane in lanes]
            try:
                outcomes += [outcome for lane in ended for outcome in lane.result()]
            except Ended:
                CHILDREN.end()
                raise
    return outcomes


def main(arguments: list[str]) -> int:
    """Run all stages and close with a line that CI reads. Asked to end, its stages take their lab hosts away first."""
    began = time.monotonic()
    groups = groups_of(arguments)
    budget = minutes(groups)
    listen()
    try:
        outcomes = run(groups)
    except Ended as request:
        return 128 + int(request.args[0])
    failed = sum(outcome.state != "passed" for outcome in outcomes)
    print(f"\n{table(outcomes, time.monotonic() - began, budget)}")
    print(f"\n{len(outcomes) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
