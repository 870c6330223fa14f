# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole API: agents, and the execution of one request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .graphql import Document
from .queues import QueueFields
from .runs import Arguments
from .state import Options, Record, load, timestamp


class Api(QueueFields):
    """State of the server and one method per root field."""

    def __init__(self, options: Options, path: Path | None = None) -> None:
        """Continues with the state that is in `path`, and keeps it there."""
        super().__init__(options, load(path))
        self.path = path
        self.lock = threading.RLock()

    def save(self) -> None:
        """Writes the state file, if there is one."""
        if self.path is not None:
            self.state.save(self.path)

    def execute(self, text: str, variables: Mapping[str, Any]) -> tuple[list[str], Record]:
        """Runs one operation; returns the names of its root fields and the data."""
        document = Document(text)
        data: Record = {}
        names: list[str] = []
        for selected in document.flat(document.root):
            names.append(selected.name)
            arguments = document.bind(selected.arguments, variables)
            resolver = self._resolver(selected.name)
            with self.lock:
                if resolver is None:
                    self.state.unknown[selected.name] = self.state.unknown.get(selected.name, 0) + 1
                    data[selected.alias] = None
                    continue
                given = arguments["input"] if isinstance(arguments.get("input"), dict) else arguments
                data[selected.alias] = document.shape(resolver(given), selected.selection, variables)
                if hasattr(self, f"m_{selected.name}"):
                    self.save()
        return names, data

    def _resolver(self, name: str) -> Callable[[Arguments], Any] | None:
        found: Callable[[Arguments], Any] | None = getattr(self, f"q_{name}", None) or getattr(self, f"m_{name}", None)
        return found

    # -- introspection: clients before 0.26 ask what the server can do ------------------------------------------------
    def q___schema(self, _: Arguments) -> Record:
        """Nothing worth telling."""
        return {"types": []}

    def q___type(self, arguments: Arguments) -> Record:
        """The fields of the few types that clients ask for."""
        error_fields = ["runQueueItemId", "message", "stage", "filePaths"]
        known = {
            "Query": ["viewer", "entity", "project", "model", "launchAgent", "serverInfo"],
            "Mutation": [name[2:] for name in dir(self) if name.startswith("m_")],
            "LaunchAgentType": ["id", "name", "runQueues", "hostname", "agentStatus", "stopPolling", "heartbeatAt"],
            "CreateLaunchAgentInput": ["entityName", "projectName", "runQueues", "hostname", "agentConfig", "version"],
            "FailRunQueueItemInput": error_fields,
            "UpdateRunQueueItemWarningInput": error_fields,
            "ServerInfo": ["cliVersionInfo", "latestLocalVersionInfo"],
        }
        fields = [{"name": name, "args": []} for name in known.get(str(arguments.get("name")), [])]
        return {"name": arguments.get("name"), "fields": fields, "inputFields": fields}

    # -- agents -------------------------------------------------------------------------------------------------------
    def m_createLaunchAgent(self, given: Arguments) -> Record:
        """A new process registers; a restarted agent is a new one."""
        agent_id = self.state.new_id("LaunchAgent")
        self.state.agents[agent_id] = {
            "id": agent_id,
            "name": self.options.agent_name or f"agent-{len(self.state.agents) + 1}",
            "runQueues": given["runQueues"],
            "hostname": given["hostname"],
            "agentStatus": "POLLING",
            "stopPolling": False,
            "heartbeatAt": timestamp(),
            "version": given.get("version"),
            "agentConfig": given.get("agentConfig"),
        }
        return {"launchAgentId": agent_id}

    def q_launchAgent(self, arguments: Arguments) -> Record | None:
        """An agent asks here, with every poll, whether it shall stop."""
        agent = self.state.agents.get(str(arguments.get("id")))
        if agent is not None:
            agent["heartbeatAt"] = timestamp()
        return agent

    def m_updateLaunchAgent(self, given: Arguments) -> Record:
        """POLLING, RUNNING or KILLED."""
        agent = self.state.agents.get(given["launchAgentId"])
        if agent is None:
            return {"success": False}
        agent.update(agentStatus=given["agentStatus"], heartbeatAt=timestamp())
        return {"success": True}

    def control(self, wanted: Mapping[str, Any]) -> None:
        """For tests: stop all agents. Nothing here can give a run a state; only the job's own report does."""
        with self.lock:
            if wanted.get("stop_agents"):
                for agent in self.state.agents.values():
                    agent["stopPolling"] = True
            self.save()
