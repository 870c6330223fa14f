# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the W&B server, once, whose key it is and what the wanted queues are; configs stay here, their hashes leave."""

from __future__ import annotations

import os
from typing import Any

from ..launch.agent_plan import highest_gpus, problems_of
from ..launch.errors import LaunchInputError
from ..launch.predict import predict
from ..launch.queue import Queue
from ..node.convert import from_mapping
from ..node.observed.agent import ServerSeen
from ..node.wanted.agent import AgentWanted, QueueWanted
from ..wandb_api.api import WandbApi
from ..wandb_api.client import Client
from ..wandb_api.errors import ApiError, KeyRejected
from .child import within
from .root import Unreadable


def server(wanted: AgentWanted, key: str, deadline: float) -> ServerSeen:
    """Return what the server says.

    Raises:
        Unreadable: no key or no entity was given, or the server does not answer.
    """
    if not key or not wanted.entity or not wanted.base_url:
        raise Unreadable("the server can't be asked without a key, an entity and its address")
    data = within(deadline, lambda: _ask(wanted, key, deadline), wanted.base_url)
    return from_mapping(ServerSeen, data, "server")


def _ask(wanted: AgentWanted, key: str, deadline: float) -> Any:
    """Answer in plain data, in a child of its own: names may take long to resolve, and the proxy is a variable."""
    for name in ("http", "https"):
        os.environ[f"{name}_proxy"] = wanted.proxy.get(name, "")
    os.environ["no_proxy"] = wanted.proxy.get("no_proxy", "")
    queues = {queue.name: queue for queue in wanted.queues}
    try:
        api = WandbApi(Client(wanted.base_url, key, ca_path=wanted.ca_path or None, timeout=deadline, tries=1))
        user, names, found = api.queues(wanted.entity, list(queues))
    except KeyRejected as error:
        return {"rejects": str(error)}
    except (ApiError, LaunchInputError) as error:
        raise Unreadable(str(error)) from error
    seen = {name: _seen(queue, queues[name], wanted.version) for name, queue in found.items()}
    return {"user": user, "names": names, "queues": seen}


def _seen(queue: Queue, wanted: QueueWanted, version: str) -> dict[str, Any]:
    facts = {"resource": queue.resource, "digest": queue.digest(), "gpus": highest_gpus(queue.variables)}
    return facts if wanted.has_config else {**facts, "flaws": _flaws(queue, version)}


def _flaws(queue: Queue, version: str) -> list[dict[str, str]]:
    """Return what is wrong with a config that the inputs only name."""
    try:
        problems = problems_of(predict(queue.config, queue.variables, agent_version=version), "")
    except LaunchInputError as error:
        return [{"id": "AGT008", "act": "tell", "found": str(error)}]
    return [{key: value for key, value in item.to_dict().items() if key != "subject"} for item in problems]
