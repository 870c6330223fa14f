# SPDX-License-Identifier: GPL-3.0-or-later
"""The composite observation."""

import functools
import os
import signal
import threading
import time

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.compare import compare_all
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observation import COMPONENTS, Observation
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.observe import PROBES, observe
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root

SHOW = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"


def test_units_of_all_components_cost_one_call(machine, look, tmp_path):
    machine.mkdir("/run/systemd/system")
    calls = tmp_path / "calls"

    def runner(argv, deadline):
        with calls.open("a") as log:  # components are looked at in children
            log.write(f"{argv[0]}\n")
        return "\n".join([SHOW] * len(argv[argv.index("--") + 1 :]))

    seen = Observation.from_dict(observe(COMPONENTS, look(options={"runner": runner})))
    assert len(calls.read_text().splitlines()) == 1
    assert {c.unit.active for c in (seen.docker, seen.cluster, seen.nfs, seen.agent)} == {"active"}


def test_only_what_was_asked_for_is_read(machine, look):
    seen = observe(["nvidia_ctk"], look())
    assert sorted(seen) == ["nvidia_ctk", "unknown"]
    assert [item["fact"] for item in seen["unknown"]] == ["nvidia_ctk.packages"]


def test_a_bare_folder_is_observed_without_a_failure(machine, look):
    data = observe(COMPONENTS, look())
    seen = Observation.from_dict(data)
    assert seen.to_dict() == data
    assert "units" in [u.fact for u in seen.unknown]
    assert seen.docker.socket == "absent"


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_probe_that_is_killed_costs_its_own_component_alone(component, machine, look, monkeypatch):
    monkeypatch.setitem(PROBES, component, lambda dummy: os.kill(os.getpid(), signal.SIGKILL))
    seen = observe(COMPONENTS, look())
    assert set(COMPONENTS) - set(seen) == {component}
    reason = f"the look at {component}: the child died of signal 9"
    assert {"fact": component, "reason": reason} in seen["unknown"]
    compared = compare_all(seen, {component: {}})
    assert not compared["converged"]
    assert component in {item["fact"].split(".")[0] for item in compared["unknown"]}
    assert any("not observed" in line for line in compared["refusals"])


def test_a_probe_that_hangs_costs_its_own_component_alone(machine, look, monkeypatch):
    monkeypatch.setitem(PROBES, "nfs", lambda dummy: time.sleep(60))
    began = time.monotonic()
    seen = observe(COMPONENTS, look(options={"deadline": 0.25, "nvml_deadline": 4.0}))
    assert time.monotonic() - began < 30
    assert set(COMPONENTS) - set(seen) == {"nfs"}
    reason = next(item["reason"] for item in seen["unknown"] if item["fact"] == "nfs")
    assert reason.startswith("the look at nfs: no answer within ")


def test_a_machine_without_room_for_another_process_is_no_failure(machine, look, monkeypatch):
    def fork():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    seen = observe(["host", "gpu"], look())
    assert [item["fact"] for item in seen["unknown"]] == ["host", "gpu"]
    assert all("Resource temporarily unavailable" in item["reason"] for item in seen["unknown"])


def test_a_machine_without_room_for_a_thread_is_looked_at_as_well(machine, look, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    seen = observe(["host", "docker"], look())
    assert {"host", "docker"} <= set(seen)


def test_components_are_looked_at_side_by_side(machine, look, monkeypatch, tmp_path):
    def meet(name, dummy):
        """Answer when all have come, which one after the other never happens."""
        (tmp_path / name).touch()
        end = time.monotonic() + 30
        while time.monotonic() < end and not all((tmp_path / other).exists() for other in COMPONENTS):
            time.sleep(0.01)
        return sum((tmp_path / other).exists() for other in COMPONENTS)

    for component in COMPONENTS:
        monkeypatch.setitem(PROBES, component, functools.partial(meet, component))
    seen = observe(COMPONENTS, look())
    assert {seen[component] for component in COMPONENTS} == {len(COMPONENTS)}


def test_this_machine_is_observed_within_seconds(tmp_path, look):
    began = time.monotonic()
    seen = Observation.from_dict(observe(COMPONENTS, look(Root(), options={"nvml_library": str(tmp_path / "none")})))
    assert time.monotonic() - began < 10
    assert seen.host.cpus >= 1
    assert seen.gpu.nvml.state == "library_not_found"
