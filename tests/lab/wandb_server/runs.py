# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity, projects and runs: what `wandb.init()`, `log()` and `finish()` talk to."""

from __future__ import annotations

import json
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from typing import Any

from .state import LOG_LINES, REGISTRY, Options, Record, State, run_state, timestamp

Arguments = Mapping[str, Any]


class RunFields:
    """Root fields of the API: `q_` queries, `m_` mutations."""

    def __init__(self, options: Options, state: State) -> None:
        """Binds the fields to one state."""
        self.options = options
        self.state = state

    # -- identity -----------------------------------------------------------------------------------------------------
    def q_viewer(self, _: Arguments) -> Record:
        """Who the API key belongs to."""
        team = {"node": {"id": "VGVhbTox", "name": self.options.entity}}
        return {
            "id": "VXNlcjox",
            "entity": self.options.entity,
            "username": self.options.username,
            "name": "Test User",
            "email": "user@example.org",
            "admin": False,
            "flags": "{}",
            "apiKeys": {"edges": []},
            "teams": {"edges": [team]},
            "organizations": [],
        }

    def q_serverInfo(self, _: Arguments) -> Record:
        """No optional feature: clients then use the oldest way that they know."""
        return {"features": [], "cliVersionInfo": {"max_cli_version": "0.99.0"}, "latestLocalVersionInfo": None}

    def q_entity(self, arguments: Arguments) -> Record | None:
        """Only the lab's own entity and user exist."""
        name = arguments.get("name") or arguments.get("entityName")
        if name not in (self.options.entity, self.options.username):
            return None
        return {
            "id": "RW50aXR5OjE=",
            "name": name,
            "isTeam": self.options.team and name == self.options.entity,
            "organization": None,
            "xxhashDigestsEnabled": False,
            "defaultResourceConfig": lambda given: self.config_node(given.get("id")),
        }

    # -- projects -----------------------------------------------------------------------------------------------------
    def m_upsertModel(self, given: Arguments) -> Record:
        """Creates a project, or finds it."""
        entity, name = given.get("entityName"), given.get("name")
        inserted = f"{entity}/{name}" not in self.state.projects
        if inserted:
            self.state.projects.append(f"{entity}/{name}")
        node = {"id": self.state.new_id("Project"), "name": name, "entityName": entity, "description": None}
        return {"project": node, "model": node, "inserted": inserted}

    def q_model(self, arguments: Arguments) -> Record:
        """The old name of a project; `bucket` is the old name of a run. A resuming run asks here."""
        entity, name = str(arguments.get("entityName") or self.options.entity), str(arguments.get("name"))
        return {
            "id": f"Project:{entity}/{name}",
            "name": name,
            "entity": {"id": "RW50aXR5OjE=", "name": entity},
            "bucket": lambda given: self.run_node(entity, name, str(given.get("name"))),
        }

    def q_project(self, arguments: Arguments) -> Record | None:
        """A project with its queues (the registry) or runs. Runs make their project, the registry must be made."""
        entity, name = str(arguments.get("entityName")), str(arguments.get("name"))
        if name == REGISTRY and f"{entity}/{name}" not in self.state.projects:
            return None
        return {
            "id": f"Project:{entity}/{name}",
            "name": name,
            "isReadOnly": False,
            "entity": {"id": "RW50aXR5OjE=", "name": entity},
            "run": lambda given: self.run_node(entity, name, str(given.get("name"))),
            **self.queue_fields(entity, name),
        }

    def queue_fields(self, entity: str, project: str) -> Record:
        """What the queues add to a project."""
        raise NotImplementedError

    def config_node(self, config_id: str | None) -> Record | None:
        """A queue's resource config by its id."""
        raise NotImplementedError

    # -- runs ---------------------------------------------------------------------------------------------------------
    def run_node(self, entity: str, project: str, name: str) -> Record | None:
        """A run, or None before the job's own wandb.init."""
        run = self.state.runs.get(f"{entity}/{project}/{name}")
        if run is None:
            return None
        project_node = {"id": f"Project:{entity}/{project}", "name": project, "entity": {"id": "1", "name": entity}}
        return {
            "id": f"Run:{entity}/{project}/{name}",
            "name": name,
            "displayName": run["displayName"],
            "state": run_state(run, time.time()),
            "stopped": run["stopped"],
            "config": run["config"],
            "wandbConfig": "{}",
            "summaryMetrics": json.dumps(run["summary"]),
            "historyLineCount": run["history"],
            "logLineCount": len(run["log"]),
            "eventsLineCount": 0,
            "historyTail": "[]",
            "eventsTail": "[]",
            "sweepName": None,
            "tags": run["tags"],
            "notes": None,
            "description": None,
            "createdAt": run["createdAt"],
            "heartbeatAt": run["heartbeatAt"],
            "user": {"username": self.options.username, "name": "Test User"},
            "project": project_node,
            "logLines": lambda given: self._log_lines(run, given),
        }

    @staticmethod
    def _log_lines(run: Record, given: Arguments) -> Record:
        last = int(given.get("last") or given.get("first") or LOG_LINES)
        lines = list(enumerate(run["log"]))[-last:]
        return {"edges": [{"node": {"number": number, "line": line, "level": "info"}} for number, line in lines]}

    def m_upsertBucket(self, given: Arguments) -> Record:
        """What wandb.init() sends first, and every change of name, config or tags later."""
        entity, project, name = self._run_names(given)
        key = f"{entity}/{project}/{name}"
        inserted = key not in self.state.runs
        run = self.state.runs.setdefault(key, new_run(name))
        if inserted and f"{entity}/{project}" not in self.state.projects:
            self.state.projects.append(f"{entity}/{project}")
        for theirs, ours in (("displayName", "displayName"), ("config", "config"), ("tags", "tags")):
            if given.get(theirs) is not None:
                run[ours] = given[theirs]
        if given.get("state"):
            run["state"] = given["state"]
        touch(run)
        return {"inserted": inserted, "bucket": self.run_node(entity, project, name)}

    def _run_names(self, given: Arguments) -> tuple[str, str, str]:
        if str(given.get("id") or "").startswith("Run:"):
            entity, project, name = str(given["id"])[4:].split("/", 2)
            return entity, project, name
        entity = given.get("entityName") or self.options.entity
        project = given.get("modelName") or given.get("projectName") or "uncategorized"
        return entity, project, given.get("name") or uuid.uuid4().hex[:8]

    def m_createRunFiles(self, given: Arguments) -> Record:
        """Addresses for uploads, relative to the server: the HTTP side makes them absolute, the content is dropped."""
        files = [str(name) for name in given.get("files") or []]
        nodes = [{"name": name, "uploadUrl": "/upload/" + urllib.parse.quote(name, safe="")} for name in files]
        return {"runID": self.state.new_id("Run"), "uploadHeaders": [], "files": nodes}

    def m_markRunFilesUploaded(self, _: Arguments) -> Record:
        """Nothing is kept."""
        return {"success": True}

    def m_stopRun(self, given: Arguments) -> Record:
        """The web page's stop button: the client asks for `stopped` and ends the process."""
        run = self.state.runs.get(str(given.get("id") or "").removeprefix("Run:"))
        if run is not None:
            run["stopped"] = True
        return {"success": run is not None}

    def stream(self, key: str, content: Mapping[str, Any]) -> Record:
        """One post of the file stream: history, summary, console output, and at the end the exit code."""
        run = self.state.runs.setdefault(key, new_run(key.rsplit("/", 1)[-1]))
        for name, chunk in (content.get("files") or {}).items():
            take_chunk(run, name, chunk)
        if content.get("complete"):
            run.update(state="failed" if content.get("exitcode") else "finished", exitcode=content.get("exitcode"))
        touch(run)
        return {"exitcode": None, "limits": {}}


def new_run(name: str) -> Record:
    """A run that has just begun."""
    return {
        "displayName": name,
        "state": "running",
        "stopped": False,
        "config": "{}",
        "summary": {},
        "history": 0,
        "log": [],
        "tags": [],
        "exitcode": None,
        "createdAt": timestamp(),
        "heartbeatAt": timestamp(),
        "heard": time.time(),
    }


def touch(run: Record) -> None:
    """A sign of life."""
    run.update(heartbeatAt=timestamp(), heard=time.time())


def take_chunk(run: Record, name: str, chunk: Mapping[str, Any]) -> None:
    """Lines of one streamed file, at their offset."""
    lines = [str(line) for line in chunk.get("content") or []]
    offset = int(chunk.get("offset") or 0)
    if name == "wandb-history.jsonl":
        run["history"] = max(run["history"], offset + len(lines))
    elif name == "wandb-summary.json" and lines:
        run["summary"] = json.loads(lines[-1])
    elif name == "output.log":
        run["log"] = (run["log"] + [line.split(" ", 1)[-1].rstrip("\n") for line in lines])[-LOG_LINES:]
