# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the run's own report ends a run well; the item alone never does."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.progress import progress
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.submission import Submission


@pytest.mark.parametrize(
    ("item", "run", "phase", "started", "ended", "ok"),
    [
        pytest.param(None, None, "gone", False, True, False, id="gone"),
        pytest.param("PENDING", None, "queued", False, False, False, id="queued"),
        pytest.param("LEASED", None, "leased", False, False, False, id="leased"),
        pytest.param("CLAIMED", None, "starting", False, False, False, id="starting"),
        pytest.param("CLAIMED", "running", "running", True, False, False, id="running"),
        pytest.param("CLAIMED", "finished", "finished", True, True, True, id="finished"),
        pytest.param("CLAIMED", "crashed", "crashed", True, True, False, id="crashed"),
        pytest.param("FAILED", None, "failed", False, True, False, id="never-reported"),
        pytest.param("FAILED", "running", "failed", True, True, False, id="failed-while-running"),
        pytest.param("SOMETHING", None, "something", False, False, False, id="unknown"),
    ],
)
def test_progress(item, run, phase, started, ended, ok):
    seen = progress(item and {"state": item, "associatedRunId": "r"}, run)
    assert (seen.phase, seen.started, seen.ended, seen.ok) == (phase, started, ended, ok)
    assert seen.run_id == (item and "r")


PARAMS = {"queue": "q", "entity": "e", "project": "p", "image": "x:1", "values": {"gpus": "2"}, "priority": "high"}
DECLARED = {"gpus": {"type": "integer", "maximum": 4, "x-new": 1}, "other": {"type": "string", "default": "d"}}


def test_request_converts_values_and_leaves_defaults_to_the_server():
    run = Submission.from_params({**PARAMS, "run_id": "abc", "overrides": {"args": ["--x"]}})
    request = run.request("model-registry", DECLARED)
    assert json.loads(request["templateVariableValues"]) == {"gpus": 2}
    assert request["priority"] == 1
    spec = json.loads(request["runSpec"])
    assert spec["docker"] == {"docker_image": "x:1"}
    assert spec["run_id"] == "abc"
    assert spec["overrides"] == {"args": ["--x"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"values": {"gpus": 5}}, r"values\.gpus: 5 is above the maximum 4", id="maximum"),
        pytest.param({"values": {"cpus": 5}}, r"values\.cpus: the queue has no such", id="unknown"),
        pytest.param({"image": "--privileged"}, "image: ", id="image"),
        pytest.param({"image": None, "job": "x"}, "no job reference", id="job"),
        pytest.param({"run_id": "a b"}, "run_id", id="run-id"),
    ],
)
def test_refused(change, message):
    with pytest.raises(LaunchInputError, match=message):
        Submission.from_params({**PARAMS, **change}).request("model-registry", DECLARED)


def test_job_reference():
    run = Submission.from_params({**PARAMS, "image": None, "job": "team/demo/job:latest", "queue_entity": "o"})
    assert run.spec["job"] == "team/demo/job:latest"
    assert run.queue_entity == "o"
