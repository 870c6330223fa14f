# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's page for people: queues, items, runs, agents, and what no client got an answer to. No secrets."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from .state import State, outcome, run_state

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>W&amp;B stand-in</title>
<meta http-equiv="refresh" content="5"><style>
body { font: 15px/1.4 sans-serif; margin: 2em; max-width: 75em }
table { border-collapse: collapse; margin-bottom: 1.5em } th, td { text-align: left; padding: .2em 1em .2em 0 }
th { border-bottom: 1px solid #999 } pre { background: #f4f4f4; padding: .5em } h2 { margin-bottom: .3em }
</style></head><body><h1>W&amp;B stand-in of the lab</h1>
<p>Not the real server: it keeps Launch queues, agents and runs of the lab, nothing else.</p>
"""


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>\n" for row in rows)
    columns = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    nothing = "" if body else "<tr><td>none</td></tr>"
    return f"<h2>{html.escape(title)}</h2>\n<table><tr>{columns}</tr>\n{body}{nothing}</table>\n"


def _queues(state: State) -> str:
    rows = []
    for key, queue in state.queues.items():
        config = state.configs.get(str(queue["defaultResourceConfigID"])) or {"templateVariables": [], "resource": ""}
        variables = "; ".join(f"{v['name']} {v['schema']}" for v in config["templateVariables"])
        waiting = sum(i["queue"] == queue["id"] and i["state"] == "PENDING" for i in state.items.values())
        rows.append((key, config["resource"], variables, waiting))
    return _table("Queues", ("entity/queue", "resource", "template variables", "waiting"), rows)


def _items(state: State, now: float) -> str:
    names = {queue["id"]: queue["name"] for queue in state.queues.values()}
    rows = []
    for item in sorted(state.items.values(), key=lambda item: -item["number"]):
        note = (item.get("error") or {}).get("message") or "; ".join(item.get("warnings", []))
        values = json.dumps(item.get("values", {}))
        spec = item["runSpec"]
        run = f"{spec.get('project')}/{item.get('runName') or '-'}"
        rows.append((names.get(item["queue"], "-"), item["state"], outcome(item, state.runs, now), run, values, note))
    return _table("Queue items", ("queue", "state", "outcome", "run", "values", "error or warning"), rows)


def _runs(state: State, now: float) -> str:
    rows = [
        (key, run["displayName"], run_state(run, now), run["exitcode"], run["history"], run["heartbeatAt"])
        for key, run in reversed(state.runs.items())
    ]
    head = ("entity/project/run", "name", "state", "exit code", "logged steps", "last heard (UTC)")
    logs = [
        f"<h2>Console of {html.escape(key)}</h2>\n<pre>{html.escape(chr(10).join(run['log'][-20:]))}</pre>\n"
        for key, run in list(reversed(state.runs.items()))[:3]
        if run["log"]
    ]
    return _table("Runs", head, rows) + "".join(logs)


def render(state: State) -> str:
    """The whole page."""
    now = time.time()
    agents = [
        (agent["name"], agent["hostname"], agent["agentStatus"], agent.get("version"), agent["heartbeatAt"])
        for agent in reversed(state.agents.values())
    ]
    return "".join(
        (
            HEAD,
            _queues(state),
            _items(state, now),
            _runs(state, now),
            _table("Agents", ("name", "host", "status", "version", "last heard (UTC)"), agents),
            _table("Operations without an answer", ("field", "asked"), sorted(state.unknown.items())),
            "</body></html>\n",
        )
    )
