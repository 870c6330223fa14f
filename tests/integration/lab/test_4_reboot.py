# SPDX-License-Identifier: GPL-3.0-or-later
"""After a restart of the host the cluster, its GPUs and the agent come back by themselves."""

from __future__ import annotations

from collections.abc import Callable

from tests.lab import hosts

from .conftest import HOST, LabHost, Run, wait_for


def test_restart_of_the_host(
    host: LabHost, play: Callable[..., Run], submit: Callable[..., list[dict[str, object]]]
) -> None:
    hosts.restart(HOST)
    wait_for("4 allocatable GPUs", lambda: host.allocatable() == "4", 180)
    wait_for(
        "the agent", lambda: host.sh("systemctl is-active wandb-launch-agent.service", check=False) == "active", 60
    )
    (run,) = submit(values={"gpus": 1})
    assert run["state"] == "finished", run
    done = play("site.yml")
    assert done.rc == 0, done.output
    assert done.changed[HOST] == 0, done.output
