# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what runs have left in the cluster: Secrets without a Job (never their data), and Jobs that do not start."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ..node.observed.agent import LeftoversSeen, SecretSeen, WaitingSeen
from .kubernetes import METADATA, Session

_SECRET = "wandb-api-key-"
_YOUNG = 120.0  # seconds; the agent makes the Secret first and then the Job, and removes it after the Job's end
_RUN = "wandb.ai/run-id"
_HELM = "app.kubernetes.io/managed-by"
_WAITS = ("reason", "message")


def leftovers(session: Session, namespaces: Iterable[str], release: str = "") -> LeftoversSeen:
    """Return what is left in some namespaces.

    Args:
        session: the cluster.
        namespaces: where to look.
        release: the name at the end of a Secret's that the agent keeps for all its runs, where it does so.

    Raises:
        Unreadable: the cluster does not answer, or does not let the agent list these objects.
    """
    secrets: list[SecretSeen] = []
    waiting: list[WaitingSeen] = []
    for namespace in sorted(set(namespaces)):
        jobs = _list(session, f"/apis/batch/v1/namespaces/{namespace}/jobs", _RUN)
        waiting += _waiting(session, namespace, jobs)
        secrets += _orphans(session, namespace, jobs, release)
    return LeftoversSeen(tuple(secrets), tuple(waiting))


def _orphans(session: Session, namespace: str, jobs: list[Any], release: str) -> list[SecretSeen]:
    """Return the Secrets of runs that no Job belongs to; one of a release of the chart belongs to that."""
    selector = "wandb.ai/created-by=launch-agent"
    made = _list(session, f"/api/v1/namespaces/{namespace}/secrets", selector, METADATA)
    live = {release, *((item["metadata"].get("labels") or {}).get(_RUN) for item in jobs)}
    names = [
        item["metadata"]["name"]
        for item in made
        if item["metadata"]["name"].startswith(_SECRET)
        and (item["metadata"].get("labels") or {}).get(_HELM) != "Helm"
        and _age(item) > _YOUNG
    ]
    left = [name for name in sorted(names) if name[len(_SECRET) :] not in live]
    releases = _releases(session) if left else set()
    return [SecretSeen(namespace, name) for name in left if name[len(_SECRET) :] not in releases]


def _releases(session: Session) -> set[str]:
    """Return the names of all Helm releases: an agent of the chart has one Secret for all runs, named by it."""
    kept = _list(session, "/api/v1/secrets", "owner=helm", METADATA)
    return {str((item["metadata"].get("labels") or {}).get("name")) for item in kept}


def _waiting(session: Session, namespace: str, jobs: list[Any]) -> list[WaitingSeen]:
    """Return the Jobs that hold a slot although no pod of theirs has started."""
    active = {item["metadata"]["name"]: item for item in jobs if _holds(item)}
    if not active:
        return []
    found: dict[str, WaitingSeen] = {}
    for pod in _list(session, f"/api/v1/namespaces/{namespace}/pods", "wandb.ai/monitor=true"):
        name = str((pod["metadata"].get("labels") or {}).get("job-name"))
        reason = reason_of(pod)
        if reason and name in active:
            run = active[name]["metadata"]["labels"][_RUN]
            found[name] = WaitingSeen(namespace, name, f"{_SECRET}{run}", reason, _age(pod))
    return [found[name] for name in sorted(found)]


def _holds(job: Any) -> bool:
    status = job.get("status") or {}
    return bool(status.get("active")) and not status.get("ready") and _age(job) > _YOUNG


def reason_of(pod: Any) -> str:
    """Return why a pod has not started, empty where it has."""
    status = pod.get("status") or {}
    if status.get("phase") != "Pending":
        return ""
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    waits = [(container.get("state") or {}).get("waiting") or {} for container in containers]
    refused = [condition for condition in status.get("conditions") or [] if condition.get("status") == "False"]
    whys = [why for why in (*waits, *refused) if why.get("reason")]
    return _told(whys[0]) if whys else "Pending"


def _told(why: Any) -> str:
    return ": ".join(str(why[key]).strip() for key in _WAITS if why.get(key))[:300]


def _list(session: Session, path: str, selector: str, accept: str = "") -> list[Any]:
    answer = session.get(f"{path}?labelSelector={quote(selector, safe='')}", accept)
    return list((answer or {}).get("items") or [])


def _age(item: Any) -> float:
    made = calendar.timegm(time.strptime(item["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ"))
    return max(time.time() - made, 0.0)
