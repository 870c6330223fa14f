# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent loses its server or its life: Jobs run on, nothing runs twice, nothing is left after site.yml."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.integration.lab.conftest import HOST, IMAGE, LabHost, Run, wait_for
from tests.lab import config

from .agent import BACK, HEALTH, LOST, Agent, items_of, server_down, state_of

OLD = 150  # seconds, after which a Job that does not start is removed here; it is observed from 120 on
Submit = Callable[..., list[dict[str, object]]]


def start(agent: Agent, submit: Submit, seconds: int) -> str:
    """Submit a run of some seconds, and wait until it runs."""
    (run,) = submit(values={"gpus": 1}, args=["--seconds", str(seconds)], wait=False)
    wait_for("a pod that runs", agent.runs, 90)
    return str(run["run_id"])


def caught(agent: Agent, process: int, since: float) -> float:
    """Wait until the look at its health has ended the agent; return the seconds that took."""
    ended = wait_for("a dead agent that is ended", lambda: agent.pid != process, LOST - (time.time() - since))
    said = agent.said(since, f"-t {HEALTH}")
    assert "does not poll" in said, said
    return ended


def nothing_is_left(agent: Agent, play: Callable[..., Run]) -> None:
    """After the Job's own end, site.yml takes away what the agent that died can't, once."""
    agent.wait_until_no_job_is_left()
    assert agent.secrets(), "the agent that died should have left its Secret"
    done = play("site.yml")
    assert (done.rc, agent.secrets(), agent.jobs()) == (0, [], []), done.output
    again = play("site.yml")
    assert (again.rc, again.changed[HOST]) == (0, 0), again.output


def test_server_lost_while_polling(agent: Agent, play: Callable[..., Run]) -> None:
    process = agent.pid
    with server_down() as since:
        caught(agent, process, since)
        wait_for("an end of what it had started", lambda: not agent.strays(process), 30)
    agent.wait_until_it_polls(BACK)
    done = play("site.yml")
    assert (done.rc, done.changed[HOST]) == (0, 0), done.output


def test_server_lost_while_a_run_is_on(agent: Agent, play: Callable[..., Run], submit: Submit) -> None:
    run, process = start(agent, submit, 120), agent.pid
    (job,) = agent.jobs_of(run)
    with server_down() as since:
        caught(agent, process, since)
        assert agent.jobs_of(run) == [job]
    agent.wait_until_it_polls(BACK)
    wait_for("the end of the run", lambda: state_of(run) == "finished", 300)
    assert agent.jobs_of(run) in ([job], [])
    assert len(items_of(run)) == 1
    nothing_is_left(agent, play)


def test_agent_killed_while_a_run_is_on(host: LabHost, agent: Agent, play: Callable[..., Run], submit: Submit) -> None:
    run, process = start(agent, submit, 75), agent.pid
    (job,) = agent.jobs_of(run)
    host.sh(f"kill -KILL {process}")
    wait_for("another agent", lambda: agent.pid not in (0, process), BACK)
    assert agent.strays(process) == ""
    agent.wait_until_it_polls()
    assert agent.jobs_of(run) == [job]
    wait_for("the end of the run", lambda: state_of(run) == "finished", 240)
    assert agent.jobs_of(run) in ([job], [])
    assert len(items_of(run)) == 1
    nothing_is_left(agent, play)


def stuck(host: LabHost, play: Callable[..., Run]) -> None:
    """Submit a run whose image is nowhere, and wait until its pod says so."""
    image = f"{config.REGISTRY}/gpu-launch-lab/no-such-image:1"
    sent = play("playbooks/submit.yml", extra={"submit_image": image, "submit_wait": False})
    assert sent.rc == 0, sent.output
    wait_for("a pod without an image", lambda: "ImagePull" in host.kubectl("get pods -A"), 120)


@pytest.mark.parametrize("by", ["timer", "site"])
def test_a_pod_without_an_image_frees_its_slot(host: LabHost, agent: Agent, play: Callable[..., Run], by: str) -> None:
    soon = {"launch_agent_stuck_seconds": OLD}
    process = agent.pid
    try:
        stuck(host, play)
        young = play("site.yml", extra=soon)
        assert (young.rc, len(agent.jobs()), agent.pid) == (0, 1, process), young.output
        time.sleep(OLD + 20)
        began = time.time()
        if by == "timer":
            host.sh("systemctl start wandb-launch-agent-jobs.service")
            assert "is removed: no pod has started" in agent.said(began, "-t wandb-launch-agent-jobs")
        else:
            done = play("site.yml", extra=soon)
            assert done.rc == 0, done.output
        wait_for("a cluster without the Job", lambda: not agent.jobs(), 30)
        wait_for("an agent that has removed the Secret", lambda: not agent.secrets(), 120)
        after = play("playbooks/submit.yml", extra={"submit_image": IMAGE, "submit_values": {"gpus": 4}})
        assert after.rc == 0, after.output
    finally:
        back = play("site.yml")
    assert (back.rc, agent.pid) == (0, process), back.output
