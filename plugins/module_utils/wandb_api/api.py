# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on queues, items and runs that the modules need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ..launch.queue import Queue
from ..launch.server_problems import problems_of, text_of
from . import queries
from .errors import ConfigRefused, Lost, RequestRefused, Unreachable


class Transport(Protocol):
    """What runs a document; the tests bring their own."""

    def read(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a query."""

    def write(self, query: str, variables: Mapping[str, Any], twice: bool = False) -> dict[str, Any]:
        """Run a mutation; once, unless doing it twice does no harm."""


class Place(NamedTuple):
    """Where a queue belongs, and the queue when it is there."""

    project: bool
    queue: Queue | None


def _object(value: Any, where: str) -> Mapping[str, Any]:
    """Return an object of the answer; null is empty, and anything else is no answer of this API."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RequestRefused(f"the server's answer has a {type(value).__name__} as {where}, not an object")
    return value


def _objects(value: Any, where: str) -> list[Mapping[str, Any]]:
    """Return a list of objects of the answer; null is empty, null inside of it is left out."""
    if not isinstance(value, (list, type(None))):
        raise RequestRefused(f"the server's answer has a {type(value).__name__} as {where}, not a list")
    return [_object(entry, where) for entry in value or [] if entry is not None]


def _names(project: Mapping[str, Any]) -> list[str]:
    return sorted(str(queue["name"]) for queue in _objects(project.get("runQueues"), "runQueues") if queue.get("name"))


def _queue(node: Mapping[str, Any], name: str) -> Queue:
    return Queue.from_server({**node, "name": node.get("name") or name})


def _username(data: Mapping[str, Any]) -> str:
    return str(_object(data.get("viewer"), "viewer").get("username") or "")


class WandbApi:
    """Queues of the entities of one account."""

    def __init__(self, client: Transport) -> None:
        self._client = client

    def queue_names(self, entity: str) -> tuple[str, list[str]]:
        """Return the account's name and the names of an entity's queues."""
        data = self._client.read(queries.QUEUES, {"entity": entity, "project": queries.PROJECT})
        return _username(data), _names(_object(data.get("project"), "project"))

    def look(self, entity: str, name: str) -> Place:
        """Return whether the project of all queues is there, and the queue of this name."""
        data = self._client.read(queries.QUEUE, {"entity": entity, "project": queries.PROJECT, "name": name})
        node = _object(_object(data.get("project"), "project").get("runQueue"), "runQueue")
        return Place(data.get("project") is not None, _queue(node, name) if node else None)

    def queue(self, entity: str, name: str) -> Queue | None:
        """Return a queue, or None when it or its project is absent."""
        return self.look(entity, name).queue

    def queues(self, entity: str, names: Sequence[str]) -> tuple[str, list[str], dict[str, Queue]]:
        """Return, by one request, the account's name, the names of all queues, and the wanted queues that exist."""
        variables = {"entity": entity, "project": queries.PROJECT, **{f"name{i}": name for i, name in enumerate(names)}}
        data = self._client.read(queries.several_queues(len(names)), variables)
        project = _object(data.get("project"), "project")
        nodes = {name: _object(project.get(f"queue{i}"), "runQueue") for i, name in enumerate(names)}
        found = {name: _queue(node, name) for name, node in nodes.items() if node}
        return _username(data), _names(project), found

    def make_project(self, entity: str) -> None:
        """Make the project that all queues of an entity live in.

        Raises:
            RequestRefused: the server doesn't; mostly the entity is another one.
        """
        try:
            project = {"input": {"entityName": entity, "name": queries.PROJECT}}
            self._client.write(queries.UPSERT_PROJECT, project, twice=True)
        except RequestRefused as error:
            hint = "does the entity exist, and may the key's owner write there?"
            text = f"project {queries.PROJECT} can't be made in entity {entity}: {error}; {hint}"
            raise RequestRefused(text) from error

    def upsert(self, request: Mapping[str, Any]) -> list[dict[str, str]]:
        """Make or change a queue; returns what the server finds odd in a config that it takes all the same.

        Raises:
            ConfigRefused: the server finds fault with the config.
        """
        data = self._client.write(queries.UPSERT_QUEUE, request, twice=True)
        answer = _object(data.get("upsertRunQueue"), "upsertRunQueue")
        problems = problems_of(answer.get("configSchemaValidationErrors"))
        if not answer.get("success"):
            raise ConfigRefused(f"the server refuses the queue: {text_of(problems)}", problems)
        return problems

    def delete(self, queue_id: str) -> None:
        """Delete a queue.

        Raises:
            RequestRefused: the server didn't.
        """
        data = self._client.write(queries.DELETE_QUEUE, {"id": queue_id}, twice=True)
        if not _object(data.get("deleteRunQueues"), "deleteRunQueues").get("success"):
            raise RequestRefused("the server did not delete the queue, and gave no reason")

    def push(self, request: Mapping[str, Any]) -> str:
        """Put a run into a queue and return the id of its item. This is never done twice.

        Raises:
            RequestRefused: the server refused the run.
            Lost: the run may be in the queue.
        """
        try:
            data = self._client.write(queries.PUSH, request)
        except Unreachable as error:
            if error.sent:
                raise Lost(str(error)) from error
            raise
        answer = _object(data.get("pushToRunQueueByName"), "pushToRunQueueByName")
        if not answer.get("runQueueItemId"):
            raise RequestRefused("the server did not accept the run, and gave no reason")
        return str(answer["runQueueItemId"])

    def find(self, entity: str, queue: str, run_id: str) -> str | None:
        """Return the id of the item of a run, or None when the server shows none.

        Not every server tells the spec of an item; then only items that an agent has taken are known by their run.
        """
        for query in (queries.ITEMS_WITH_SPEC, queries.ITEMS):
            variables = {"entity": entity, "project": queries.PROJECT, "queue": queue}
            try:
                data = self._client.read(query, variables)
            except RequestRefused:
                continue
            node = _object(_object(data.get("project"), "project").get("runQueue"), "runQueue")
            edges = _objects(_object(node.get("runQueueItems"), "runQueueItems").get("edges"), "edges")
            items = [_object(edge.get("node"), "node") for edge in edges]
            return next((str(item["id"]) for item in items if item.get("id") and _is_of(item, run_id)), None)
        return None

    def items(self, entity: str, queue: str, ids: Sequence[str]) -> list[dict[str, Any] | None]:
        """Return, by one request, the state of each queue item, or None where it is gone."""
        given = {f"id{i}": item_id for i, item_id in enumerate(ids)}
        variables = {"entity": entity, "project": queries.PROJECT, "queue": queue, **given}
        project = _object(self._client.read(queries.several_items(len(ids)), variables).get("project"), "project")
        node = _object(project.get("runQueue"), "runQueue")
        return [dict(_object(node.get(f"item{i}"), "runQueueItem")) or None for i in range(len(ids))]

    def item_error(self, entity: str, queue: str, item_id: str) -> str:
        """Return why an item failed, as far as the server tells."""
        variables = {"entity": entity, "project": queries.PROJECT, "queue": queue, "id": item_id}
        try:
            project = _object(self._client.read(queries.ITEM_ERROR, variables).get("project"), "project")
            item = _object(_object(project.get("runQueue"), "runQueue").get("runQueueItem"), "runQueueItem")
            return str(_object(item.get("error"), "error").get("message") or "")
        except (RequestRefused, Unreachable):  # a server whose items have no such field, or that is just away
            return ""

    def run_states(self, entity: str, project: str, names: Sequence[str]) -> list[str | None]:
        """Return, by one request, what each run reported of itself, or None where it never did."""
        variables = {"entity": entity, "project": project, **{f"name{i}": name for i, name in enumerate(names)}}
        found = _object(self._client.read(queries.several_runs(len(names)), variables).get("project"), "project")
        states = [_object(found.get(f"run{i}"), "run").get("state") for i in range(len(names))]
        return [str(state) if state else None for state in states]


def _is_of(item: Mapping[str, Any], run_id: str) -> bool:
    spec = item.get("runSpec")
    if isinstance(spec, str):
        try:
            spec = json.loads(spec)
        except ValueError:
            return False
    return item.get("associatedRunId") == run_id or (isinstance(spec, Mapping) and spec.get("run_id") == run_id)
