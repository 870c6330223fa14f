# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads which cluster the agent is sent to, and what its runs left there; credentials never leave this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..launch.errors import LaunchInputError
from ..launch.kubeconfig import minified
from ..node.observed.agent import ContextSeen, LeftoversSeen
from ..node.wanted.agent import AgentWanted
from . import kubeconfig
from .agent_leftovers import leftovers
from .kubernetes import Session
from .look import Look
from .root import Unreadable

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def context_of(look: Look, wanted: AgentWanted) -> ContextSeen:
    """Return whether the agent's kubeconfig is the current context of the one that it is made of."""
    if not look.root.exists(wanted.source):
        return ContextSeen()
    try:
        document = kubeconfig.load(look.root, wanted.source, look.deadline, look.runner)
        if not document.get("current-context"):
            return ContextSeen("idle")
        source = _texts(minified(document, wanted.namespace))
    except (Unreadable, LaunchInputError) as error:
        return ContextSeen("unusable", str(error))
    try:
        own = _texts(minified(kubeconfig.load(look.root, wanted.kubeconfig, look.deadline, look.runner)))
    except (Unreadable, LaunchInputError):
        return ContextSeen("good")
    return ContextSeen("good", same=own == source)


def _texts(value: Any) -> Any:
    """Return data with text for every scalar: readers differ in what they take for a number or a boolean."""
    if isinstance(value, Mapping):
        return {str(key): _texts(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_texts(entry) for entry in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def rights_and_leftovers(look: Look, wanted: AgentWanted) -> tuple[tuple[str, ...], LeftoversSeen | None]:
    """Return what the agent may not make there, and what its runs have left; None where it may not list that.

    Raises:
        Unreadable: the cluster does not answer.
    """
    access = kubeconfig.access(look.root, wanted.kubeconfig, look.deadline, look.runner)
    with access as reach, Session(reach.api(), look.deadline) as session:
        places = {(queue.resource, queue.namespace or reach.namespace) for queue in wanted.queues if queue.resource}
        refused = [f"create {what} in {where}" for what, where in sorted(places) if not _may(session, what, where)]
        namespaces = {reach.namespace, *(queue.namespace for queue in wanted.queues if queue.namespace)}
        return tuple(refused), look.seen.fact("agent.leftovers", lambda: leftovers(session, namespaces, wanted.release))


def _may(session: Session, resource: str, namespace: str) -> bool:
    name, dummy, group = resource.partition(".")
    attributes = {"namespace": namespace, "verb": "create", "group": group, "resource": name}
    question = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = session.review(_REVIEW, question)
    return bool(((answer or {}).get("status") or {}).get("allowed"))
