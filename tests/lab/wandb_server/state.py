# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server remembers, and the JSON file that carries it over a restart."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

REGISTRY = "model-registry"  # the project in which all Launch queues of an entity live
CRASHED_AFTER = 300  # seconds without a sign of life; MODEL: the documented five minutes of the web page
LOG_LINES = 200  # console lines that are kept per run
Record = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """How this server behaves; all of it comes from the command line."""

    entity: str = "team-a"
    username: str = "alex"
    api_key: str = ""  # the only one that is accepted; empty accepts any
    team: bool = True
    typed: bool = True
    agent_name: str = ""
    error_status: int = 200


@dataclass
class State:
    """Plain data only, so that the file is the state. Keys are `entity/queue`, `entity/project/run` or ids."""

    number: int = 0
    projects: list[str] = field(default_factory=list)
    queues: dict[str, Record] = field(default_factory=dict)
    configs: dict[str, Record] = field(default_factory=dict)
    items: dict[str, Record] = field(default_factory=dict)
    agents: dict[str, Record] = field(default_factory=dict)
    runs: dict[str, Record] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    def next_number(self) -> int:
        """Counts up; ids and the order of items come from it."""
        self.number += 1
        return self.number

    def new_id(self, kind: str) -> str:
        """An opaque id of the real server's shape."""
        return base64.b64encode(f"{kind}:{self.next_number()}".encode()).decode()

    def save(self, path: Path) -> None:
        """Replaces the file in one step."""
        new = path.with_name(path.name + ".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        new.replace(path)


def load(path: Path | None) -> State:
    """The state of the last process, or an empty one. A broken file is set aside, not lost."""
    if path is None or not path.exists():
        return State()
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return State(**{f.name: stored[f.name] for f in fields(State) if f.name in stored})
    except (ValueError, TypeError):
        path.replace(path.with_name(path.name + ".broken"))
        return State()


def timestamp() -> str:
    """Now, as the API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())


def run_state(run: Mapping[str, Any], now: float) -> str:
    """MODEL: a running run that has not been heard of for five minutes counts as crashed."""
    silent = now - float(run.get("heard", now))
    return "crashed" if run["state"] == "running" and silent > CRASHED_AFTER else str(run["state"])


def outcome(item: Mapping[str, Any], runs: Mapping[str, Mapping[str, Any]], now: float) -> str:
    """What the queue's web page shows for an item. MODEL: the API's own item state stays CLAIMED for ever; how the
    work went is known from the run alone, which exists only once the job itself has called wandb.init."""
    if item["state"] != "CLAIMED":
        return str(item["state"]).lower()
    spec = item["runSpec"]
    run = runs.get(f"{spec.get('entity')}/{spec.get('project')}/{item.get('runName')}")
    return run_state(run, now) if run else "starting"
