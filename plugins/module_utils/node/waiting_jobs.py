# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Jobs of runs hold a slot although no pod of theirs starts. The role installs this very file, too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any, NamedTuple

RUN = "wandb.ai/run-id"
NO_ROOM = "Unschedulable"
PATIENCE = 7  # times as long may a Job wait for room: it will start when others end, which an absent image never brings


class Waiting(NamedTuple):
    """A Job whose pod has not started, why, and since how many seconds; counted are those that speak against it."""

    job: str
    run: str
    reason: str
    age: float
    counted: float


def age_of(item: Any, now: float) -> float:
    """Return how many seconds ago an object was made."""
    made = datetime.strptime(item["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
    return max(now - made.replace(tzinfo=timezone.utc).timestamp(), 0.0)


def labels_of(item: Any) -> dict[str, str]:
    """Return an object's labels."""
    return item["metadata"].get("labels") or {}


def holding(jobs: Iterable[Any]) -> dict[str, Any]:
    """Return the Jobs that have a pod and none that is ready, by name."""
    states = ((job, job.get("status") or {}) for job in jobs)
    return {job["metadata"]["name"]: job for job, state in states if state.get("active") and not state.get("ready")}


def waiting(jobs: Iterable[Any], pods: Iterable[Any], now: float) -> list[Waiting]:
    """Return the Jobs whose pod has not started, by name."""
    held = holding(jobs)
    found = {}
    for pod in pods:
        name, reason = labels_of(pod).get("job-name", ""), reason_of(pod)
        if reason and name in held:
            age = age_of(pod, now)
            counted = age / PATIENCE if reason.startswith(NO_ROOM) else age
            found[name] = Waiting(name, labels_of(held[name]).get(RUN, ""), reason, age, counted)
    return [found[name] for name in sorted(found)]


def reason_of(pod: Any) -> str:
    """Return why a pod has not started, empty where it has."""
    status = pod.get("status") or {}
    if status.get("phase") != "Pending":
        return ""
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    waits = [(container.get("state") or {}).get("waiting") or {} for container in containers]
    refused = [condition for condition in status.get("conditions") or [] if condition.get("status") == "False"]
    whys = [why for why in (*waits, *refused) if why.get("reason")]
    told = ": ".join(str(whys[0][key]).strip() for key in ("reason", "message") if whys[0].get(key)) if whys else ""
    return told[:300] or "Pending"
