# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter: queues as users write them in, plain data out, errors translated."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mlinfra.gpu_launch.plugins.filter.capacity_plan import FilterModule

MACHINE = {"gpus": 4, "cpus": 16, "memory_mib": 60293}
GPUS = {"gpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4}}
plan = FilterModule().filters()["capacity_plan"]


def queue(cpu=4, memory="12Gi", gpu="{{gpus}}", variables=None, **more):
    limits = {"cpu": cpu, "memory": memory, "nvidia.com/gpu": gpu}
    config = {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": limits}}]}}}}
    return {"name": "q", "config": config, "template_variables": GPUS if variables is None else variables, **more}


def test_queue_of_the_tutorial_on_the_reference_machine():
    result = plan(MACHINE, [queue(max_jobs=4)], addons=["ingress"])
    assert (result["job"]["gpus_max"], result["jobs"], result["max_jobs"], result["fits"]) == (4, 3, 3, False)
    assert [proposal["jobs"] for proposal in result["proposals"]] == [3, 4]
    assert result["proposals"][1]["job"]["cpu"] == "3.5"


def test_jobs_by_hand_win_over_the_queues():
    assert plan(MACHINE, queue(max_jobs=4))["asked"] == 4
    assert plan(MACHINE, queue(max_jobs=4), jobs=2)["asked"] == 2
    assert plan(MACHINE, queue(), jobs="2")["refusals"] == []


def test_text_is_read():
    text = "spec: {template: {spec: {containers: [{resources: {limits: {cpu: 500m}}}]}}}"
    result = plan({"cpus": 4, "memory_mib": 8192}, {"config": text})
    assert (result["job"]["cpu"], result["jobs"], result["limited_by"]) == ("0.5", 6, "cpu")


@pytest.mark.parametrize(
    ("cpu", "variable", "counted"),
    [
        pytest.param("{{n}}", {"type": "integer", "default": 2, "maximum": 8}, "8", id="maximum"),
        pytest.param("{{n}}", {"type": "integer", "default": 2}, "2", id="default"),
        pytest.param("{{n}}00m", {"type": "integer", "enum": [2, 5, 3]}, "0.5", id="largest-of-the-enum"),
        pytest.param("{{n}}", {"type": "string", "enum": ["2", "1"]}, "2", id="first-text"),
        pytest.param("{{n}}", {"type": "integer"}, "1", id="nothing-said"),
    ],
)
def test_variables_of_cpu_count_by_the_largest_value(cpu, variable, counted):
    variables = {**GPUS, "n": variable}
    assert plan(MACHINE, queue(cpu=cpu, variables=variables))["job"]["cpu"] == counted


def test_gpus_count_by_their_default_and_are_bounded_by_the_node():
    variables = {"gpus": {"type": "integer", "default": 2, "maximum": 8}}
    result = plan(MACHINE, queue(cpu=1, variables=variables))
    assert (result["job"]["gpus"], result["job"]["gpus_max"], result["jobs"]) == (2, 8, 2)
    assert result["refusals"] == ["a job may ask for 8 GPUs, the node has 4: it would wait for ever"]


def test_queues_are_planned_for_the_largest_job():
    result = plan(MACHINE, [queue(cpu=1, max_jobs=1), queue(memory="1Gi", max_jobs=1), {"name": "polled only"}])
    assert (result["job"]["cpu"], result["job"]["memory"], result["asked"]) == ("4", "12Gi", 2)


@pytest.mark.parametrize(
    ("machine", "queues", "message"),
    [
        pytest.param([], queue(), "needs a mapping with gpus", id="machine"),
        pytest.param({"gpu": 1}, queue(), "needs a mapping with gpus", id="unknown-number"),
        pytest.param(MACHINE, "q", "list of queues", id="text"),
        pytest.param(MACHINE, 7, "list of queues", id="number"),
        pytest.param({"gpus": None, "cpus": None}, queue(), "capacity_plan: cpus: .* not known", id="unknown-machine"),
        pytest.param(MACHINE, queue(memory="12GB"), r"limits\.memory: '12GB' is not a quantity", id="quantity"),
        pytest.param(MACHINE, queue(cpu="{{n}}"), "'{{n}}' is not a quantity", id="undeclared"),
        pytest.param(MACHINE, {"config": "a:\n\tb"}, "line 2, column 1", id="tab"),
        pytest.param(
            MACHINE, queue(variables={**GPUS, "n": {"type": "string"}}, cpu="{{n}}"), "{{n}}", id="text-without-a-value"
        ),
    ],
)
def test_errors_name_their_place(machine, queues, message):
    with pytest.raises(AnsibleFilterError, match=message):
        plan(machine, queues)
