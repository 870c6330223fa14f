# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job takes, read from the documented shapes of queue configs."""

import pytest

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.demand import Job, largest, read_job
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.gpu.quantity import CapacityError

GPU = "nvidia.com/gpu"


def pod(*resources, **more):
    return {"template": {"spec": {"containers": [{"resources": given} for given in resources], **more}}}


@pytest.mark.parametrize(
    ("config", "job"),
    [
        pytest.param(
            {"spec": pod({"limits": {"cpu": 4, "memory": "12Gi", GPU: 1}})}, Job(4000, 12288, 1), id="the-tutorial"
        ),
        pytest.param(
            {"spec": pod({"requests": {"cpu": "100m"}, "limits": {"cpu": 1, "memory": "512Mi"}})},
            Job(100, 512, 0),
            id="a-request-wins-a-limit-without-one-counts",
        ),
        pytest.param(
            {"spec": pod({"limits": {"cpu": 1}}, {"limits": {"cpu": 2, GPU: "2"}})},
            Job(3000, 0, 2),
            id="containers-add-up",
        ),
        pytest.param(
            {
                "spec": pod(
                    {"limits": {"cpu": 1}}, initContainers=[{"resources": {"limits": {"cpu": 8, "memory": "1Gi"}}}]
                )
            },
            Job(8000, 1024, 0),
            id="the-largest-of-those-before",
        ),
        pytest.param({"spec": {"parallelism": 3, **pod({"limits": {"cpu": 2}})}}, Job(6000, 0, 0), id="parallel-pods"),
        pytest.param(
            {
                "spec": {
                    "pytorchReplicaSpecs": {
                        "Master": {"replicas": 1, **pod({"limits": {GPU: 1, "memory": "4Gi"}})},
                        "Worker": {"replicas": 2, **pod({"limits": {GPU: 1, "memory": "8Gi"}})},
                    }
                }
            },
            Job(0, 20480, 3),
            id="pytorchjob",
        ),
        pytest.param(
            {"spec": {"tasks": [{"replicas": 2, **pod({"limits": {GPU: 2}})}, pod({"limits": {"cpu": 1}})]}},
            Job(1000, 0, 4),
            id="volcano",
        ),
        pytest.param({"spec": {"replicas": 0, **pod({"limits": {"cpu": 1}})}}, Job(0, 0, 0), id="no-replica"),
        pytest.param(
            {"spec": {"replicas": True, **pod({"limits": {"cpu": 1}})}}, Job(1000, 0, 0), id="bool-is-no-number"
        ),
        pytest.param({"spec": pod(None, {"limits": None}, {})}, Job(0, 0, 0), id="nothing-asked"),
        pytest.param({"spec": {"containers": ["x"], "initContainers": "y"}}, Job(0, 0, 0), id="not-containers"),
        pytest.param({}, Job(0, 0, 0), id="empty"),
    ],
)
def test_shapes(config, job):
    assert read_job(config) == job


def test_error_names_the_place():
    with pytest.raises(
        CapacityError, match=r"^spec\.template\.spec\.containers\[1\]\.resources\.limits\.memory: '12GB'"
    ):
        read_job({"spec": pod({}, {"limits": {"memory": "12GB"}})})


def test_largest_is_as_large_as_each():
    assert largest([Job(1000, 5, 2), Job(2000, 4, 1, 4)]) == Job(2000, 5, 2, 4)
    assert largest([]) == Job(0, 0, 0)


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (Job(3500, 12288, 1), "1 GPU, 3.5 CPU and 12Gi"),
        (Job(0, 0, 2), "2 GPUs"),
        (Job(100, 100, 0), "0.1 CPU and 100Mi"),
        (Job(0, 0, 0), "nothing"),
    ],
)
def test_words(job, text):
    assert job.text() == text
