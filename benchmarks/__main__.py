# SPDX-License-Identifier: GPL-3.0-or-later
"""Time what people run again and again, on the converged lab host that `make demo` leaves, against peers.

The page docs/benchmarks.md and its picture are written by a whole measurement; with --only it goes to the screen
alone. Status 1: a hard limit is broken.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence

from tests.lab.processes import LabError

from . import cases, conditions, measure, page, paths, plot, verdicts
from .cases import Case
from .figures import Results

ROUNDS = 5


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="%(default)s; fewer than 3 are a trial")
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help=", ".join(c.key for c in cases.CASES))
    parser.add_argument(
        "--render", action="store_true", help="write page and picture anew from benchmarks/results.json"
    )
    return parser.parse_args(words)


def at_hand(chosen: Sequence[Case]) -> list[Case]:
    """Without a peer that isn't there."""
    if paths.geerlingguy() is not None:
        return list(chosen)
    print("benchmarks: geerlingguy.docker is left out: name its source folder in GEERLINGGUY_DOCKER")
    return [case for case in chosen if case.key != "geerlingguy"]


def publish(results: Results) -> None:
    """Page and picture."""
    paths.PLOT.parent.mkdir(parents=True, exist_ok=True)
    paths.PLOT.write_text(plot.draw(results), encoding="utf-8")
    paths.PAGE.write_text(page.write(results, verdicts.judge(results)), encoding="utf-8")
    print(f"benchmarks: {paths.PAGE.relative_to(paths.REPOSITORY)}, {paths.PLOT.relative_to(paths.REPOSITORY)}")


def written() -> Results:
    """The results as the file has them, rounded: the page can be made of it at any time, and is the same."""
    return Results.from_dict(json.loads(paths.RESULTS.read_text(encoding="utf-8")))


def main(words: Sequence[str]) -> int:
    """Measure, judge, write."""
    asked = arguments(words)
    if asked.render:
        publish(written())
        return 0
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the key is removed then, too
    try:
        chosen = at_hand(cases.select(asked.only))
        with measure.bench(chosen) as one:
            measure.rounds(one, chosen, asked.rounds)
            results = one.results(conditions.describe(measure.HOST, one.loads, one.pyinfra))
    except (LabError, ValueError) as problem:
        raise SystemExit(str(problem)) from problem
    judged = verdicts.judge(results)
    print(f"\n{page.runs(results)}\n{page.judgement(judged)}")
    if not asked.only and asked.rounds >= 3:
        paths.RESULTS.write_text(json.dumps(results.to_dict(), indent=1) + "\n", encoding="utf-8")
        publish(written())
    return 1 if verdicts.broken(judged) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
