# SPDX-License-Identifier: GPL-3.0-or-later
"""Launch queues and their items: create, fill, lease, acknowledge, fail."""

from __future__ import annotations

import json
from typing import Any

from .graphql import GraphQLError
from .runs import Arguments, RunFields
from .state import REGISTRY, Record, timestamp
from .template_variables import choose_values, substitute


class QueueFields(RunFields):
    """Root fields for queues, resource configs and items."""

    def queue_fields(self, entity: str, project: str) -> Record:
        """Queues live in the registry project alone."""
        if project != REGISTRY:
            return {"runQueues": [], "runQueue": None}
        mine = [queue for key, queue in self.state.queues.items() if key.split("/", 1)[0] == entity]
        return {
            "runQueues": [self.queue_node(entity, queue) for queue in mine],
            "runQueue": lambda given: self.queue_node(entity, self.state.queues.get(f"{entity}/{given.get('name')}")),
        }

    def queue_node(self, entity: str, queue: Record | None) -> Record | None:
        """A queue as the API shows it."""
        if queue is None:
            return None
        items = [self.item_node(item) for item in self.state.items.values() if item["queue"] == queue["id"]]
        return {
            **queue,
            "entityName": entity,
            "createdBy": "1",
            "defaultResourceConfig": self.config_node(queue["defaultResourceConfigID"]),
            "runQueueItems": {"edges": [{"node": node} for node in items]},
            "runQueueItem": lambda given: self.item_node(self.state.items.get(str(given.get("id")))),
        }

    @staticmethod
    def item_node(item: Record | None) -> Record | None:
        """An item; its state ends with CLAIMED or FAILED, how the work went is the run's state."""
        if item is None:
            return None
        node = {name: item.get(name) for name in ("id", "state", "runSpec", "priority", "error")}
        return {**node, "associatedRunId": item.get("runName"), "warnings": item.get("warnings", [])}

    def config_node(self, config_id: str | None) -> Record | None:
        """A resource config: the config itself as an object, the variables as a list."""
        config = self.state.configs.get(config_id or "")
        if config is None:
            return None
        return {**config, "id": config_id, "config": json.loads(config["config"])}

    # -- queues -------------------------------------------------------------------------------------------------------
    def m_createDefaultResourceConfig(self, given: Arguments) -> Record:
        """First half of the older way to make a queue."""
        config_id = self._save_config(given["resource"], given["config"], given.get("templateVariables"))
        return {"defaultResourceConfigID": config_id, "success": True}

    def m_createRunQueue(self, given: Arguments) -> Record:
        """Second half of the older way."""
        key = f"{given['entityName']}/{given['queueName']}"
        if key in self.state.queues:
            raise GraphQLError(f"run queue {given['queueName']} already exists")
        self._put_queue(key, given.get("defaultResourceConfigID"), given)
        return {"success": True, "queueID": self.state.queues[key]["id"]}

    def m_upsertRunQueue(self, given: Arguments) -> Record:
        """Creates or changes a queue in one call."""
        if f"{given['entityName']}/{given['projectName']}" not in self.state.projects:
            raise GraphQLError(f"project {given['entityName']}/{given['projectName']} not found")
        config_id = self._save_config(given["resourceType"], given["resourceConfig"], given.get("templateVariables"))
        self._put_queue(f"{given['entityName']}/{given['queueName']}", config_id, given)
        return {"success": True, "configSchemaValidationErrors": []}

    def m_deleteRunQueues(self, given: Arguments) -> Record:
        """Removes queues and what waits in them."""
        ids = given.get("queueIDs") or []
        doomed = [key for key, queue in self.state.queues.items() if queue["id"] in ids]
        for key in doomed:
            del self.state.queues[key]
        for item_id in [i["id"] for i in self.state.items.values() if i["queue"] in ids and i["state"] == "PENDING"]:
            del self.state.items[item_id]
        return {"success": bool(doomed)}

    def _save_config(self, resource: str, config: str, variables: str | None) -> str:
        """Stores a resource config; variables arrive as JSON {name: {description?, schema: {...}}}."""
        json.loads(config)
        declared = [
            {
                "name": name,
                "description": body.get("description"),
                "schema": json.dumps(body.get("schema", {}), separators=(",", ":")),
            }
            for name, body in (json.loads(variables) if variables else {}).items()
        ]
        config_id = self.state.new_id("DefaultResourceConfig")
        self.state.configs[config_id] = {"resource": resource, "config": config, "templateVariables": declared}
        return config_id

    def _put_queue(self, key: str, config_id: str | None, given: Arguments) -> None:
        fresh = {
            "id": self.state.new_id("RunQueue"),
            "name": key.split("/", 1)[1],
            "createdAt": timestamp(),
            "access": given.get("access") or "PROJECT",
            "prioritizationMode": "DISABLED",
            "defaultResourceConfigID": None,
        }
        queue = self.state.queues.setdefault(key, fresh)
        mode = given.get("prioritizationMode") or "DISABLED"
        if queue["prioritizationMode"] == "V0" and mode == "DISABLED":  # MODEL, after the Terraform provider's words
            raise GraphQLError("prioritization cannot be disabled once it is enabled")
        links = json.loads(given["externalLinks"]) if given.get("externalLinks") else {"links": []}
        self.state.configs.pop(str(queue["defaultResourceConfigID"]), None)
        queue.update(
            defaultResourceConfigID=config_id, updatedAt=timestamp(), prioritizationMode=mode, externalLinks=links
        )

    # -- items --------------------------------------------------------------------------------------------------------
    def m_pushToRunQueueByName(self, given: Arguments) -> Record:
        """A run enters the queue, with its values put into the queue's config."""
        return self._push(self.state.queues.get(f"{given['entityName']}/{given['queueName']}"), given)

    def m_pushToRunQueue(self, given: Arguments) -> Record:
        """The older form, by the queue's id; `wandb launch` tries it once more after a refusal of the newer one."""
        return self._push(next((q for q in self.state.queues.values() if q["id"] == given["queueID"]), None), given)

    def _push(self, queue: Record | None, given: Arguments) -> Record:
        if queue is None:
            raise GraphQLError(f"run queue {given.get('queueName') or given.get('queueID')} not found")
        values = json.loads(given["templateVariableValues"]) if given.get("templateVariableValues") else {}
        spec = self._final_spec(queue, json.loads(given["runSpec"]), values)
        item_id = self.state.new_id("RunQueueItem")
        self.state.items[item_id] = {
            "id": item_id,
            "queue": queue["id"],
            "state": "PENDING",
            "runSpec": spec,
            "values": values,
            "priority": 2 if given.get("priority") is None else given["priority"],
            "number": self.state.next_number(),
            "createdAt": timestamp(),
        }
        return {"runQueueItemId": item_id, "runSpec": json.dumps(spec)}

    def _final_spec(self, queue: Record, spec: Record, values: Record) -> Record:
        """MODEL: the queue's config with the values put in becomes the run spec's resource_args."""
        spec.setdefault("author", self.options.username)
        config = self.state.configs.get(str(queue["defaultResourceConfigID"]))
        if config is None:
            return spec
        schemas = {variable["name"]: json.loads(variable["schema"]) for variable in config["templateVariables"]}
        chosen = choose_values(schemas, values)
        resource_args: Any = json.loads(config["config"]).get("resource_args", {})
        resource_args = substitute(resource_args, chosen, self.options.typed)
        if spec.get("resource_args") and not schemas:
            resource_args = {**resource_args, **spec["resource_args"]}
        return {**spec, "resource": config["resource"], "resource_args": resource_args}

    def q_runQueueItem(self, arguments: Arguments) -> Record | None:
        """An item by its id alone."""
        return self.item_node(self.state.items.get(str(arguments.get("id"))))

    def m_popFromRunQueue(self, given: Arguments) -> Record | None:
        """Leases the most urgent, then oldest item. MODEL: a lease never expires."""
        queue = self.state.queues.get(f"{given['entityName']}/{given['queueName']}")
        items = self.state.items.values()
        waiting = [item for item in items if queue and item["queue"] == queue["id"] and item["state"] == "PENDING"]
        if not waiting:
            return None
        item = min(waiting, key=lambda item: (item["priority"], item["number"]))
        item.update(state="LEASED", agent=given.get("launchAgentId"))
        return {"runQueueItemId": item["id"], "runSpec": item["runSpec"]}

    def m_ackRunQueueItem(self, given: Arguments) -> Record:
        """The agent takes the item over; the client prints an error when this is refused."""
        item = self.state.items.get(given["runQueueItemId"])
        if item is None or item["state"] != "LEASED":
            return {"success": False}
        item.update(state="CLAIMED", runName=given["runName"])
        return {"success": True}

    def m_failRunQueueItem(self, given: Arguments) -> Record:
        """The agent gives the item up, with its reason."""
        item = self.state.items.get(given["runQueueItemId"])
        if item is None:
            return {"success": False}
        error = {"message": given["message"], "stage": given["stage"], "filePaths": given.get("filePaths")}
        item.update(state="FAILED", error=error)
        return {"success": True}

    def m_updateRunQueueItemWarning(self, given: Arguments) -> Record:
        """Something that a person should see, such as a pod without a node."""
        item = self.state.items.get(given["runQueueItemId"])
        if item is None:
            return {"success": False}
        item.setdefault("warnings", []).append(given["message"])
        return {"success": True}

    def m_deleteFromRunQueue(self, given: Arguments) -> Record:
        """Takes a waiting item out of its queue."""
        item = self.state.items.get(given["runQueueItemId"])
        if item is None or item["state"] != "PENDING":
            return {"success": False}
        del self.state.items[item["id"]]
        return {"success": True}
