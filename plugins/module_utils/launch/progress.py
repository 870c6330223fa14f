# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a submitted run stands: the state of its queue item and the state that the run itself reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

RUN_ENDS = ("finished", "failed", "crashed", "killed", "preempted")
AGENT = "agent"
RUN = "run"
GONE = "gone"


class Progress(NamedTuple):
    """One look at a run."""

    phase: str
    started: bool
    ended: bool
    ok: bool
    run_id: str | None
    said_by: str = ""


def progress(item: Mapping[str, Any] | None, run_state: str | None) -> Progress:
    """Return the phase: queued, leased, starting, the run's own state, failed or gone.

    The item stays CLAIMED while the run goes on and after it: only the run's own report says that it finished.
    """
    if item is None:
        return Progress(GONE, started=False, ended=True, ok=False, run_id=None)
    run_id = item.get("associatedRunId")
    state = str(item.get("state") or "")
    if state == "FAILED":
        return Progress("failed", started=run_state is not None, ended=True, ok=False, run_id=run_id, said_by=AGENT)
    if run_state is not None:
        ended = run_state in RUN_ENDS
        return Progress(run_state, started=True, ended=ended, ok=run_state == "finished", run_id=run_id, said_by=RUN)
    phase = {"PENDING": "queued", "LEASED": "leased", "CLAIMED": "starting"}.get(state, state.lower() or "unknown")
    return Progress(phase, started=False, ended=False, ok=False, run_id=run_id)


def end_text(seen: Progress, why: str) -> str:
    """Return how a run ended, in words that tell who said so and where to look."""
    if seen.phase == GONE:
        return "the run's item is gone: somebody took it out of the queue, or deleted the queue"
    if seen.said_by == AGENT:
        reason = why or "the server gives no reason; see the agent's log"
        return f"the run ended failed, its agent gave it up: {reason}"
    reasons = {
        "failed": "its program ended with an error; see its log",
        "crashed": "nothing was heard of it for minutes; its container was killed, or has lost the network",
        "killed": "somebody stopped it",
        "preempted": "it had to give way",
    }
    return f"the run ended {seen.phase}: {reasons.get(seen.phase, 'it did so itself')}"


def late_text(phase: str, seconds: float) -> str:
    """Return that a run needs more time than it was given, and what mostly keeps it."""
    reasons = {
        "queued": "no agent has taken it; is one running for this queue, and has it a place free (max_jobs)?",
        "leased": "an agent has taken it and not yet begun; see the agent's log",
        "starting": "its container has not reported itself; mostly no node has free GPUs, its image can't be pulled, "
        "or its program does not call wandb.init",
    }
    return f"the run is still {phase} after {seconds:.0f} s: {reasons.get(phase, 'it goes on')}"
