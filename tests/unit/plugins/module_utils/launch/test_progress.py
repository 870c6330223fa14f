# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the run's own report ends a run well; the item alone never does."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.errors import LaunchInputError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.progress import end_text, late_text, progress
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.queue import Queue
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


@pytest.mark.parametrize(
    ("item", "run", "why", "words"),
    [
        pytest.param(None, None, "", "somebody took it out of the queue", id="gone"),
        pytest.param("FAILED", None, "no wandb.init", "its agent gave it up: no wandb.init", id="agent"),
        pytest.param("FAILED", None, "", "the server gives no reason", id="agent-silent"),
        pytest.param("CLAIMED", "failed", "", "ended failed: its program ended with an error", id="failed"),
        pytest.param("CLAIMED", "crashed", "", "nothing was heard of it", id="crashed"),
        pytest.param("CLAIMED", "killed", "", "somebody stopped it", id="killed"),
        pytest.param("CLAIMED", "preempted", "", "had to give way", id="preempted"),
    ],
)
def test_each_end_has_its_words(item, run, why, words):
    seen = progress(item and {"state": item, "associatedRunId": "r"}, run)
    assert seen.ended
    assert words in end_text(seen, why)


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        pytest.param("queued", "no agent has taken it", id="queued"),
        pytest.param("leased", "not yet begun", id="leased"),
        pytest.param("starting", "no node has free GPUs", id="starting"),
        pytest.param("running", "still running after 9 s: it goes on", id="running"),
    ],
)
def test_time_that_is_over_has_a_likely_reason(phase, words):
    assert words in late_text(phase, 9.4)


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


@pytest.mark.parametrize(
    ("given", "number"),
    [("critical", 0), ("3", 3), (1, 1), ("medium", 2)],
)
def test_priorities_by_name_and_number(given, number):
    assert Submission.from_params({**PARAMS, "priority": given}).priority == number


def test_without_a_priority_none_is_sent():
    run = Submission.from_params({**PARAMS, "priority": None})
    assert "priority" not in run.request("model-registry", DECLARED)
    run.check_queue(Queue("q"))


@pytest.mark.parametrize(
    ("change", "queue", "message"),
    [
        pytest.param({"priority": "high"}, Queue("q"), "priority: queue 'q' has no prioritization", id="no-priorities"),
        pytest.param({}, Queue("q", resource="sagemaker"), "is a sagemaker queue", id="kind"),
    ],
)
def test_a_run_that_does_not_fit_its_queue(change, queue, message):
    with pytest.raises(LaunchInputError, match=message):
        Submission.from_params({**PARAMS, "priority": None, **change}).check_queue(queue)


def test_a_run_with_priority_fits_a_queue_with_priorities():
    run = Submission.from_params(PARAMS)
    run.check_queue(Queue("q", prioritization_mode="V0"))
    assert run.priority == 1


@pytest.mark.parametrize("priority", ["urgent", 4, -1, True])
def test_priorities_that_are_none(priority):
    with pytest.raises(LaunchInputError, match="is not one of critical"):
        Submission.from_params({**PARAMS, "priority": priority})


def test_a_variable_of_an_unknown_kind_is_left_to_the_server():
    odd = {**DECLARED, "flag": {"type": "boolean"}, "unused": {"type": "boolean"}}
    run = Submission.from_params({**PARAMS, "values": {"gpus": 1, "flag": True}})
    assert json.loads(run.request("p", odd)["templateVariableValues"]) == {"gpus": 1, "flag": True}


CONFIG = {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "{{gpus}}"}}}]}}}}
GPUS = {"gpus": {"type": "integer", "maximum": 4}}


def test_prediction():
    run = Submission.from_params({**PARAMS, "run_id": "abc"})
    found = run.prediction(Queue("q", config=CONFIG, variables=GPUS), "0.31.0", "https://x")
    assert found["manifests"][-1]["spec"]["template"]["spec"]["containers"][0]["resources"] == {
        "limits": {"nvidia.com/gpu": 2}
    }
    assert (found["refused"], found["not_predicted"]) == (None, "")


@pytest.mark.parametrize(
    ("change", "queue", "reason"),
    [
        pytest.param({"image": None, "job": "a/b/c:d"}, Queue("q"), "a job's image is not known", id="job"),
        pytest.param({}, Queue("q", config={"a": "{{x}}"}), "'x' is not declared", id="web-form"),
    ],
)
def test_what_cannot_be_predicted_says_why(change, queue, reason):
    run = Submission.from_params({**PARAMS, "run_id": "abc", **change})
    assert reason in run.prediction(queue, "0.31.0", "https://x")["not_predicted"]


def test_a_run_that_its_agent_would_refuse():
    run = Submission.from_params({**PARAMS, "run_id": "abc", "values": {}})
    found = run.prediction(Queue("q", config={"spec": {"hostPID": True}}), "0.31.0", "https://x")
    assert "spec.hostPID" in found["refused"]
    assert found["manifests"] == []
