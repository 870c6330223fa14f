# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the agent exit: it is tried again for ever, and site.yml mends what is the machine's."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.integration.lab.conftest import HOST, LabHost, Run, wait_for

from .agent import BACK, NETRC, SETTINGS, UNIT, Agent, server_down

WRONG = "0" * 39 + "x"


def test_a_wrong_key_is_refused_before_anything_changes(host: LabHost, agent: Agent, play: Callable[..., Run]) -> None:
    before, process = host.started(), agent.pid
    done = play("site.yml", extra={"launch_agent_api_key": WRONG})
    assert done.rc != 0
    assert "rejects the API key" in done.output, done.output
    assert sum(done.changed.values()) == 0, done.output
    assert (host.started(), agent.pid) == (before, process)


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        pytest.param(f"sed -i 's/password .*/password {WRONG}/' {NETRC}", "Error:", id="wrong-key"),
        pytest.param(
            f"sed -i 's/gpu-queue/no-such-queue/' {SETTINGS}", "Not all of requested queues", id="unknown-queue"
        ),
        pytest.param(f"echo 'queue: by-hand' >> {SETTINGS}", "Extra inputs are not permitted", id="unknown-key"),
    ],
)
def test_an_agent_that_exits_is_tried_again_and_mended(
    host: LabHost, agent: Agent, play: Callable[..., Run], breaks: str, says: str
) -> None:
    began = time.time()
    host.sh(f"{breaks}; systemctl restart {UNIT}")
    try:
        wait_for(f"an agent that exits with {says}", lambda: says in agent.said(began), 60)
        wait_for("a second try", lambda: int(agent.show("NRestarts")) >= 1, 90)
        assert agent.show("ActiveState") != "failed"
    finally:
        done = play("site.yml")
    assert done.rc == 0, done.output
    assert done.changed[HOST] > 0, done.output
    agent.wait_until_it_polls()


def test_an_agent_that_starts_without_its_server_waits_for_it(
    host: LabHost, agent: Agent, play: Callable[..., Run]
) -> None:
    with server_down() as since:
        host.sh(f"systemctl restart {UNIT}")
        wait_for("an exit without a server", lambda: "Failed with result 'exit-code'" in agent.said(since), 90)
        assert agent.show("ActiveState") in ("activating", "active")
    agent.wait_until_it_polls(BACK)
    done = play("site.yml")
    assert (done.rc, done.changed[HOST]) == (0, 0), done.output
