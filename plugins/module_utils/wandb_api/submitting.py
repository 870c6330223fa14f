# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a run into a queue, and never twice: a lost answer is no reason to send it again."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..launch.errors import LaunchInputError
from ..launch.submission import Submission
from .api import WandbApi
from .errors import Lost, RequestRefused, Unreachable
from .following import Sent
from .queries import PROJECT

SHOWN_QUEUES = 10


def new_run_id() -> str:
    """Return an id as the agent would make one up; known before, the run's Job can be found by it."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for dummy in range(8))


def page_of(base_url: str, entity: str, project: str, run_id: str) -> str:
    """Return the address of a run's page; only the public service has it elsewhere than its API."""
    base = base_url.rstrip("/")
    site = "https://wandb.ai" if base == "https://api.wandb.ai" else base
    return f"{site}/{quote(entity)}/{quote(project)}/runs/{quote(run_id)}"


def no_queue(api: WandbApi, run: Submission) -> LaunchInputError:
    """Return the error for a queue that is absent, with those that are there."""
    names = api.queue_names(run.queue_entity)[1]
    more = f" and {len(names) - SHOWN_QUEUES} more" if len(names) > SHOWN_QUEUES else ""
    there = f"it has: {', '.join(names[:SHOWN_QUEUES]) or 'none'}{more}"
    return LaunchInputError("queue", f"{run.queue_entity} has no queue '{run.queue}' ({there}); make it (launch_queue)")


def known(api: WandbApi, run: Submission, run_id: str) -> Sent | None:
    """Return the run of this id when the queue has it, or when it has reported itself."""
    item_id = api.find(run.queue_entity, run.queue, run_id)
    if item_id:
        return Sent(item_id, run_id)
    reported = api.run_states(run.spec["entity"], run.spec["project"], [run_id])[0]
    return Sent("", run_id) if reported else None


def push(api: WandbApi, run: Submission, variables: Mapping[str, Any], run_id: str) -> Sent:
    """Send the run, its values checked against the queue's variables, and look for it when the answer is lost.

    Raises:
        LaunchInputError: a value breaks its declaration.
        RequestRefused: the server refuses the run.
        Lost: it went out, and is not to be seen in the queue.
    """
    request = run.request(PROJECT, variables)
    try:
        return Sent(api.push(request), run_id)
    except RequestRefused as error:
        values = request["templateVariableValues"]
        raise RequestRefused(f"the server refuses the run with values {values}: {error}") from error
    except Lost as error:
        found = _found(api, run, run_id)
        if found:
            return Sent(found, run_id)
        text = f"{error}. The run {run_id} may be in the queue all the same, so it is not sent again"
        raise Lost(f"{text}; look at the queue's page, then run the task again with run_id: {run_id}") from error


def _found(api: WandbApi, run: Submission, run_id: str) -> str | None:
    try:
        return api.find(run.queue_entity, run.queue, run_id)
    except Unreachable:  # still away: that nothing is known is said by the caller
        return None
