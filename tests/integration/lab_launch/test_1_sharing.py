# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight runs of one GPU on a host of four: four at a time, each GPU is used, all of them finish."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from tests.integration.lab.conftest import LabHost

from .agent import Agent, items_of, state_of

UUID = re.compile(r"GPU-[0-9a-f-]{36}")
RUNS = 8
GPUS = 4
SECONDS = 480


def test_eight_runs_on_four_gpus(host: LabHost, agent: Agent, submit: Callable[..., list[dict[str, object]]]) -> None:
    machine = set(UUID.findall(host.sh("nvidia-smi -L")))
    assert len(machine) == GPUS
    runs = [run["run_id"] for run in submit(count=RUNS, values={"gpus": 1}, args=["--seconds", "40"], wait=False)]
    assert len(set(runs)) == RUNS, runs
    given: dict[str, str] = {}
    together: list[list[str]] = []
    end = time.monotonic() + SECONDS
    while {state_of(run) for run in runs} != {"finished"}:
        assert time.monotonic() < end, {run: state_of(run) for run in runs}
        pods = [pod for pod in agent.pods() if pod["status"]["phase"] in ("Running", "Succeeded")]
        for pod in pods:
            _read(host, pod, given)
        running = [pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] == "Running"]
        together.append([given[name] for name in running if name in given])
        assert len(running) <= GPUS, running
        time.sleep(2)
    assert max(map(len, together)) == GPUS, together
    assert all(len(uuids) == len(set(uuids)) for uuids in together), "two runs had the same GPU at the same time"
    assert (len(given), set(given.values())) == (RUNS, machine), given
    assert [len(items_of(run)) for run in runs] == [1] * RUNS


def _read(host: LabHost, pod: dict[str, Any], given: dict[str, str]) -> None:
    """Keep which GPU a pod has shown, once it has."""
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    if name not in given:
        found = UUID.findall(host.kubectl(f"logs -n {namespace} {name}", check=False))
        assert len(found) <= 1, f"{name} was given {found}"
        if found:
            given[name] = found[0]
