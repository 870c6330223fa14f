# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused before the first change, with what was found and what to set.

How long that takes follows from how often the host is reached, which is counted here: never for a value that works on
no machine, and once, to look at it, for everything else. benchmarks/ times it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import LabHost, Run

QUEUE = {"name": "gpu-queue"}
CASES = [
    pytest.param({"minikube_gpu_cpus": "many"}, ["minikube_gpu_cpus"], 0, id="wrong type"),
    pytest.param(
        {"launch_agent_queues": [{**QUEUE, "maxjobs": 2}]},
        ["maxjobs", "launch_agent_queues"],
        0,
        id="unknown key inside a queue",
    ),
    pytest.param(
        {"nfs_server_exports": [{"path": "/srv/x", "optoins": ["rw"]}]},
        ["optoins", "nfs_server_exports"],
        0,
        id="unknown key inside an export",
    ),
    pytest.param({"launch_agent_entity": ""}, ["launch_agent_entity"], 0, id="no entity"),
    pytest.param({"launch_agent_api_key": ""}, ["launch_agent_api_key", "WANDB_API_KEY"], 0, id="no key"),
    pytest.param(
        {"launch_agent_queues": [{"name": "no-such-queue"}]},
        ["no-such-queue", "config"],
        1,
        id="absent queue without config",
    ),
    pytest.param({"minikube_gpu_count": 8}, ["minikube_gpu_count", "8", "4"], 1, id="more GPUs than NVML sees"),
    pytest.param(
        {"minikube_gpu_memory_mib": 9000000},
        ["minikube_gpu_memory_mib", "9000000"],
        1,
        id="more memory than the host has",
    ),
]


@pytest.mark.parametrize(("extra", "words", "looks"), CASES)
def test_refused_before_the_first_change(
    host: LabHost, play: Callable[..., Run], extra: dict[str, object], words: list[str], looks: int
) -> None:
    before = host.started()
    done = play("site.yml", extra=extra)
    assert done.rc != 0, done.output
    for word in words:
        assert word in done.output, f"{word} is not in:\n{done.output}"
    assert sum(done.changed.values()) == 0, done.output
    assert host.started() == before
    assert done.looks == looks, done.modules


def test_unsupported_platform_is_refused(host: LabHost, play: Callable[..., Run]) -> None:
    host.sh("mv /etc/os-release /etc/os-release.kept; printf 'ID=plan9\\nVERSION_ID=\"4\"\\n' > /etc/os-release")
    try:
        done = play("site.yml")
    finally:
        host.sh("mv /etc/os-release.kept /etc/os-release")
    assert done.rc != 0
    for word in ("SYS002", "plan9"):
        assert word in done.output, done.output
    assert sum(done.changed.values()) == 0
    assert done.looks == 1, done.modules


def test_unknown_variable_is_told_with_the_nearest_name_and_not_refused(play: Callable[..., Run]) -> None:
    done = play("site.yml", "--check", extra={"minikube_gpu_memroy_mib": 8192})
    assert done.rc == 0, done.output
    assert "minikube_gpu_memroy_mib" in done.output
    assert "minikube_gpu_memory_mib" in done.output
