# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent loses its server or its life: Jobs run on, nothing runs twice, nothing is left after site.yml."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.integration.lab.conftest import HOST, IMAGE, LabHost, Run, wait_for
from tests.lab import config

from .agent import BACK, HEALTH, LOST, Agent, items_of, server_down, state_of

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


def test_a_pod_without_an_image_frees_its_slot(host: LabHost, agent: Agent, play: Callable[..., Run]) -> None:
    image = f"{config.REGISTRY}/gpu-launch-lab/no-such-image:1"
    sent = play("playbooks/submit.yml", extra={"submit_image": image, "submit_wait": False})
    assert sent.rc == 0, sent.output
    wait_for("a pod without an image", lambda: "ImagePull" in host.kubectl("get pods -A"), 120)
    young = play("site.yml")
    assert (young.rc, young.changed[HOST], len(agent.jobs())) == (0, 0, 1), young.output
    time.sleep(150)
    done = play("site.yml", extra={"launch_agent_stuck_seconds": 130})
    assert (done.rc, agent.jobs(), agent.secrets()) == (0, [], []), done.output
    extra = {"submit_image": IMAGE, "submit_values": {"gpus": 4}}
    after = play("playbooks/submit.yml", extra=extra)
    assert after.rc == 0, after.output
