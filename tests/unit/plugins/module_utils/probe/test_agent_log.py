# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the agent polls, by its own log, and which files it has not read yet."""

import os
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.wanted.agent import AgentWanted
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe import agent_log

HOME = "/var/lib/wandb-launch"
LOG = f"{HOME}/wandb/run-1/logs/debug.log"
OUTPUT = f"{HOME}/wandb/run-1/files/output.log"


def running(seconds=1000.0):
    """Return a unit that became active some seconds ago."""
    return Unit("loaded", "active", "running", "enabled", started_at=time.monotonic() - seconds)


def says(seconds_ago, text="agent agent-1 polling on queues q, running 0 out of a maximum of 4 jobs", pid=77):
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time.time() - seconds_ago))
    return f"{stamp},123 INFO    MainThread:{pid} [agent.py:print_status():381] [no run ID] {text}\n"


@pytest.fixture
def log(machine):
    """Writes the agent's log and output."""
    machine.link(f"{HOME}/wandb/latest-run", "run-1")

    def write(text, output=""):
        machine.write(LOG, text)
        return machine.write(OUTPUT, output)

    return write


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        (lambda: says(900) + says(20) + "Traceback\n", 15, 60),
        (lambda: says(20, "agent a running 4 out of a maximum of 4 jobs"), 15, 60),
        (lambda: says(20) + "x" * (1 << 16) + "\n", 15, 60),
    ],
    ids=["last-line-counts", "all-slots-taken", "long-lines"],
)
def test_polls(machine, log, text, low, high):
    log(text())  # written now: the tests before this one may have taken minutes
    found = agent_log.polling(machine.root, running(), HOME)
    assert low < found.age < high
    assert found.error == ""
    assert 990 < found.running < 1100


@pytest.mark.parametrize("text", ["", says(2000), "nothing\n"], ids=["empty", "of-an-earlier-start", "other-words"])
def test_does_not_poll(machine, log, text):
    log(text)
    assert agent_log.polling(machine.root, running(), HOME).age is None


def test_no_log_at_all(machine):
    assert agent_log.polling(machine.root, running(), HOME).age is None


def test_a_log_that_is_no_file(machine):
    machine.link(f"{HOME}/wandb/latest-run", "run-1")
    machine.mkdir(LOG)
    assert agent_log.polling(machine.root, running(), HOME).age is None


def test_last_words(machine, log):
    output = log(says(20), "wandb: polling\nError: Failed to execute API request: busy\n\n")
    assert agent_log.polling(machine.root, running(), HOME).error == "Error: Failed to execute API request: busy"
    os.utime(output, (time.time() - 2000,) * 2)  # those of the start before
    assert agent_log.polling(machine.root, running(), HOME).error == ""


@pytest.mark.parametrize(("state", "halted"), [("T", True), ("S", False)], ids=["stopped", "sleeping"])
def test_a_process_that_a_signal_has_stopped(machine, log, state, halted):
    log(says(20, pid=77))
    machine.write("/proc/77/stat", f"77 (wandb) x) {state} 1 77")
    assert agent_log.polling(machine.root, running(), HOME).halted is halted


def test_files_that_are_newer_than_the_agent(machine):
    wanted = AgentWanted()
    for path, age in ((wanted.config_path, 10), (wanted.netrc, 2000), (wanted.kubeconfig, -500)):
        place = machine.write(path, "")
        os.utime(place, (time.time() - age,) * 2)
    assert agent_log.newer(machine.root, running(), wanted) == (wanted.config_path,)
