# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what runs have left in the cluster: Secrets without a Job (never their data), and Jobs that do not start."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ..node.observed.agent import LeftoversSeen, SecretSeen, WaitingSeen
from ..node.waiting_jobs import RUN, age_of, holding, labels_of, waiting
from .kubernetes import METADATA, Session

_SECRET = "wandb-api-key-"
_YOUNG = 120.0  # seconds; the agent makes the Secret first and then the Job, and removes it after the Job's end
_HELM = "app.kubernetes.io/managed-by"


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
    stuck: list[WaitingSeen] = []
    for namespace in sorted(set(namespaces)):
        jobs = _list(session, f"/apis/batch/v1/namespaces/{namespace}/jobs", RUN)
        stuck += _waiting(session, namespace, jobs)
        secrets += _orphans(session, namespace, jobs, release)
    return LeftoversSeen(tuple(secrets), tuple(stuck))


def _orphans(session: Session, namespace: str, jobs: list[Any], release: str) -> list[SecretSeen]:
    """Return the Secrets of runs that no Job belongs to; one of a release of the chart belongs to that."""
    selector = "wandb.ai/created-by=launch-agent"
    made = _list(session, f"/api/v1/namespaces/{namespace}/secrets", selector, METADATA)
    live = {release, *(labels_of(job).get(RUN) for job in jobs)}
    names = [
        item["metadata"]["name"]
        for item in made
        if item["metadata"]["name"].startswith(_SECRET)
        and labels_of(item).get(_HELM) != "Helm"
        and age_of(item, time.time()) > _YOUNG
    ]
    left = [name for name in sorted(names) if name[len(_SECRET) :] not in live]
    releases = _releases(session) if left else set()
    return [SecretSeen(namespace, name) for name in left if name[len(_SECRET) :] not in releases]


def _releases(session: Session) -> set[str]:
    """Return the names of all Helm releases: an agent of the chart has one Secret for all runs, named by it."""
    kept = _list(session, "/api/v1/secrets", "owner=helm", METADATA)
    return {labels_of(item).get("name", "") for item in kept}


def _waiting(session: Session, namespace: str, jobs: list[Any]) -> list[WaitingSeen]:
    """Return the Jobs that hold a slot although no pod of theirs has started."""
    old = [job for job in holding(jobs).values() if age_of(job, time.time()) > _YOUNG]
    if not old:
        return []
    pods = _list(session, f"/api/v1/namespaces/{namespace}/pods", "wandb.ai/monitor=true")
    return [
        WaitingSeen(namespace, each.job, f"{_SECRET}{each.run}", each.reason, each.age, each.counted)
        for each in waiting(old, pods, time.time())
    ]


def _list(session: Session, path: str, selector: str, accept: str = "") -> list[Any]:
    answer = session.get(f"{path}?labelSelector={quote(selector, safe='')}", accept)
    return list((answer or {}).get("items") or [])
