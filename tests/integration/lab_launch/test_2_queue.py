# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue that was edited in the inventory: site.yml shows the difference, changes the queue, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.integration.lab.conftest import HOST, LabHost, Run
from tests.lab import config

from .agent import Agent, server

FIELD = "activeDeadlineSeconds"


class _Loader(yaml.SafeLoader):
    """Reads an inventory's own tag as the text that it marks."""


_Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(node.value))


class Unsafe(str):
    """Text that Ansible must not take for a template."""


def edited(place: Path, seconds: int) -> Path:
    """An inventory that comes after the lab's own, with its queue and another time limit."""
    (group,) = (config.inventory_dir() / "group_vars").glob("*.yml")
    queues = yaml.load(group.read_text(encoding="utf-8"), _Loader)["launch_agent_queues"]
    queues[0]["config"]["spec"][FIELD] = seconds
    text = re.sub(r'"(\{\{\w+\}\})"', r'!unsafe "\1"', json.dumps({"launch_agent_queues": queues}))  # JSON is YAML
    (place / "group_vars").mkdir()
    (place / "group_vars" / group.name).write_text(text, encoding="utf-8")
    (place / "hosts.yml").write_text(json.dumps({group.stem: {"hosts": {HOST: {}}}}), encoding="utf-8")
    return place


def limit() -> int:
    """The time limit that the server has."""
    known = server()
    (queue,) = (queue for queue in known["queues"] if queue["name"] == "gpu-queue")
    config = json.dumps(known["configs"][queue["defaultResourceConfigID"]])
    (found,) = re.findall(rf"{FIELD}\D+(\d+)", config)
    return int(found)


def test_the_difference_is_shown_and_the_agent_left_alone(
    host: LabHost, agent: Agent, play: Callable[..., Run], tmp_path: Path
) -> None:
    before, process = host.started(), agent.pid
    other = edited(tmp_path, 1800)
    try:
        predicted = play("site.yml", "--check", "--diff", "-i", str(other))
        assert (predicted.rc, limit()) == (0, 3600), predicted.output
        done = play("site.yml", "--diff", "-i", str(other))
        for run in (predicted, done):
            assert run.rc == 0, run.output
            assert re.search(rf'^-\s+"?{FIELD}"?: 3600,?$', run.output, re.M), run.output
            assert re.search(rf'^\+\s+"?{FIELD}"?: 1800,?$', run.output, re.M), run.output
        assert (done.changed[HOST], limit()) == (1, 1800), done.output
        again = play("site.yml", "-i", str(other))
        assert (again.rc, again.changed[HOST]) == (0, 0), again.output
    finally:
        back = play("site.yml")
    assert (back.rc, limit()) == (0, 3600), back.output
    assert (host.started(), agent.pid) == (before, process)
