# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue's config and variables as one job."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.demand import Job
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.quantity import CapacityError
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.job_demand import queue_job


def config(**limits):
    return {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": limits}}]}}}}


@pytest.mark.parametrize(
    ("variable", "job"),
    [
        pytest.param({"type": "integer", "default": 1, "maximum": 8}, Job(8000, 0, 1, 8), id="default-and-maximum"),
        pytest.param({"type": "integer", "minimum": 2}, Job(2000, 0, 2, 2), id="minimum"),
        pytest.param({"type": "integer", "maximum": 3}, Job(3000, 0, 3, 3), id="maximum-alone"),
        pytest.param({"type": "integer", "enum": [2, 4, 1]}, Job(4000, 0, 2, 4), id="enum"),
        pytest.param({"type": "integer"}, Job(1000, 0, 1, 1), id="nothing"),
    ],
)
def test_gpus_as_usual_cpus_as_the_largest(variable, job):
    assert queue_job(config(**{"cpu": "{{n}}", "nvidia.com/gpu": "{{n}}"}), {"n": variable}) == job


def test_text_without_a_value_can_not_be_counted():
    with pytest.raises(CapacityError, match=r"^config\.spec.*limits\.memory: '\{\{m\}\}'"):
        queue_job(config(memory="{{m}}"), {"m": {"type": "string"}})
