# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at submitted runs until something happens. The only place of these modules that knows a clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..launch.progress import GONE, Progress, progress
from .api import WandbApi
from .errors import Unreachable

SURE = 3  # looks in which an item is absent until it counts as gone: servers show what is new with some delay
SHORTEST = 0.1  # seconds between two looks, whatever is asked for


class Target(NamedTuple):
    """Where runs are looked for."""

    queue_entity: str
    queue: str
    entity: str
    project: str


class Sent(NamedTuple):
    """One submitted run; without an item it is known by its own report alone."""

    item_id: str
    run_id: str


def look(api: WandbApi, target: Target, runs: Sequence[Sent]) -> list[Progress]:
    """Return where each run stands, by two requests at most."""
    ids = [run.item_id for run in runs if run.item_id]
    found = dict(zip(ids, api.items(target.queue_entity, target.queue, ids))) if ids else {}
    items: list[Mapping[str, str] | None] = [
        found[run.item_id] if run.item_id else {"state": "CLAIMED", "associatedRunId": run.run_id} for run in runs
    ]
    names = [str(item["associatedRunId"]) for item in items if item and item.get("associatedRunId")]
    states = dict(zip(names, api.run_states(target.entity, target.project, names))) if names else {}
    return [progress(item, states.get(str((item or {}).get("associatedRunId")))) for item in items]


class Followed(NamedTuple):
    """How a wait ended."""

    seen: list[Progress]
    seconds: float
    reached: bool


def follow(
    api: WandbApi,
    target: Target,
    runs: Sequence[Sent],
    enough: Callable[[list[Progress]], bool],
    timeout: float,
    interval: float,
    states: list[dict[str, Any]],
) -> Followed:
    """Look until that is enough, or the time is over; each new phase goes into states.

    Raises:
        ApiError: the server rejects the key or the request, or is still away when the time is over.
    """
    begin = time.monotonic()
    absent = dict.fromkeys(runs, 0)
    phases: dict[Sent, str] = {}
    pause = max(interval, SHORTEST)
    while True:
        passed = time.monotonic() - begin
        last = passed + pause > timeout
        try:
            seen = look(api, target, runs)
        except Unreachable:  # runs go on without the server; so does the waiting
            if last:
                raise
            time.sleep(pause)
            continue
        for run, state in zip(runs, seen):
            absent[run] = absent[run] + 1 if state.phase == GONE else 0
            if phases.get(run) != state.phase:
                phases[run] = state.phase
                states.append({"state": state.phase, "seconds": round(passed, 1)})
        sure = all(count in (0, SURE) or count > SURE for count in absent.values())
        if last or (sure and enough(seen)):
            return Followed(seen, round(passed, 1), enough(seen))
        time.sleep(pause)
