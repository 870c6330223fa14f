# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on queues, items and runs that the modules need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..launch.queue import Queue
from . import queries
from .errors import RequestRefused


class Transport(Protocol):
    """What runs a document; the tests bring their own."""

    def read(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a query."""

    def write(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a mutation, once."""


class WandbApi:
    """Queues of the entities of one account."""

    def __init__(self, client: Transport) -> None:
        self._client = client

    def queue_names(self, entity: str) -> tuple[str, list[str]]:
        """Return the account's name and the names of an entity's queues."""
        data = self._client.read(queries.QUEUES, {"entity": entity, "project": queries.PROJECT})
        queues = (data.get("project") or {}).get("runQueues") or []
        return str((data.get("viewer") or {}).get("username") or ""), sorted(str(queue["name"]) for queue in queues)

    def queue(self, entity: str, name: str) -> Queue | None:
        """Return a queue, or None when it or its project is absent."""
        data = self._client.read(queries.QUEUE, {"entity": entity, "project": queries.PROJECT, "name": name})
        node = (data.get("project") or {}).get("runQueue")
        return None if node is None else Queue.from_server(node)

    def queues(self, entity: str, names: Sequence[str]) -> tuple[str, list[str], dict[str, Queue]]:
        """Return, by one request, the account's name, the names of all queues, and the wanted queues that exist."""
        variables = {"entity": entity, "project": queries.PROJECT, **{f"name{i}": name for i, name in enumerate(names)}}
        data = self._client.read(queries.several_queues(len(names)), variables)
        project = data.get("project") or {}
        nodes = {name: project.get(f"queue{i}") for i, name in enumerate(names)}
        found = {name: Queue.from_server(node) for name, node in nodes.items() if node is not None}
        known = sorted(str(queue["name"]) for queue in project.get("runQueues") or [])
        return str((data.get("viewer") or {}).get("username") or ""), known, found

    def upsert(self, entity: str, request: Mapping[str, Any]) -> None:
        """Make or change a queue, and its project before it.

        Raises:
            RequestRefused: the server finds fault with the config.
        """
        project = {"input": {"entityName": entity, "name": queries.PROJECT}}
        self._client.write(queries.UPSERT_PROJECT, project)
        answer = self._client.write(queries.UPSERT_QUEUE, request).get("upsertRunQueue") or {}
        if not answer.get("success"):
            problems = answer.get("configSchemaValidationErrors") or ["no reason given"]
            raise RequestRefused(f"the server refuses the queue's config: {'; '.join(map(str, problems))}")

    def delete(self, queue_id: str) -> None:
        """Delete a queue.

        Raises:
            RequestRefused: the server didn't.
        """
        answer = self._client.write(queries.DELETE_QUEUE, {"id": queue_id}).get("deleteRunQueues") or {}
        if not answer.get("success"):
            raise RequestRefused("the server did not delete the queue")

    def push(self, request: Mapping[str, Any]) -> str:
        """Put a run into a queue and return the id of its item.

        Raises:
            RequestRefused: the server refused the run.
        """
        answer = self._client.write(queries.PUSH, request).get("pushToRunQueueByName") or {}
        if not answer.get("runQueueItemId"):
            raise RequestRefused("the server did not accept the run, and gave no reason")
        return str(answer["runQueueItemId"])

    def item(self, entity: str, queue: str, item_id: str) -> dict[str, Any] | None:
        """Return the state of a queue item, or None when it is gone."""
        return self._item(queries.ITEM, entity, queue, item_id)

    def item_error(self, entity: str, queue: str, item_id: str) -> str:
        """Return why an item failed, as far as the server tells."""
        try:
            item = self._item(queries.ITEM_ERROR, entity, queue, item_id) or {}
        except RequestRefused:  # a server whose items have no such field
            return ""
        return str((item.get("error") or {}).get("message") or "")

    def _item(self, query: str, entity: str, queue: str, item_id: str) -> dict[str, Any] | None:
        variables = {"entity": entity, "project": queries.PROJECT, "queue": queue, "id": item_id}
        node = (self._client.read(query, variables).get("project") or {}).get("runQueue") or {}
        item: dict[str, Any] | None = node.get("runQueueItem")
        return item

    def run_state(self, entity: str, project: str, name: str) -> str | None:
        """Return what a run reported of itself, or None when it never did."""
        data = self._client.read(queries.RUN, {"entity": entity, "project": project, "name": name})
        run = (data.get("project") or {}).get("run")
        return None if run is None else str(run.get("state"))
