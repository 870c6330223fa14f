# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook submit knows of its runs, and what it says of its inputs."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter import launch_runs as runs_file

FILTERS = runs_file.FilterModule().filters()
runs, table, pods_of = (FILTERS[name] for name in ("launch_runs", "launch_runs_table", "launch_run_pods"))
UUIDS = [f"GPU-0000000{n}-0000-0000-0000-000000000000" for n in (1, 2)]
SENT = {"run_id": "r", "item_id": "i", "state": "queued", "url": "u", "states": [], "changed": True}


def news(state, ok=True, ended=False, moved=True, message=""):
    return [{"run_id": "r", "state": state, "ok": ok, "ended": ended, "moved": moved, "message": message}]


def output(**said):
    return [{"item": {"run_id": "r"}, **said}]


def test_states_logs_and_gpus_are_kept():
    (sent,) = runs([SENT])
    assert (sent["gpus"], sent["message"], sent["ended"]) == ([], "", False)
    (running,) = runs([sent], news("running", ok=False), 4.2)
    assert running["message"] == "run r: the run is still running after 4 s: it goes on"
    (heard,) = runs([running], [], 0, [*output(log="a long log"), *output(stdout="\n".join([*UUIDS, "void"]))])
    (same,) = runs([heard], news("running", ok=False, moved=False), 9.0, output(log="short", stdout=UUIDS[0]))
    assert (same["log"], same["gpus"], same["seconds"], same["moved"]) == ("a long log", UUIDS, 4, False)
    (done,) = runs([same], news("finished", ended=True), 12.6)
    assert (done["state"], done["seconds"], done["message"]) == ("finished", 13, "")
    assert table([done])[1].split() == ["r", "finished", "13", f"{UUIDS[0]},", UUIDS[1]]
    assert runs([done], [{**news("failed")[0], "run_id": "other"}], 1, [{"item": {}, "log": "x" * 99}])[0] == done


def test_a_failure_keeps_its_reason():
    (failed,) = runs([SENT], news("failed", ok=False, ended=True, message="no GPU"), 3)
    assert failed["message"] == "run r: no GPU"


def test_partitions_of_gpus_count():
    (run,) = runs([SENT], [], 0, output(stdout="MIG-00000001-0000-0000-0000-000000000000"))
    assert run["gpus"] == ["MIG-00000001-0000-0000-0000-000000000000"]


def pod(phase, *containers):
    return {"metadata": {"name": "p", "namespace": "n"}, "status": {"phase": phase}, "spec": {"containers": containers}}


OWN = {"name": "c", "env": [{"name": "OTHER"}, {"name": "WANDB_RUN_ID", "value": "r"}]}


@pytest.mark.parametrize(
    ("pod", "moved", "found"),
    [
        pytest.param(pod("Running", OWN), True, [True], id="running"),
        pytest.param(pod("Succeeded", OWN), True, [False], id="ended"),
        pytest.param(pod("Pending", OWN), True, [], id="pending"),
        pytest.param(pod("Running", OWN), False, [], id="nothing-new"),
        pytest.param(pod("Running", {"name": "c"}), True, [], id="somebody-elses"),
        pytest.param({**pod("", OWN), "status": None}, True, [], id="no-status"),
    ],
)
def test_containers_to_ask(pod, moved, found):
    asked = pods_of([pod], [{"run_id": "r", "moved": moved}])
    assert [one["running"] for one in asked] == found
    assert all(one["run_id"] == "r" and one["container"] == "c" for one in asked)


def test_known():
    assert FILTERS["launch_runs_known"]([{**SENT, "item_id": None}]) == [
        {"item_id": "", "run_id": "r", "state": "queued"}
    ]


GOOD = {"entity": "e", "queue": "q", "key": True, "count": "2", "timeout": 60, "values": {}, "args": []}


@pytest.mark.parametrize(
    ("inputs", "what"),
    [
        pytest.param({}, {"image": "wandb/job_hello_world:main"}, id="default"),
        pytest.param({"example": "stable_diffusion"}, {"image": "wandb/job_stable_diffusion_inference:main"}, id="sd"),
        pytest.param({"image": "x:1"}, {"image": "x:1"}, id="image"),
        pytest.param({"job": "a/b/c:d"}, {"job": "a/b/c:d"}, id="job"),
    ],
)
def test_what_to_run(inputs, what):
    plan = FILTERS["launch_submit_plan"]({**GOOD, **inputs})
    assert plan == {"what": what, "overrides": {}, "problems": []}


def test_arguments_are_texts():
    assert FILTERS["launch_submit_plan"]({**GOOD, "args": ["--n", 3]})["overrides"] == {"args": ["--n", "3"]}


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        pytest.param({"entity": ""}, "launch_agent_entity", id="entity"),
        pytest.param({"queue": None}, "submit_queue", id="queue"),
        pytest.param({"key": False}, "WANDB_API_KEY", id="key"),
        pytest.param({"image": "x", "example": "hello_world"}, "submit_example and submit_image are set", id="two"),
        pytest.param({"example": "x"}, "known are hello_world", id="example"),
        pytest.param({"values": "gpus=2"}, "submit_values must be a mapping", id="values"),
        pytest.param({"args": "--x"}, "submit_args must be a list", id="args"),
        pytest.param({"count": 0}, "submit_count is '0'", id="none"),
        pytest.param({"count": 51}, "from 1 to 50", id="many"),
        pytest.param({"count": "\u0662"}, "submit_count", id="foreign-digit"),
        pytest.param({"timeout": "1h"}, "submit_timeout is '1h'", id="timeout"),
    ],
)
def test_each_wrong_input_is_named(inputs, word):
    (problem,) = FILTERS["launch_submit_plan"]({**GOOD, **inputs})["problems"]
    assert word in problem


@pytest.mark.parametrize("name", ["launch_runs", "launch_runs_table", "launch_runs_known", "launch_run_pods"])
def test_runs_need_a_list(name):
    with pytest.raises(AnsibleFilterError, match=f"{name} needs a list"):
        FILTERS[name](*["x"] * (2 if name == "launch_run_pods" else 1))


def test_inputs_need_a_mapping():
    with pytest.raises(AnsibleFilterError, match="needs a mapping"):
        FILTERS["launch_submit_plan"]([])
