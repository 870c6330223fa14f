# SPDX-License-Identifier: GPL-3.0-or-later
"""What a queue may ask for; the plan itself is tested through its filter."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.launch.agent_plan import Problem, highest_gpus, made_of


@pytest.mark.parametrize(
    ("variables", "highest"),
    [
        pytest.param({}, 0, id="no-variable"),
        pytest.param({"gpus": {"type": "integer", "maximum": 4}}, 4, id="bound"),
        pytest.param({"gpus": {"type": "integer"}}, 0, id="open"),
        pytest.param({"gpus": {"type": "wrong"}}, 0, id="unreadable"),
    ],
)
def test_highest_gpus(variables, highest):
    assert highest_gpus(variables) == highest


def test_a_problem_may_have_no_way_out_of_its_own():
    assert Problem("AGT024", "refuse", "x", "is wrong").text() == "x: AGT024 is wrong"


@pytest.mark.parametrize(
    ("config", "made"),
    [
        pytest.param({}, ("jobs.batch", ""), id="a-job"),
        pytest.param({"namespace": "a", "metadata": {"namespace": "b"}}, ("jobs.batch", "b"), id="metadata-counts"),
        pytest.param({"namespace": "a", "metadata": 1}, ("jobs.batch", "a"), id="top-level"),
        pytest.param(
            {"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob"}, ("pytorchjobs.kubeflow.org", ""), id="custom"
        ),
    ],
)
def test_what_the_agent_makes(config, made):
    assert made_of(config) == made
