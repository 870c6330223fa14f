# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole site on one new lab host, made once: Molecule converges it, the demo and the system tests ask it.

Usage: python3 -m tests.env.system. Molecule's scenario `site` checks, converges and verifies; the demo submits a run on
the host that it finds; the tests ask the system; Molecule's cleanup takes the site away twice. At last the host goes,
and the lab with it where nobody else uses it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from .children import Ended, ignore, listen
from .molecule import CHILDREN, ROOT, SITE, claimed, create, destroy, molecule, release

TESTS = "tests/integration/lab"


def python(*arguments: str) -> bool:
    """Run a module of this tree; its output goes through."""
    return CHILDREN.run([sys.executable, "-m", *arguments], folder=ROOT)


def timed(name: str, action: Callable[[], bool]) -> str:
    """Run one step; return its state."""
    print(f"\nsystem: {name} ...", flush=True)
    began = time.monotonic()
    state = "passed" if action() else "failed"
    print(f"system: {name}: {state} after {time.monotonic() - began:.0f} s", flush=True)
    return state


def run() -> dict[str, str]:
    """Run the steps; those after the convergence need it, and only it: one run tells everything that is broken."""
    states = dict.fromkeys(("host", "site", "demo", "tests", "removal"), "not run")
    try:
        states["host"] = timed("host", lambda: create(SITE))
        if states["host"] == "passed":
            states["site"] = timed("site", lambda: molecule("test", "site", SITE.group))
        if states["site"] == "passed":
            states["demo"] = timed("demo", lambda: python("tests.lab", "demo"))
            states["tests"] = timed("tests", lambda: python("pytest", TESTS))
            states["removal"] = timed("removal", lambda: molecule("cleanup", "site", SITE.group))
    except Ended:
        CHILDREN.end()
        raise
    finally:
        ignore()
        gone = destroy(SITE)
        released = release()
    states["end"] = "passed" if gone and released else "failed"
    return states


def main() -> int:
    """Run everything; whatever happens, the host is gone after it."""
    listen()
    try:
        with claimed(SITE):
            states = run()
    except Ended as request:
        return 128 + int(request.args[0])
    print("\n" + "\n".join(f"system: {name:<10}{state}" for name, state in states.items()), flush=True)
    return 0 if set(states.values()) == {"passed"} else 1


if __name__ == "__main__":
    sys.exit(main())
