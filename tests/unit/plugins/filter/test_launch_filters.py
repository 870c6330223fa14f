# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters: types at the border, errors translated, all refusals of the role's queues at once."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter import launch_agent_plan as plan_file
from ansible_collections.mlinfra.gpu_launch.plugins.filter import launch_job_spec as spec_file
from ansible_collections.mlinfra.gpu_launch.plugins.filter import launch_kubeconfig as kube_file

plan = plan_file.FilterModule().filters()["launch_agent_plan"]
spec = spec_file.FilterModule().filters()["launch_job_spec"]
kubeconfig = kube_file.FilterModule().filters()["launch_kubeconfig"]
SETTINGS = {"entity": "team-a", "max_jobs": 0}
GPUS = {"gpus": {"type": "integer", "default": 1, "maximum": 8}}
CONFIG = (
    "spec:\n  template:\n    spec:\n      containers:\n        - resources: {limits: {nvidia.com/gpu: '{{gpus}}'}}\n"
)


def test_job_spec_reads_text():
    run = {"entity": "e", "project": "p", "image": "x:1"}
    result = spec(CONFIG, GPUS, {"gpus": 2}, run)
    containers = result["manifests"][1]["spec"]["template"]["spec"]["containers"]
    assert containers[0]["resources"]["limits"]["nvidia.com/gpu"] == 2


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param("a:\n\tb: 1", "line 2, column 1", id="tab"),
        pytest.param({"a": "{{x}}"}, "not declared", id="undeclared"),
    ],
)
def test_job_spec_translates_errors(config, message):
    with pytest.raises(AnsibleFilterError, match=message):
        spec(config)


def test_plan_of_good_queues():
    result = plan([{"name": "q", "config": CONFIG, "template_variables": GPUS, "max_jobs": 3}, {"name": "r"}], SETTINGS)
    assert result["refusals"] == []
    assert result["config"] == {"entity": "team-a", "queues": ["q", "r"], "max_jobs": 4}
    good, named = result["states"]
    assert (good["name"], good["has_config"], good["gpus"], len(good["digest"])) == ("q", True, 8, 64)
    assert named == {"name": "r", "has_config": False}
    assert sorted(problem["id"] for problem in result["problems"]) == ["AGT007", "AGT009"]
    assert {problem["act"] for problem in result["problems"]} == {"tell"}
    assert len(result["tells"]) == 2


def test_all_refusals_come_at_once():
    queues = [
        "text",
        {"name": "a", "maxjobs": 2},
        {"name": "b", "config": "a:\n\tb: 1"},
        {"name": "c", "max_jobs": 0},
        {"name": "d", "config": {"spec": {"hostPath": 1}}},
        {"name": "e", "config": {"a": "${WANDB_API_KEY}"}},
        {"name": "f", "config": {"a": "{{gpus}}"}},
        {"name": "g", "config": {"context": "x"}},
        {"name": "h", "config": {"a": "{{x}}"}, "template_variables": {"x": {"type": "text"}}},
        {
            "name": "i",
            "config": {"a": "{{y}}"},
            "template_variables": {"y": {"type": "string"}, "z": {"type": "string"}},
        },
        {"name": "j", "config": {"kubernetes": {}}},
    ]
    result = plan(queues, {**SETTINGS, "builder": {"x": 1}})
    expected = [
        ("AGT024", "mapping"),
        ("AGT024", "maxjobs"),
        ("AGT024", "line 2, column 1"),
        ("AGT024", "max_jobs"),
        ("AGT005", "hostPath"),
        ("AGT011", "WANDB_API_KEY"),
        ("AGT008", "'gpus' is not declared"),
        ("AGT003", "Specified context x"),
        ("AGT008", "is not one of string"),
        ("AGT008", "declared, but no {{z}}"),
        ("AGT023", "the outer key"),
        ("AGT001", "builder.x"),
    ]
    refused = [problem for problem in result["problems"] if problem["act"] == "refuse"]
    assert [problem["id"] for problem in refused] == [check for check, words in expected]
    for problem, text, (check, words) in zip(refused, result["refusals"], expected):
        assert words in problem["found"]
        assert check in text
    assert [state["name"] for state in result["states"]] == list("abcdefghij")


def test_a_bad_release_is_a_refusal():
    (text,) = plan([{"name": "q", "config": {}}], SETTINGS, agent_version="x")["refusals"]
    assert "not a version" in text


@pytest.mark.parametrize(
    ("queues", "settings"),
    [
        pytest.param([], SETTINGS, id="no-queue"),
        pytest.param([{"name": "q"}], {**SETTINGS, "entity": ""}, id="no-entity"),
        pytest.param([{"name": "q"}, {"name": "q"}], SETTINGS, id="named-twice"),
    ],
)
def test_what_is_left_to_the_comparison(queues, settings):
    assert plan(queues, settings)["refusals"] == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(lambda: plan("x", {}), "needs a list", id="queues"),
        pytest.param(lambda: plan([], []), "needs a mapping", id="settings"),
        pytest.param(lambda: kubeconfig(1), "needs the text", id="kube-type"),
        pytest.param(lambda: kubeconfig("a: [secret"), "is not YAML$", id="kube-yaml"),
        pytest.param(lambda: kubeconfig("{}"), "no context named None", id="kube-context"),
    ],
)
def test_wrong_types(call, message):
    with pytest.raises(AnsibleFilterError, match=message):
        call()


def test_kubeconfig():
    context = "contexts: [{name: a, context: {cluster: a, user: a}}]"
    cluster = "clusters: [{name: a, cluster: {server: 'https://x'}}]"
    text = f"{{current-context: a, {context}, {cluster}, users: [{{name: a, user: {{}}}}]}}"
    assert kubeconfig(text, "ns")["contexts"][0]["context"]["namespace"] == "ns"
