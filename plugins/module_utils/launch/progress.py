# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a submitted run stands: the state of its queue item and the state that the run itself reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

RUN_ENDS = ("finished", "failed", "crashed", "killed", "preempted")


class Progress(NamedTuple):
    """One look at a run."""

    phase: str
    started: bool
    ended: bool
    ok: bool
    run_id: str | None


def progress(item: Mapping[str, Any] | None, run_state: str | None) -> Progress:
    """Return the phase: queued, leased, starting, the run's own state, failed or gone.

    The item stays CLAIMED while the run goes on and after it: only the run's own report says that it finished.
    """
    if item is None:
        return Progress("gone", started=False, ended=True, ok=False, run_id=None)
    run_id = item.get("associatedRunId")
    state = str(item.get("state") or "")
    if state == "FAILED":
        return Progress("failed", started=run_state is not None, ended=True, ok=False, run_id=run_id)
    if run_state is not None:
        ended = run_state in RUN_ENDS
        return Progress(run_state, started=True, ended=ended, ok=run_state == "finished", run_id=run_id)
    phase = {"PENDING": "queued", "LEASED": "leased", "CLAIMED": "starting"}.get(state, state.lower() or "unknown")
    return Progress(phase, started=False, ended=False, ok=False, run_id=run_id)
